import { z } from 'zod'
import { FINDING } from './report-schema.js'

const COUNT = z.int().nonnegative()

const LINT_FINDING = FINDING.extend({
  path: z.string().describe('File of the first piece of evidence, or none'),
  offset: z.string().describe('Offset in that file: lower-case hex with 0x, or none'),
  node: z.string().describe('Node, structure or property it is about'),
  clause: z.array(z.string()).readonly().describe('Clauses of specifications and bindings'),
  linux: z.string().describe('What Linux makes of it on the release asked about, or none'),
  acsRule: z.array(z.string()).readonly().describe('Rules of the Arm Base System Architecture'),
})

/** The shape of a lint report, as zod sees it. A test holds that it infers exactly `LintReport`. */
export const LINT = z
  .object({
    schema: z.literal('intremap/lint'),
    schemaVersion: z.string().describe('Semantic version; fields are only added within a major'),
    tool: z.object({
      name: z.literal('intremap'),
      version: z.string(),
      ruleset: z.string().describe('Version of the rules'),
    }),
    source: z.object({
      kind: z.enum(['live', 'sysroot', 'bundle', 'emulated', 'files']),
      name: z.string().describe('What was named: a directory, a file, an emulated machine; / for the host'),
    }),
    kernelRelease: z.string().describe('Release that linux speaks about, or unknown: then about all'),
    files: z
      .array(
        z.object({
          path: z.string(),
          table: z.string().describe('Signature of the table, devicetree, or unrecognised'),
        }),
      )
      .readonly(),
    notJudged: z
      .array(z.object({ path: z.string(), table: z.string().describe('Name of the table') }))
      .readonly()
      .describe('Tables that no rule is about'),
    findings: z.array(LINT_FINDING).readonly().describe('Worst first'),
    rules: z
      .array(z.object({ rule: z.string(), outcome: z.enum(['pass', 'fail', 'unknown', 'not-applicable']) }))
      .readonly()
      .describe('What became of each rule about firmware'),
    summary: z.object({
      findings: z
        .object({ critical: COUNT, high: COUNT, medium: COUNT, low: COUNT, info: COUNT })
        .describe('Findings that failed, by severity'),
      rules: z
        .object({ pass: COUNT, fail: COUNT, unknown: COUNT, 'not-applicable': COUNT })
        .describe('Rules by outcome'),
    }),
    exitCode: z
      .literal([0, 1, 3])
      .describe(
        '1: a finding of the severity asked about, medium unless said otherwise; 3: none, but a table that is there cannot be read, or nothing was judged',
      ),
  })
  .describe('What the firmware of one machine says, judged')
