import { z } from 'zod'
import { REPORT } from './report-schema.js'
import { list } from './schema-parts.js'

/** The shape of `doctor --json`. A test holds that it infers exactly `DoctorReport`. */
export const DOCTOR = z
  .object({
    schema: z.literal('intremap/doctor'),
    schemaVersion: z.string().describe('Semantic version; fields are only added within a major'),
    tool: REPORT.shape.tool,
    source: REPORT.shape.source,
    user: z.enum(['root', 'other']).describe('Whether the process has root'),
    node: z.string().describe('Release of Node.js that runs it'),
    sights: list(
      z.object({
        id: z.string().describe('Stable name of the kind of evidence'),
        what: z.string().describe('The same in words'),
        state: z
          .enum(['seen', 'partly', 'hidden', 'not-there'])
          .describe('hidden: the machine may have it; not-there: it has none as far as anybody can see'),
        detail: z.string().describe('How much there is, or why not'),
        decides: z.boolean().describe('Whether verdicts rest on it'),
        tells: z.string().describe('What it would tell'),
        step: z.string().describe('What would bring what is missing; none where nothing is, or nothing would'),
      }),
    ).describe('Every kind of evidence once'),
    exitCode: z.literal([0, 3]).describe('3: some of what verdicts rest on is not seen'),
  })
  .describe('What a run can see of a machine, and what would add the rest')
