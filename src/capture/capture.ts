import { PCI_ID_DATABASES } from '../machine/pci-id-databases.js'
import type { RecordedRead, SysrootRecord } from '../sysroot/record.js'
import { RecordingSysroot } from '../sysroot/recording-sysroot.js'
import type { Sysroot } from '../sysroot/sysroot.js'
import type { TracedSysroot } from '../sysroot/trace.js'
import { writeBundle } from './bundle-writer.js'
import { RedactingSysroot } from './redacting-sysroot.js'

/** One file that a bundle keeps. */
export interface KeptFile {
  readonly path: string
  readonly bytes: number
  /** Whether something of it was taken away; false for what had been redacted before. */
  readonly redacted: boolean
}

/** A machine as it was read once. */
export interface Capture {
  readonly record: SysrootRecord
  /** Files with content, in code-unit order of the paths under which they were read. */
  readonly files: readonly KeptFile[]
  /** What is there and was not given to this user; without these the bundle tells less. */
  readonly denied: readonly string[]
  /** The bundle, with files beside the machine. */
  bundle(extras?: ReadonlyMap<string, Uint8Array>): Promise<Uint8Array>
}

/** Reads a machine with `probe`, redacted, and keeps exactly what was read, but for the list of names of PCI ids. */
export function captureMachine(sysroot: TracedSysroot, probe: (sysroot: Sysroot) => unknown): Capture {
  const redacting = sysroot instanceof RedactingSysroot ? sysroot : new RedactingSysroot(sysroot)
  const recording = new RecordingSysroot(redacting)
  probe(recording)
  const { origin, reads } = recording.record()
  const record = { origin, reads: reads.filter(({ path }) => !PCI_ID_DATABASES.includes(path)) }
  return {
    record,
    files: keptFiles(record.reads, redacting.redacted),
    denied: deniedPaths(record.reads),
    bundle: (extras) => writeBundle(record, extras),
  }
}

function deniedPaths(reads: readonly RecordedRead[]): readonly string[] {
  const denied = reads.filter(({ result }) => result.state === 'unreadable' && result.reason === 'permission')
  return [...new Set(denied.map(({ path }) => path))].sort()
}

function keptFiles(reads: readonly RecordedRead[], redacted: ReadonlySet<string>): readonly KeptFile[] {
  const files = new Map<string, KeptFile>()
  for (const { kind, path, result } of reads) {
    if ((kind !== 'text' && kind !== 'bytes') || result.state !== 'known') continue
    files.set(path, { path, bytes: result.value.length, redacted: redacted.has(path) })
  }
  return [...files.values()].sort((one, other) => (one.path < other.path ? -1 : 1))
}
