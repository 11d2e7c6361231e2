import { z } from 'zod'
import { REFERENCE_KINDS } from '../rules/rule.js'
import { SEVERITIES } from '../rules/severity.js'
import { ACTOR, list } from './schema-parts.js'

/** The shape of `rules --json`. A test holds that it infers exactly `RuleCatalogue`. */
export const RULE_CATALOGUE = z
  .object({
    schema: z.literal('intremap/rules'),
    schemaVersion: z.string().describe('Semantic version; fields are only added within a major'),
    rules: list(
      z.object({
        id: z.string().describe('IR and three digits; never used twice'),
        slug: z.string().describe('Its name in kebab-case'),
        title: z.string(),
        scope: z.enum(['machine', 'group', 'device', 'firmware']),
        severity: z.enum(SEVERITIES).describe('Of its findings, where a finding has none of its own'),
        effect: z.enum(['not-isolated', 'caveat', 'none']).describe('What a finding does to the verdict'),
        checks: z.string().describe('What is looked at'),
        why: z.string().describe('What a guest or a device can do where it does not pass'),
        remedy: list(
          z.object({
            actor: ACTOR.describe('Who can take it'),
            text: z.string(),
            machines: list(z.enum(['guest', 'x86', 'arm-acpi', 'devicetree'])).describe(
              'Kinds of machine that it is for; empty is all',
            ),
          }),
        ),
        limits: z.string().describe('What the rule cannot see'),
        references: list(z.object({ kind: z.enum(REFERENCE_KINDS), title: z.string(), locator: z.string() })),
      }),
    ).describe('In the order of their ids'),
  })
  .describe('The rules behind the verdicts')

/** The shape of `explain TERM --json`. */
export const TERM = z
  .object({
    schema: z.literal('intremap/term'),
    schemaVersion: z.string(),
    term: z.string(),
    kind: z.enum([
      'acronym',
      'verdict',
      'reason',
      'strength',
      'errno',
      'answer of a gate',
      'obstacle',
      'exit code',
      'line of the kernel log',
    ]),
    forms: list(z.string()).describe('Other ways to write it'),
    expansion: z.string().optional().describe('What an acronym stands for'),
    means: z.string().describe('What it means, in a sentence or two'),
    question: z.string().optional().describe('The question behind it, as explain asks it of a device'),
    rule: z.string().optional().describe('Id of the rule that looks for it'),
    source: z.string().optional().describe('Who prints a line of the kernel log'),
  })
  .describe('A word of the outputs, or a line of the kernel log, with what it means')
