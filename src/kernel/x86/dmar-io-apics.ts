import type { DmarTable } from '../../machine/dmar.js'
import type { IoApic } from './io-apics.js'

/**
 * IO-APICs that stand in no device scope of a remapping unit: one of them turns interrupt remapping off for the whole
 * machine. Scopes are compared by their enumeration id, which has to be the IO-APIC's id in the MADT. An HPET that no
 * scope names loses its own MSI only.
 * Source: K: drivers/iommu/intel/irq_remapping.c, parse_ioapics_under_ir, map_ioapic_to_iommu; since 2.6.30.
 */
export function ioApicsInNoScope(dmar: DmarTable, ioApics: readonly IoApic[]): readonly IoApic[] {
  const named = new Set(
    dmar.structures.flatMap((structure) =>
      structure.type === 'drhd'
        ? structure.scopes.filter(({ type }) => type === 'io-apic').map(({ enumerationId }) => enumerationId)
        : [],
    ),
  )
  return ioApics.filter(({ id }) => !named.has(id))
}
