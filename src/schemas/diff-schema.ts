import { z } from 'zod'
import { list } from './schema-parts.js'

const SIDE = z
  .object({ source: z.unknown(), tool: z.unknown(), platform: z.unknown() })
  .describe('As the report of that side has them')

/** The shape of `diff --json`. A test holds that it infers exactly `DiffReport`. */
export const DIFF = z
  .object({
    schema: z.literal('intremap/diff'),
    schemaVersion: z.string().describe('Semantic version; fields are only added within a major'),
    before: SIDE,
    after: SIDE,
    changes: list(
      z.object({
        area: z.enum([
          'verdicts',
          'devices',
          'kernel',
          'groups',
          'findings',
          'platform',
          'settings',
          'tables',
          'components',
          'unread',
        ]),
        subjects: list(z.string()).describe('Addresses, groups, rules, files; empty for the machine itself'),
        field: z.string().describe('What of them'),
        before: z.string().describe('none on the side that has it not'),
        after: z.string().describe('none on the side that has it not'),
        kind: z
          .enum(['changed', 'came', 'gone'])
          .describe('Whether the subjects have another value, or came or went as a whole'),
        direction: z
          .enum(['weaker', 'stronger', 'none'])
          .describe('Whether isolation became weaker or stronger by it; none for what is no verdict'),
      }),
    ).describe('The same change of several subjects once'),
    comparedInPart: list(
      z.object({
        subject: z.string().describe('The table, or device tree'),
        leftOutBefore: z.int().describe('Nodes, properties and records of that side that were not compared'),
        leftOutAfter: z.int(),
      }),
    ).describe('What says more than is decoded of one input: further differences are possible'),
    exitCode: z
      .literal([0, 1])
      .describe('1: an endpoint is weaker than before, or one that came is not isolated or unknown'),
  })
  .describe('What differs between two captures, reports or hosts')
