import type { Budget } from '../budget/budget.js'
import { extractTables } from './acpi-text-dumps.js'
import { ABSENT, unreadable } from './failure.js'
import { decoded } from './decode.js'
import { sortedNames } from './memory-entry.js'
import type { Read } from './sysroot.js'
import type { Step, Trace, TracedSysroot } from './trace.js'
import type { Origin, PassedOver } from './types.js'

/** Names under which people put the output of `acpidump` beside a copied tree. */
export const ACPI_DUMP_NAMES = ['acpidump.txt', 'acpidump.out', 'acpi.dump'] as const
const FIRMWARE = 'sys/firmware/acpi'
const DIRECTORY = `${FIRMWARE}/tables`

/** A machine whose ACPI tables come from a dump: the rest is the inner machine's. */
class AcpiDumpSysroot implements TracedSysroot {
  readonly origin: Origin
  readonly budget: Budget
  readonly passedOver: readonly PassedOver[]
  private readonly inner: TracedSysroot
  /** Content of the table files. Several tables of one signature are numbered, as the kernel does. */
  private readonly files = new Map<string, Uint8Array>()

  constructor(inner: TracedSysroot, tables: readonly { readonly signature: string; readonly bytes: Uint8Array }[]) {
    this.inner = inner
    this.origin = inner.origin
    this.budget = inner.budget
    this.passedOver = inner.passedOver ?? []
    const counts = new Map<string, number>()
    for (const { signature } of tables) counts.set(signature, (counts.get(signature) ?? 0) + 1)
    const numbers = new Map<string, number>()
    for (const { signature, bytes } of tables) {
      const number = (numbers.get(signature) ?? 0) + 1
      numbers.set(signature, number)
      this.files.set(counts.get(signature) === 1 ? signature : `${signature}${number}`, bytes)
    }
  }

  text(path: string): Read<string> {
    return decoded(this.bytes(path), this.budget)
  }

  bytes(path: string): Read<Uint8Array> {
    if (!isFirmware(path)) return this.inner.bytes(path)
    if (path === FIRMWARE || path === DIRECTORY) return unreadable('malformed')
    const content = path.startsWith(`${DIRECTORY}/`) ? this.files.get(path.slice(DIRECTORY.length + 1)) : undefined
    return content ? { state: 'known', value: content } : ABSENT
  }

  list(path: string): Read<readonly string[]> {
    if (path === FIRMWARE) return { state: 'known', value: ['tables'] }
    if (path === DIRECTORY) return { state: 'known', value: sortedNames(this.files.keys()) }
    return isFirmware(path) ? ABSENT : this.inner.list(path)
  }

  link(path: string): Read<string> {
    if (!isFirmware(path)) return this.inner.link(path)
    return this.bytes(path).state === 'absent' ? ABSENT : unreadable('malformed')
  }

  trace(path: string, follow: boolean): Trace {
    if (!isFirmware(path)) return this.inner.trace(path, follow)
    const names = path.split('/')
    const steps = names.map((_, index): Step => ({ path: names.slice(0, index).join('/'), kind: 'directory' }))
    const kind = path === FIRMWARE || path === DIRECTORY ? 'directory' : 'file'
    return { path, steps: [...steps, { path, kind: this.bytes(path).state === 'absent' ? 'absent' : kind }] }
  }
}

function isFirmware(path: string): boolean {
  return path === FIRMWARE || path.startsWith(`${FIRMWARE}/`)
}

/**
 * A copied tree beside which somebody put the output of `acpidump`, or the same machine where there is none or where the
 * tree has tables of its own. A dump in which no table is found leaves the tables as they were.
 */
export function withAcpiDump(sysroot: TracedSysroot): TracedSysroot {
  if (sysroot.list(DIRECTORY).state !== 'absent') return sysroot
  for (const name of ACPI_DUMP_NAMES) {
    const dump = sysroot.bytes(name)
    if (dump.state !== 'known') continue
    const { tables } = extractTables(dump.value, name, sysroot.budget)
    if (tables.length > 0) return new AcpiDumpSysroot(sysroot, tables)
  }
  return sysroot
}
