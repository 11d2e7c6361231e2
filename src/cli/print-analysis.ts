import type { Analysis } from '../report/probe/build.js'
import { UsageError } from './errors.js'
import type { FlagTable } from './command-spec.js'
import { writeStdout } from './output.js'
import { writeOutput } from './output-file.js'
import { REPORT_FORMATS, renderAnalysis, type ReportFormat } from '../render/report-formats.js'
import { renderOptions, type OutputFlags } from './terminal.js'

/** How a report of `probe` is written, and where to. */
export const REPORT_OUTPUT = {
  format: {
    kind: 'choice',
    summary:
      'text, json (--json is short for it), ndjson, markdown, html, sarif, junit, prometheus, nagios or nfd: docs/formats.md tells what each is for. human is an older name of text.',
    value: 'FORM',
    options: REPORT_FORMATS,
    default: 'text',
    group: 'OUTPUT',
  },
  output: {
    kind: 'string',
    char: 'o',
    summary: 'Write to this file, whole or not at all, instead of standard output.',
    value: 'FILE',
    group: 'OUTPUT',
  },
  force: { kind: 'boolean', summary: 'Overwrite the file.', group: 'OUTPUT' },
} as const satisfies FlagTable

interface ReportOutputFlags extends OutputFlags {
  readonly json: boolean
  readonly format: ReportFormat
  readonly output?: string | undefined
  readonly force: boolean
}

/** The one form that is asked for; a usage error where two are. */
export function formatOf({ json, format }: Pick<ReportOutputFlags, 'json' | 'format'>): ReportFormat {
  if (!json) return format === 'human' ? 'text' : format
  if (format === 'text' || format === 'human' || format === 'json') return 'json'
  throw new UsageError(`--json and --format ${format} exclude each other`, {
    path: '--format',
    hint: 'Give one of them.',
  })
}

/** Writes a report as asked, and gives the exit code that goes with the form. */
export async function printAnalysis(analysis: Analysis, flags: ReportOutputFlags): Promise<number> {
  const isFile = flags.output !== undefined && flags.output !== '-'
  // A file is nobody's terminal.
  const options = renderOptions(isFile && flags.color === 'auto' ? { ...flags, color: 'never' } : flags)
  const { text, exitCode } = await renderAnalysis(analysis, formatOf(flags), { ...options, now: new Date() })
  if (flags.output === undefined) writeStdout(text)
  else writeOutput(flags.output, Buffer.from(text, 'utf8'), flags.force)
  return exitCode
}
