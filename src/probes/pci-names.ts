import { gunzipSync } from 'node:zlib'
import { SINGLE } from '../budget/limits.js'
import { valueOr, type Fact } from '../machine/fact.js'
import type { PciFunction } from '../machine/pci.js'
import { PCI_ID_DATABASES } from '../machine/pci-id-databases.js'
import type { Sysroot } from '../sysroot/sysroot.js'

const NEWLINE = 0x0a
const TAB = 0x09
/** `C`: the list of classes, behind all vendors. */
const CLASSES = 0x43
/** Characters of a name that are kept; the longest of pci.ids has 130. */
const MOST_CHARACTERS = 200

/** The value of a digit of pci.ids, which has them in lower case; -1 for anything else. */
function digitAt(bytes: Uint8Array, at: number): number {
  const code = bytes[at] ?? 0
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  return code >= 0x61 && code <= 0x66 ? code - 0x57 : -1
}

/** The four hexadecimal digits at `at`, which two spaces end; -1 where there is something else. */
function idAt(bytes: Uint8Array, at: number): number {
  if (bytes[at + 4] !== 0x20 || bytes[at + 5] !== 0x20) return -1
  let id = 0
  for (let index = at; index < at + 4; index += 1) {
    const digit = digitAt(bytes, index)
    if (digit < 0) return -1
    id = id * 16 + digit
  }
  return id
}

/** Names of the wanted vendors and of their wanted devices. */
interface Vendor {
  name?: string
  readonly devices: Map<number, string | undefined>
}

/**
 * Reads from the bytes of a pci.ids the names of what is in `wanted`, line by line without making strings of the others,
 * and stops behind the last wanted vendor.
 *
 * Source: pci.ids itself: `vendor  name`, below it `<tab>device  name`, below that `<tab><tab>` subsystems; `#` begins a
 * comment.
 */
function readDatabase(bytes: Uint8Array, wanted: ReadonlyMap<number, Vendor>): void {
  const decoder = new TextDecoder()
  const nameAt = (from: number, end: number) =>
    decoder.decode(bytes.subarray(from, Math.min(end, from + MOST_CHARACTERS))).trim()
  let vendor: Vendor | undefined
  let left = wanted.size
  for (let from = 0; from < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, from)
    const end = newline < 0 ? bytes.length : newline
    const first = bytes[from]
    if (first === TAB) {
      const id = vendor === undefined ? -1 : idAt(bytes, from + 1)
      if (vendor?.devices.has(id)) vendor.devices.set(id, nameAt(from + 7, end))
    } else {
      const id = idAt(bytes, from)
      if (first === CLASSES || (id >= 0 && left === 0)) return
      // A comment or a blank line ends no vendor.
      if (id >= 0) {
        vendor = wanted.get(id)
        if (vendor) {
          vendor.name = nameAt(from + 6, end)
          left -= 1
        }
      }
    }
    from = end + 1
  }
}

/** The first list of ids that the machine has; undefined where it has none that can be read. */
function databaseOf(sysroot: Sysroot): Uint8Array | undefined {
  for (const path of PCI_ID_DATABASES) {
    const read = sysroot.bytes(path)
    if (read.state !== 'known') continue
    if (!path.endsWith('.gz')) return read.value
    try {
      const bytes = gunzipSync(read.value, { maxOutputLength: SINGLE.fileBytes })
      if (sysroot.budget.take('bytes', bytes.length)) return bytes
    } catch {
      // Damaged: the next one may do.
    }
  }
  return undefined
}

/** The vendor and device id of a function, where both are known. */
function idsOf({ vendor, device }: PciFunction): readonly [number, number] | undefined {
  return vendor.state === 'known' && device.state === 'known' ? [vendor.value, device.value] : undefined
}

/**
 * What lspci calls the functions, by their sysfs names, vendor first: from the machine's own pci.ids (`Device 10d3` for
 * a device that it does not list), or from a listing that was given as evidence. A capture has no such list, and that of
 * the host where it is looked at is not asked: the same input gives the same report everywhere. Names are for people; no
 * decision looks at them.
 */
export function probePciNames(sysroot: Sysroot, functions: Fact<readonly PciFunction[]>): ReadonlyMap<string, string> {
  const names = new Map(sysroot.origin.names)
  const { kind } = sysroot.origin
  if (kind !== 'live' && kind !== 'sysroot') return names
  const wanted = new Map<number, Vendor>()
  for (const fn of valueOr(functions, [])) {
    const ids = names.has(fn.name) ? undefined : idsOf(fn)
    if (ids === undefined) continue
    const [id, device] = ids
    const vendor = wanted.get(id) ?? { devices: new Map<number, string | undefined>() }
    vendor.devices.set(device, undefined)
    wanted.set(id, vendor)
  }
  const database = wanted.size > 0 ? databaseOf(sysroot) : undefined
  if (database === undefined) return names
  readDatabase(database, wanted)
  for (const fn of valueOr(functions, [])) {
    const [id = -1, device = -1] = idsOf(fn) ?? []
    const vendor = wanted.get(id)
    if (vendor?.name === undefined || names.has(fn.name)) continue
    names.set(
      fn.name,
      `${vendor.name} ${vendor.devices.get(device) ?? `Device ${device.toString(16).padStart(4, '0')}`}`,
    )
  }
  return names
}
