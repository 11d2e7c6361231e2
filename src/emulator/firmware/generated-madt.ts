import { toInteger } from '../byte-record.js'
import { numberOf } from '../plan/id-map.js'
import { gicVersion } from '../plan/interrupts.js'
import type { MachineDescription, MsiControllerDescription } from '../machine-description.js'
import type { MadtDescription, MadtEntryDescription } from './madt-writer.js'
import type { MachinePlan } from '../plan/planned-machine.js'

/** Address of the distributor (GICv5: IRS) where the description gives none. */
export function gicAddress(machine: MachineDescription): bigint {
  return toInteger(machine.gic?.address ?? 0x8000000)
}

/** The GIC ITS id: as described, else the position among the ITSs. */
export function itsIdOf(plan: MachinePlan, controller: MsiControllerDescription): number {
  if (controller.id !== undefined) return controller.id
  return [...plan.msiControllers.values()].filter(({ type }) => type === controller.type).indexOf(controller)
}

/** A MADT that says what the description says of processors, interrupt and MSI controllers. */
export function generatedMadt(plan: MachinePlan): MadtDescription | undefined {
  const machine = plan.description
  const cpus = Array.from({ length: machine.cpus ?? 2 }, (_, cpu) => cpu)
  switch (machine.architecture) {
    case 'arm64':
      return { entries: armEntries(plan, cpus), revision: gicVersion(machine) === 5 ? 7 : 5 }
    case 'x86_64':
      return {
        localInterruptControllerAddress: 0xfee00000,
        flags: 1,
        entries: [
          ...cpus.map((cpu): MadtEntryDescription => ({ type: 'local-apic', processorUid: cpu, apicId: cpu })),
          ...ioApicEntries(plan),
        ],
      }
    case 'riscv64':
    case 's390x':
      return undefined
  }
}

/**
 * The IO-APICs that the description's own DMAR or IVRS names, else one with id 0. Where such a DMAR names none and
 * remapping runs there can be none, for Linux remaps only what has a unit for every IO-APIC.
 */
function ioApicEntries({ description, remapping }: MachinePlan): readonly MadtEntryDescription[] {
  const { dmar, ivrs } = description.acpi ?? {}
  const ofDmar = dmar?.structures.flatMap((structure) =>
    structure.type === 'drhd'
      ? (structure.scopes ?? []).flatMap(({ type, enumerationId = 0 }) => (type === 'io-apic' ? [enumerationId] : []))
      : [],
  )
  const ofIvrs = ivrs?.blocks.flatMap((block) =>
    block.type === 'ivhd'
      ? block.entries.flatMap((entry) =>
          entry.type === 'special' && entry.variety === 'io-apic' ? [entry.handle] : [],
        )
      : [],
  )
  const named = [...new Set([...(ofDmar ?? []), ...(ofIvrs ?? [])])]
  const given = (ofDmar ?? ofIvrs) !== undefined
  const ids = named.length > 0 || (given && remapping) ? named : [0]
  return ids.map((ioApicId, index) => ({
    type: 'io-apic',
    ioApicId,
    address: 0xfec00000 + index * 0x1000,
    gsiBase: index * 24,
  }))
}

function armEntries(plan: MachinePlan, cpus: readonly number[]): readonly MadtEntryDescription[] {
  const machine = plan.description
  const base = gicAddress(machine)
  const version = gicVersion(machine)
  const size = version === 5 ? 88 : 80
  const gicBase = version === 2 ? base + 0x10000n : 0
  const entries: MadtEntryDescription[] = cpus.map((cpu) => ({ type: 'gicc', cpu, size, gicBase }))
  if (version === 5) entries.push({ type: 'gicv5-irs', configBase: base })
  else entries.unshift({ type: 'gicd', base, version })
  if (version === 3 || version === 4) entries.push({ type: 'gicr', base: base + 0xa0000n, rangeLength: 0xf60000 })
  let frames = 0
  for (const controller of plan.msiControllers.values()) {
    if (controller.inMadt === false) continue
    for (const one of controllerEntries(plan, controller, frames)) entries.push(one)
    if (controller.type === 'gicv2m') frames++
  }
  return entries
}

function controllerEntries(
  plan: MachinePlan,
  controller: MsiControllerDescription,
  frameId: number,
): readonly MadtEntryDescription[] {
  const base = numberOf(controller.address ?? 0)
  switch (controller.type) {
    case 'its':
      return [{ type: 'gic-its', translationId: itsIdOf(plan, controller), base: controller.address ?? 0 }]
    case 'gicv2m': {
      const { spiBase = 80, spiCount = 64 } = controller
      return [{ type: 'gic-msi-frame', frameId, base, flags: 1, spiBase, spiCount }]
    }
    case 'gicv5-its': {
      const id = itsIdOf(plan, controller)
      return [
        { type: 'gicv5-its-config', translatorId: id, base },
        { type: 'gicv5-its-translate', linkedTranslatorId: id, translateFrameId: id, base: base + 0x10000 },
      ]
    }
    case 'gicv3-mbi':
    case 'imsic':
    case 'dwc':
    case 'hyper-v':
    case 'vmd':
    case 'private':
      return []
  }
}
