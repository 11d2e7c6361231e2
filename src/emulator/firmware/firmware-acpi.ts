import { bytesOfHex, toInteger } from '../byte-record.js'
import { writeDmar, type DeviceScopeDescription, type DmarDescription } from './dmar-writer.js'
import { generatedIort } from './generated-iort.js'
import { generatedMadt } from './generated-madt.js'
import { writeIort } from './iort-writer.js'
import { writeIvrs, type IvrsBlockDescription, type IvrsDescription } from './ivrs-writer.js'
import type { IommuDescription } from '../machine-description.js'
import { writeMadt } from './madt-writer.js'
import { writeMcfg, type McfgDescription } from './mcfg-writer.js'
import { ecamOf, longName, ridOf, type MachinePlan } from '../plan/planned-machine.js'
import type { SysfsBuilder } from '../sysfs-builder.js'
import { writeViot, type ViotDescription, type ViotNodeDescription } from './viot-writer.js'

/** The tables of a machine by name: generated from its description, unless that gives its own or leaves one out. */
export function acpiTables(plan: MachinePlan): ReadonlyMap<string, Uint8Array> {
  const overrides = plan.description.acpi ?? {}
  const tables = new Map<string, Uint8Array>()
  const add = <T>(
    name: string,
    write: (table: T) => Uint8Array,
    own: T | null | undefined,
    make: () => T | undefined,
  ): void => {
    const made = own === undefined ? make() : own
    if (made !== null && made !== undefined)
      tables.set(name, write(own === undefined ? { ...overrides.header, ...made } : made))
  }
  const arm = plan.description.architecture === 'arm64'
  add('APIC', writeMadt, overrides.madt, () => generatedMadt(plan))
  add('MCFG', writeMcfg, overrides.mcfg, () => generatedMcfg(plan))
  add('IORT', writeIort, overrides.iort, () => (arm ? generatedIort(plan) : undefined))
  add('DMAR', writeDmar, overrides.dmar, () => generatedDmar(plan))
  add('IVRS', writeIvrs, overrides.ivrs, () => generatedIvrs(plan))
  add('VIOT', writeViot, overrides.viot, () => generatedViot(plan))
  for (const [name, text] of Object.entries(overrides.tables ?? {})) tables.set(name, bytesOfHex(text))
  return tables
}

/** `/sys/firmware/acpi/tables`; the files are for root only. */
export function writeAcpiTables(plan: MachinePlan, builder: SysfsBuilder): void {
  const base = 'sys/firmware/acpi/tables'
  builder.directory(base)
  for (const [name, bytes] of acpiTables(plan)) {
    if (plan.description.privilege === 'nobody') builder.forbidden(`${base}/${name}`)
    else builder.file(`${base}/${name}`, bytes)
  }
  plan.complexes.forEach(({ path }, index) => {
    const node = `sys/devices/LNXSYSTM:00/LNXSYBUS:00/PNP0A08:${index.toString(16).padStart(2, '0')}`
    builder.attributes(node, { hid: 'PNP0A08', path: `\\_SB_.PCI${index}`, uid: index })
    builder.link(`${path}/firmware_node`, node)
  })
}

function generatedMcfg(plan: MachinePlan): McfgDescription {
  const allocations = plan.complexes.map(({ description, segment, rootBus }) => ({
    base: ecamOf(description),
    segment,
    startBus: rootBus,
    endBus: description.endBus ?? 255,
  }))
  return { allocations }
}

function iommusOf(plan: MachinePlan, type: IommuDescription['type']): readonly IommuDescription[] {
  return [...plan.iommus.values()].filter((iommu) => iommu.type === type)
}

/** One DRHD a unit; the last unit of a segment includes all, the others name the functions on their root buses. */
function generatedDmar(plan: MachinePlan): DmarDescription | undefined {
  const units = iommusOf(plan, 'vt-d')
  if (units.length === 0) return undefined
  const segmentOf = (unit: IommuDescription): number =>
    plan.complexes.find(({ iommuMap }) => iommuMap.some(({ to }) => to === unit.name))?.segment ?? 0
  const structures = units.map((unit, index) => {
    const segment = segmentOf(unit)
    const includesAll = !units.slice(index + 1).some((later) => segmentOf(later) === segment)
    const ioApic: DeviceScopeDescription = { type: 'io-apic', enumerationId: 0, startBus: 0xff, path: [[0, 0]] }
    const scopes = includesAll ? (segment === 0 ? [ioApic] : []) : scopesOf(plan, unit)
    return { type: 'drhd', flags: includesAll ? 1 : 0, segment, base: unit.address ?? 0, scopes } as const
  })
  // What the kernel leaves off the firmware may well allow.
  const byKernel = plan.description.kernel.configuration?.['CONFIG_IRQ_REMAP'] === 'n'
  const flags = byKernel || units.every(({ interruptRemapping }) => interruptRemapping !== false) ? 1 : 0
  return { flags, structures }
}

function scopesOf(plan: MachinePlan, unit: IommuDescription): readonly DeviceScopeDescription[] {
  return plan.functions
    .filter((fn) => fn.iommu === unit && fn.parent === undefined && fn.physicalFunction === undefined)
    .map(({ address, secondaryBus }) => ({
      type: secondaryBus === undefined ? 'endpoint' : 'bridge',
      startBus: address.bus,
      path: [[address.device, address.function]],
    }))
}

function generatedIvrs(plan: MachinePlan): IvrsDescription | undefined {
  const units = iommusOf(plan, 'amd-vi')
  if (units.length === 0) return undefined
  const blocks = units.map((unit, index): IvrsBlockDescription => {
    const own = plan.byName.get(longName(unit.function ?? ''))
    const served = plan.functions.filter(({ iommu }) => iommu === unit).map(ridOf)
    const ioApic = { type: 'special', handle: 0, usedDeviceId: 0x00a0, variety: 'io-apic' } as const
    return {
      type: 'ivhd',
      deviceId: own ? ridOf(own) : 0,
      base: unit.address ?? 0,
      segment: own?.address.segment ?? 0,
      flags: 0xb0,
      entries: [
        { type: 'range-start', deviceId: served.reduce((least, id) => Math.min(least, id), 0xffff) },
        { type: 'range-end', deviceId: served.reduce((most, id) => Math.max(most, id), 0) },
        // Linux turns remapping off unless every IO-APIC is named here.
        ...(index === 0 && unit.interruptRemapping !== false ? [ioApic] : []),
      ],
    }
  })
  return { blocks }
}

function generatedViot(plan: MachinePlan): ViotDescription | undefined {
  const units = iommusOf(plan, 'virtio-iommu')
  if (units.length === 0) return undefined
  const nodes: ViotNodeDescription[] = units.map((unit) => {
    const own = plan.byName.get(longName(unit.function ?? ''))
    if (!own) return { type: 'virtio-iommu-mmio', name: unit.name, base: toInteger(unit.address ?? 0) }
    return { type: 'virtio-iommu-pci', name: unit.name, segment: own.address.segment, bdf: ridOf(own) }
  })
  for (const { segment, iommuMap } of plan.complexes) {
    for (const { from, count, to, outputBase } of iommuMap) {
      if (!units.some(({ name }) => name === to)) continue
      const bdfEnd = Math.min(0xffff, from + count - 1)
      nodes.push({
        type: 'pci-range',
        segmentStart: segment,
        endpointStart: outputBase,
        bdfStart: from,
        bdfEnd,
        output: to,
      })
    }
  }
  return { nodes }
}
