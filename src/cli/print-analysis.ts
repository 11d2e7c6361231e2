import type { Analysis } from '../report/probe/build.js'
import type { FlagTable } from './command-spec.js'
import { FILE_FLAGS, writeResult, type FileFlags } from './file-flags.js'
import { assertOneForm } from './one-form.js'
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
  ...FILE_FLAGS,
} as const satisfies FlagTable

interface ReportOutputFlags extends OutputFlags, FileFlags {
  readonly json: boolean
  readonly format: ReportFormat
}

/** The one form that is asked for; a usage error where two are. */
export function formatOf({ json, format }: Pick<ReportOutputFlags, 'json' | 'format'>): ReportFormat {
  assertOneForm({ json, format })
  return json ? 'json' : format === 'human' ? 'text' : format
}

/** Writes a report as asked, and gives the exit code that goes with the form. */
export async function printAnalysis(analysis: Analysis, flags: ReportOutputFlags): Promise<number> {
  const isFile = flags.output !== undefined && flags.output !== '-'
  // A file is nobody's terminal.
  const options = renderOptions(isFile && flags.color === 'auto' ? { ...flags, color: 'never' } : flags)
  const { pieces, exitCode } = await renderAnalysis(analysis, formatOf(flags), { ...options, now: new Date() })
  writeResult(pieces, flags)
  return exitCode
}
