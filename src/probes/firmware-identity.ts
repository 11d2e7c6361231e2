import { Sha256 } from '../binary/sha256.js'
import type { AcpiTables } from '../machine/acpi.js'
import { walkNodes, type DeviceTree } from '../machine/devicetree.js'
import { absent, known, unreadable, type Fact } from '../machine/fact.js'
import type { FirmwareIdentity } from '../machine/firmware-identity.js'
import type { Sysroot } from '../sysroot/sysroot.js'
import type { TableBytes } from './acpi/tables.js'
import { readMatching } from './attribute.js'

const DMI = 'sys/class/dmi/id'
const TABLES = 'sys/firmware/acpi/tables'
/** Tables that verdicts depend on; of others a capture keeps nothing. */
const DECIDING = /^(?:APIC|DMAR|IORT|IVRS|MCFG|RIMT|VIOT)\d*$/

/** Length before content, so that no two lists of pieces hash alike. */
function add(hash: Sha256, piece: string | Uint8Array): void {
  const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece
  hash.add(Buffer.from(`${bytes.length}:`))
  hash.add(bytes)
}

/** Adds every table; gives the first that could not be read. */
function addTables(hash: Sha256, bytesOf: TableBytes, names: readonly string[]): Fact<string> | undefined {
  for (const name of names) {
    const content = bytesOf(name)
    if (content.state !== 'known')
      return unreadable(content.state === 'absent' ? 'not-collected' : content.reason, { path: `${TABLES}/${name}` })
    add(hash, name)
    add(hash, content.value)
  }
  return undefined
}

/** Adds every property that was read, node by node in the order of the paths. */
function addTree(hash: Sha256, { root, complete }: DeviceTree): Fact<string> | undefined {
  if (!complete) return unreadable('io', { path: root.source })
  const nodes = [...walkNodes(root)].sort((one, other) => (one.path < other.path ? -1 : 1))
  for (const { path, properties } of nodes) {
    add(hash, path)
    for (const [name, value] of [...properties].sort(([one], [other]) => (one < other ? -1 : 1))) {
      if (value.state === 'unreadable') return unreadable(value.reason, ...value.from)
      if (value.state === 'absent') continue
      add(hash, name)
      add(hash, value.value)
    }
  }
  return undefined
}

function fingerprintOf(bytesOf: TableBytes, { names }: AcpiTables, tree: Fact<DeviceTree>): Fact<string> {
  if (names.state === 'unreadable') return names
  if (tree.state === 'unreadable') return tree
  const tables = names.state === 'known' ? names.value.filter((name) => DECIDING.test(name)) : []
  if (tables.length === 0 && tree.state === 'absent') return absent(...names.from, ...tree.from)
  const hash = new Sha256()
  const unread = addTables(hash, bytesOf, tables) ?? (tree.state === 'known' ? addTree(hash, tree.value) : undefined)
  return unread ?? known(hash.digest(), ...names.from, ...tree.from)
}

/** Version and date as DMI has them, and a fingerprint of what tables and tree say. For people: no decision asks. */
export function probeFirmwareIdentity(
  sysroot: Sysroot,
  bytesOf: TableBytes,
  acpi: AcpiTables,
  tree: Fact<DeviceTree>,
): FirmwareIdentity {
  return {
    version: readMatching(sysroot, DMI, 'bios_version', /^[\w.()+ -]{1,64}$/, (text) => text.trim()),
    date: readMatching(sysroot, DMI, 'bios_date', /^\d{2}\/\d{2}\/\d{4}$/, (text) => text),
    fingerprint: fingerprintOf(bytesOf, acpi, tree),
  }
}
