import { Budget } from '../budget/budget.js'
import { isShallow, takesJson } from '../budget/json.js'
import { LIMITS, SINGLE } from '../budget/limits.js'
import { decodedText } from '../text/evidence-lines.js'
import { InputError } from './errors.js'
import { inputName, isDirectory, readInputFile } from './input-file.js'

const FILE = { limitBytes: LIMITS.archiveBytes, noun: 'a report', directoryHint: 'Give a file.' }

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What a path leads to: a report that was kept, or the content of something else, read once. */
export type KeptReport =
  | { readonly kind: 'report'; readonly report: Readonly<Record<string, unknown>> }
  | { readonly kind: 'other'; readonly content: Uint8Array | undefined }

/**
 * The report in a file, or what the file holds instead; nothing is read of a directory. Throws InputError for a report of
 * another major version and for one that was cut.
 */
export function readReport(path: string): KeptReport {
  if (isDirectory(path)) return { kind: 'other', content: undefined }
  return reportIn(path, readInputFile(path, FILE), new Budget())
}

/** The same of content that was read: whether it is a report, and of which version. */
export function reportIn(path: string, content: Uint8Array, budget: Budget): KeptReport {
  const start = decodedText(content.subarray(0, 512)).trimStart()
  if (!start.startsWith('{') || !start.includes('"intremap/report"')) return { kind: 'other', content }
  const name = inputName(path)
  if (content.length > SINGLE.reportBytes || !takesJson(content, 'reportValues', budget)) {
    const most = `${SINGLE.reportBytes} bytes or ${budget.limit('reportValues')} values`
    throw new InputError(`${name}: a report of more than ${most}`, { path, hint: 'Give the capture itself.' })
  }
  let value: unknown
  try {
    value = JSON.parse(decodedText(content))
  } catch {
    throw new InputError(`${name}: a report that was cut or changed: it is no JSON`, { path, hint: 'Make it anew.' })
  }
  if (!isRecord(value) || value['schema'] !== 'intremap/report') return { kind: 'other', content }
  const version = value['schemaVersion']
  if (typeof version !== 'string' || !version.startsWith('1.')) {
    throw new InputError(`${name}: a report of version ${String(version)}, which is not known here`, {
      path,
      hint: 'Make it with this version of intremap.',
    })
  }
  if (!isShallow(value)) {
    throw new InputError(`${name}: nested deeper than reports are`, { path, hint: 'Make it anew.' })
  }
  return { kind: 'report', report: value }
}
