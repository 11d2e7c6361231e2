import { escapeText } from '../render/escape.js'
import type { Capture, KeptFile } from '../capture/capture.js'

/** What `capture --list --json` prints. Fields are only added within a major version. */
export interface CaptureList {
  readonly schema: 'intremap/capture-list'
  readonly schemaVersion: string
  readonly source: { readonly kind: string; readonly name: string }
  readonly files: readonly KeptFile[]
}

/** The document of `capture --list`: what a bundle would hold. */
export function captureList({ record, files }: Capture): CaptureList {
  return { schema: 'intremap/capture-list', schemaVersion: '1.0.0', source: record.origin, files }
}

const total = (files: readonly KeptFile[]) => files.reduce((sum, { bytes }) => sum + bytes, 0)
const redactedOf = (files: readonly KeptFile[]) => files.filter(({ redacted }) => redacted).length

/** `123 files, 45678 bytes, 12 of them redacted`. */
export function captureSummary(files: readonly KeptFile[]): string {
  return `${files.length} files, ${total(files)} bytes, ${redactedOf(files)} of them redacted`
}

/** One line a file: bytes, `redacted` where something was taken away, path. */
export function captureListText({ files }: CaptureList): string {
  const lines = files.map(
    ({ path, bytes, redacted }) =>
      `${String(bytes).padStart(8)}  ${redacted ? 'redacted' : 'whole   '}  /${escapeText(path)}`,
  )
  return `${[...lines, captureSummary(files)].join('\n')}\n`
}
