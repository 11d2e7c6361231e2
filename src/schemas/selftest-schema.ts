import { z } from 'zod'
import { list, VERDICT } from './schema-parts.js'

const COMPARISON = z.object({
  question: z
    .enum([
      'vfioType1',
      'iommufd',
      'device predicate',
      'group predicate',
      'viable',
      'never too strong',
      'never too weak',
      'verdict',
      'reason',
      'isolatedMsi',
      'finding',
      'present',
    ])
    .describe('What was asked of the report'),
  subject: z.string().describe('Device or group'),
  expected: z.string().describe('What the kernel answered, or what was written down by hand'),
  actual: z.string().describe('What the report says'),
  agrees: z.boolean(),
  undecided: z.boolean().describe('The report says unknown where the kernel answered: sound, but less than there was'),
})

/** The shape of `selftest --json`. A test holds that it infers exactly `SelftestResult`. */
export const SELFTEST = z
  .object({
    schema: z.literal('intremap/selftest'),
    schemaVersion: z.string().describe('Semantic version; fields are only added within a major'),
    machines: list(
      z.object({
        name: z.string(),
        title: z.string(),
        kind: z.enum(['captured', 'emulated', 'unknown']),
        verdict: VERDICT.describe('The weakest over its endpoints'),
        passed: z.boolean(),
        problem: z.string().optional().describe('What keeps the machine from being compared at all'),
        comparisons: z.int(),
        agreed: z.int(),
        undecided: list(COMPARISON).describe('Gates that the report leaves open'),
        lowered: list(
          z.object({
            subject: z.string(),
            expected: z.string(),
            actual: z.string(),
            rules: list(z.string()).describe('Ids of the rules that lowered it'),
          }),
        ).describe('Verdicts that a rule lowered, where the kernel does not know what the rule knows'),
        differences: list(COMPARISON).describe('What must not be'),
      }),
    ),
    passed: z.boolean().describe('All machines passed'),
    exitCode: z.literal([0, 1]),
  })
  .describe('The bundled machines, judged and compared with what is known of them')
