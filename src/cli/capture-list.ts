import { escapeText } from '../render/layout/escape.js'
import type { Capture, KeptFile } from '../capture/capture.js'

/** What `capture --list --json` prints. Fields are only added within a major version. */
export interface CaptureList {
  readonly schema: 'intremap/capture-list'
  readonly schemaVersion: string
  readonly source: { readonly kind: string; readonly name: string }
  readonly files: readonly KeptFile[]
  /** Paths that this user may not read. */
  readonly denied: readonly string[]
}

/** The document of `capture --list`: what a bundle would hold, and what this user may not read. */
export function captureList({ record, files, denied }: Capture): CaptureList {
  const { kind, name } = record.origin
  return { schema: 'intremap/capture-list', schemaVersion: '1.0.0', source: { kind, name }, files, denied }
}

const total = (files: readonly KeptFile[]) => files.reduce((sum, { bytes }) => sum + bytes, 0)
const redactedOf = (files: readonly KeptFile[]) => files.filter(({ redacted }) => redacted).length

/** `123 files, 45678 bytes, 12 of them redacted`, and what root would add. */
export function captureSummary({ files, denied }: Pick<CaptureList, 'files' | 'denied'>): string {
  const kept = `${files.length} files, ${total(files)} bytes, ${redactedOf(files)} of them redacted`
  const left = denied.length === 1 ? '1 more was denied' : `${denied.length} more were denied`
  return denied.length === 0 ? kept : `${kept}; ${left}: run as root for a complete capture`
}

/** What a bundle keeps although it may say whose machine it is; docs/captures.md has the reasons. */
const KEPT_NAMES =
  'Kept because verdict or remedy needs it, look before you share: kernel release with its suffix, names of modprobe.d files, names of device-tree nodes and properties, makers of ACPI tables, drivers, PCI ids and addresses.'

/** One line a file: bytes, `redacted` where something was taken away, path; then what was denied. */
export function captureListText({ files, denied }: CaptureList): string {
  const lines = files.map(
    ({ path, bytes, redacted }) =>
      `${String(bytes).padStart(8)}  ${redacted ? 'redacted' : 'whole   '}  /${escapeText(path)}`,
  )
  const without = denied.map((path) => `${'-'.padStart(8)}  denied    /${escapeText(path)}`)
  return `${[...lines, ...without, captureSummary({ files, denied }), KEPT_NAMES].join('\n')}\n`
}
