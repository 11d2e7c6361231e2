import { z } from 'zod'
import { REASONS } from '../rules/verdict.js'
import { list } from './schema-parts.js'

const VERSION = z.string().regex(/^1\./).describe('the version of this shape, 1.0.0')
const DESCRIPTION = z.string().optional().describe('For people')
const RULE = z
  .string()
  .regex(/^IR\d{3}$/)
  .describe('a rule such as IR001')

/** A file of accepted findings, for `--baseline`. */
export const BASELINE = z
  .strictObject({
    schema: z.literal('intremap/baseline'),
    schemaVersion: VERSION,
    description: DESCRIPTION,
    accepted: z
      .array(
        z.strictObject({
          accepts: z
            .string()
            .regex(new RegExp(`^(?:IR\\d{3}|${REASONS.join('|')})$`))
            .describe('a rule such as IR101, or the reason of a verdict such as gicv2m'),
          device: z.string().optional().describe('PCI address; every function where it is left out'),
          reason: z.string().regex(/\S/).describe('why somebody accepts it'),
          expires: z.iso.date().describe('the last day on which it counts, in UTC, such as 2027-01-31'),
        }),
      )
      .max(10_000),
  })
  .describe('What is known on hosts and accepted for a time; it gates the exit code and changes no verdict')

/** A file that says what is good enough, for `--policy`. */
export const POLICY = z
  .strictObject({
    schema: z.literal('intremap/policy'),
    schemaVersion: VERSION,
    description: DESCRIPTION,
    failOn: z
      .array(z.enum(['caveats', 'not-isolated', 'unknown', 'never']))
      .min(1)
      .optional()
      .describe('As --fail-on; not-isolated and unknown when left out'),
    criterion: z
      .enum(['isolated', 'assignable', 'kernel'])
      .optional()
      .describe('What is asked of a function; isolated when left out'),
    failOnRules: z.array(RULE).optional().describe('Rules that have to pass whatever the verdict'),
  })
  .describe('What is good enough: it decides the exit code and changes no verdict')

const ENTRY = z.object({
  accepts: z.string(),
  device: z.string().optional(),
  reason: z.string(),
  expires: z.string(),
})

/** What beside the verdicts decided the exit code of a report. */
export const GATE = z
  .object({
    policy: z.string().describe('strict, kernel, a file, or default'),
    failedRules: list(z.string()).describe('Rules that the policy wants passed and that did not pass'),
    baseline: z.union([
      z.object({
        name: z.string(),
        day: z.string().describe('The day in UTC that entries were held against'),
        accepted: list(ENTRY).describe('In force, and matched by something on this machine'),
        expired: list(ENTRY).describe('No longer in force'),
        unmatched: list(ENTRY).describe('Matched by nothing on this machine'),
        devices: list(z.string()).describe('Endpoints that are good enough by it alone'),
      }),
      z.literal('none'),
    ]),
  })
  .describe('Only where a policy or a baseline was given')
