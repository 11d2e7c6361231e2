import type { MadtEntry, MadtTable } from '../../machine/madt.js'
import type { Provenance } from '../../machine/fact.js'
import type { KernelContext } from '../context.js'
import { gicV5ItsRegistered, itsCameUp, itsRegistered, v2mRegistered } from './gic-bring-up.js'
import { DOORBELL, type MsiController } from './msi-controller.js'

const MADT = 'sys/firmware/acpi/tables/APIC'

const at = (entry: MadtEntry): Provenance => ({ path: MADT, at: { offset: entry.offset, length: entry.length } })

/** Version of the GIC that MADT describes: as stated, else from what only a GICv3 has. */
export function gicVersionOf(table: MadtTable): 2 | 3 | 5 | undefined {
  if (table.entries.some((entry) => entry.type === 'gicv5-irs')) return 5
  const distributor = table.entries.find((entry) => entry.type === 'gicd')
  if (distributor?.type === 'gicd') {
    if (distributor.version === 1 || distributor.version === 2) return 2
    if (distributor.version === 3 || distributor.version === 4) return 3
    if (distributor.version === 5) return 5
  }
  const redistributor = table.entries.some(
    (entry) => entry.type === 'gicr' || (entry.type === 'gicc' && (entry.gicrBaseAddress ?? 0n) !== 0n),
  )
  return redistributor || table.entries.some((entry) => entry.type === 'gic-its') ? 3 : undefined
}

const NOTHING = {
  id: 'none',
  address: undefined,
  doorbell: undefined,
  node: undefined,
  preIts: 'no',
  probed: 'unknown',
} as const

/** ITSs, the first GICv2m frame, GICv5 translate frames and IMSICs of the MADT. */
export function msiControllersOfMadt(context: KernelContext): readonly MsiController[] {
  const { madt } = context.machine.acpi
  if (madt.state !== 'known') return []
  const table = madt.value
  const version = gicVersionOf(table)
  const itsDescribed = table.entries.some((entry) => entry.type === 'gic-its')
  const controllers: MsiController[] = []
  let frames = 0
  for (const entry of table.entries) {
    if (entry.type === 'gic-its') {
      controllers.push({
        key: `its ${entry.translationId}`,
        kind: 'its',
        id: String(entry.translationId),
        address: entry.baseAddress,
        doorbell: entry.baseAddress + DOORBELL.its,
        node: undefined,
        payloadChecked: 'yes',
        preIts: 'no',
        registered: itsRegistered(context, entry.baseAddress),
        probed: itsCameUp(context, entry.baseAddress) ? 'yes' : 'unknown',
        from: [at(entry)],
      })
    } else if (entry.type === 'gic-msi-frame') {
      // Linux always hands out the first frame (K: gicv2m_get_fwnode).
      if (frames++ > 0) continue
      const registered = v2mRegistered(context, version, itsDescribed)
      controllers.push({
        ...NOTHING,
        key: `gicv2m ${entry.frameId}`,
        kind: 'gicv2m',
        id: String(entry.frameId),
        address: entry.baseAddress,
        doorbell: entry.baseAddress + DOORBELL.gicv2m,
        payloadChecked: 'no',
        registered,
        probed: registered,
        from: [at(entry)],
      })
    } else if (entry.type === 'gicv5-its-translate') {
      controllers.push({
        ...NOTHING,
        key: `gicv5-its ${entry.translateFrameId}`,
        kind: 'gicv5-its',
        deviceTable: `gicv5-its ${entry.linkedTranslatorId}`,
        id: String(entry.translateFrameId),
        address: entry.baseAddress,
        doorbell: entry.baseAddress,
        payloadChecked: 'yes',
        registered: gicV5ItsRegistered(context, 'acpi'),
        from: [at(entry)],
      })
    } else if (entry.type === 'imsic') {
      controllers.push({
        ...NOTHING,
        key: 'imsic',
        kind: 'imsic',
        payloadChecked: 'no',
        registered: 'yes',
        from: [at(entry)],
      })
    } else if (entry.type === 'loongarch-msi-pic') {
      controllers.push({
        ...NOTHING,
        key: `pch-msi ${entry.offset}`,
        kind: 'other',
        payloadChecked: 'no',
        registered: 'yes',
        from: [at(entry)],
      })
    }
  }
  return controllers
}
