import { renderJunit } from '../render/formats/junit.js'
import { toJson } from '../render/formats/json.js'
import { renderLintText } from '../render/lint/lint-text.js'
import { renderSarif } from '../render/formats/sarif.js'
import { findingsOfLint, type FindingsDocument } from '../report/lint/findings-document.js'
import type { LintFailOn, LintReport } from '../report/lint/lint-report.js'
import { InputError } from './errors.js'
import { writeStdout } from './output.js'
import { renderOptions, type OutputFlags } from './terminal.js'

/** Prints findings in one of the formats that other programs collect. */
function printFindings(document: FindingsDocument, format: 'sarif' | 'junit'): void {
  writeStdout(format === 'sarif' ? renderSarif(document) : renderJunit(document))
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
    hint: 'Give binary tables, text of acpidump, iasl or acpiview, device-tree blobs or sources, or a capture.',
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
