import type { AcpiTables } from '../machine/acpi.js'
import type { DecodedTable } from '../machine/acpi-table.js'
import { known, unreadable, type Fact } from '../machine/fact.js'
import type { FirmwareFile, FirmwareInput } from '../machine/firmware-input.js'
import type { DeviceTree } from '../machine/devicetree.js'
import { finishTree } from '../machine/devicetree-builder.js'
import type { FirmwareSource } from '../sysroot/firmware-source.js'
import type { Sysroot } from '../sysroot/sysroot.js'
import { parseDmar } from './acpi/dmar.js'
import { parseIort } from './acpi/iort.js'
import { parseIvrs } from './acpi/ivrs.js'
import { parseMadt } from './acpi/madt.js'
import { parseMcfg } from './acpi/mcfg.js'
import { parseRimt } from './acpi/rimt.js'
import { parseViot } from './acpi/viot.js'
import { readDeviceTreeDirectory } from './devicetree/directory.js'
import { machineFromFiles, machineFromTree } from './firmware-files.js'
import { probeMachine } from './machine.js'

/** A damaged table with what can be read of it; any other fact as it is. */
function readable<T extends DecodedTable>(
  sysroot: Sysroot,
  fact: Fact<T>,
  parse: (bytes: Uint8Array, path: string) => T,
): Fact<T> {
  const [place, ...others] = fact.from
  if (fact.state !== 'unreadable' || fact.reason !== 'malformed' || !place || others.length > 0) return fact
  const content = sysroot.bytes(place.path)
  switch (content.state) {
    case 'known':
      return known(parse(content.value, place.path), { path: place.path })
    case 'absent':
    case 'unreadable':
      return unreadable('malformed', place)
  }
}

function readableTables(sysroot: Sysroot, acpi: AcpiTables): AcpiTables {
  return {
    names: acpi.names,
    iort: readable(sysroot, acpi.iort, parseIort),
    madt: readable(sysroot, acpi.madt, parseMadt),
    dmar: readable(sysroot, acpi.dmar, parseDmar),
    ivrs: readable(sysroot, acpi.ivrs, parseIvrs),
    viot: readable(sysroot, acpi.viot, parseViot),
    mcfg: readable(sysroot, acpi.mcfg, parseMcfg),
    rimt: readable(sysroot, acpi.rimt, parseRimt),
  }
}

function filesOf({ iort, madt, mcfg, dmar, ivrs, viot, rimt }: AcpiTables): readonly FirmwareFile[] {
  const named = { IORT: iort, APIC: madt, MCFG: mcfg, DMAR: dmar, IVRS: ivrs, VIOT: viot, RIMT: rimt }
  return Object.entries(named).flatMap(([table, fact]) =>
    fact.state === 'absent' ? [] : fact.from.slice(0, 1).map(({ path }) => ({ path, table })),
  )
}

/** The firmware of a live or captured machine. Its functions are known, so that findings can name them. */
export function probeFirmware(sysroot: Sysroot): FirmwareInput {
  const machine = probeMachine(sysroot)
  const acpi = readableTables(sysroot, machine.acpi)
  const { deviceTree } = machine
  const trees = deviceTree.state === 'absent' ? [] : deviceTree.from.slice(0, 1)
  const files = [...filesOf(acpi), ...trees.map(({ path }) => ({ path, table: 'devicetree' }))]
  return { machine: { ...machine, acpi }, source: machine.origin, files, diagnostics: [] }
}

/** A machine's device tree that is all there is of it. */
function treeOf(sysroot: Sysroot): Fact<DeviceTree> {
  const path = ''
  const listing = sysroot.list(path)
  if (listing.state !== 'known') return unreadable(listing.state === 'absent' ? 'io' : listing.reason, { path })
  return known(finishTree(readDeviceTreeDirectory(sysroot, path, listing.value), false), { path })
}

/** The firmware of a source, ready to be judged. */
export function firmwareInput(source: FirmwareSource): FirmwareInput {
  switch (source.kind) {
    case 'files':
      return machineFromFiles(source.files)
    case 'tree':
      return machineFromTree(treeOf(source.sysroot), source.name)
    case 'machine':
      return probeFirmware(source.sysroot)
  }
}
