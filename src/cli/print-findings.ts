import { renderJunit } from '../render/formats/junit.js'
import { toJson } from '../render/formats/json.js'
import { renderLintText } from '../render/lint/lint-text.js'
import { renderSarif } from '../render/formats/sarif.js'
import { findingsOfLint, findingsOfProbe, type FindingsDocument } from '../report/lint/findings-document.js'
import type { Analysis } from '../report/probe/build.js'
import type { LintFailOn, LintReport } from '../report/lint/lint-report.js'
import type { FlagTable } from './command-spec.js'
import { InputError, UsageError } from './errors.js'
import { writeStdout } from './output.js'
import { printReport } from './print.js'
import { renderOptions, type OutputFlags } from './terminal.js'

/** Prints findings in one of the formats that other programs collect. */
function printFindings(document: FindingsDocument, format: 'sarif' | 'junit'): void {
  writeStdout(format === 'sarif' ? renderSarif(document) : renderJunit(document))
}

/** --json and another form of output cannot both be had. */
export function assertOneForm({ json, format }: { readonly json: boolean; readonly format: string }): void {
  if (!json || (format !== 'sarif' && format !== 'junit')) return
  throw new UsageError(`--json and --format ${format} exclude each other`, {
    path: '--format',
    hint: 'Give one of them.',
  })
}

/** The forms that `probe` has. */
export const PROBE_FORMAT = {
  format: {
    kind: 'choice',
    summary:
      'Form of the output; --json is short for json, human an older name of text. sarif and junit hold the findings.',
    options: ['text', 'json', 'sarif', 'junit', 'human'],
    default: 'text',
    group: 'OUTPUT',
  },
} as const satisfies FlagTable

interface ProbePrintFlags extends OutputFlags {
  readonly json: boolean
  readonly format: 'text' | 'json' | 'sarif' | 'junit' | 'human'
}

/** Whether people are to read it. */
export function wantsText({ json, format }: ProbePrintFlags): boolean {
  return !json && (format === 'text' || format === 'human')
}

/** Prints a report as asked. */
export function printAnalysis({ report, evaluation }: Analysis, flags: ProbePrintFlags): void {
  const { json, format } = flags
  if (json || format === 'text' || format === 'human' || format === 'json') {
    printReport(report, 'human-probe', { ...flags, json: json || format === 'json' })
    return
  }
  printFindings(findingsOfProbe(report, evaluation), format)
}

interface LintPrintFlags extends OutputFlags {
  readonly json: boolean
  readonly format: 'text' | 'json' | 'sarif' | 'junit' | 'human'
}

/** Where no file is anything that can be judged there is no report. */
function assertRecognised({ files, findings, source }: LintReport): void {
  if (source.kind !== 'files' || files.some(({ table }) => table !== 'unrecognised')) return
  const [first] = findings
  throw new InputError(`${first?.path ?? source.name}: ${first?.summary ?? 'no table'}`, {
    path: first?.path ?? source.name,
    hint: 'Give binary tables, text of acpidump, iasl or acpiview, device-tree blobs, or a capture.',
  })
}

/** Prints a lint report as asked; --json is short for --format json. */
export function printLint(report: LintReport, failOn: LintFailOn, flags: LintPrintFlags): void {
  assertRecognised(report)
  const format = flags.json ? 'json' : flags.format
  switch (format) {
    case 'text':
    case 'human':
      writeStdout(renderLintText(report, renderOptions(flags)))
      break
    case 'json':
      writeStdout(toJson(report))
      break
    case 'sarif':
    case 'junit':
      printFindings(findingsOfLint(report, failOn), format)
      break
  }
}
