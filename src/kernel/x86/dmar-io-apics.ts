import type { DmarDeviceScope, DmarTable } from '../../machine/dmar.js'
import type { IoApic } from './io-apics.js'

/** K: include/uapi/linux/hpet.h, MAX_HPET_TBS; arch/x86/include/asm/apicdef.h, MAX_IO_APICS on 64 bits. */
const MOST = { hpet: 8, 'io-apic': 128 } as const

/**
 * The first scope for which Linux has no room among those of its kind, which turns interrupt remapping off. One that a
 * unit names twice is counted once.
 * Source: K: drivers/iommu/intel/irq_remapping.c, ir_parse_one_hpet_scope, ir_parse_one_ioapic_scope.
 */
export function scopeWithoutRoom(dmar: DmarTable): DmarDeviceScope | undefined {
  const seen = { hpet: new Set<string>(), 'io-apic': new Set<string>() }
  for (const structure of dmar.structures) {
    if (structure.type !== 'drhd') continue
    for (const scope of structure.scopes) {
      if (scope.type !== 'hpet' && scope.type !== 'io-apic') continue
      const ofKind = seen[scope.type].add(`${structure.offset} ${scope.enumerationId}`)
      if (ofKind.size > MOST[scope.type]) return scope
    }
  }
  return undefined
}

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
