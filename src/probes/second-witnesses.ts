import { knownIn, valueOr, unreadable, type Fact } from '../machine/fact.js'
import type { AcpiTables } from '../machine/acpi.js'
import type { DeviceTree } from '../machine/devicetree.js'
import { isPopulated } from '../machine/devicetree-lookup.js'
import type { InterruptLine } from '../machine/interrupts.js'
import type { IommuGroup, IommuInstance, IommuInstanceKind } from '../machine/iommu.js'

/** What the running kernel shows of IOMMUs and remapping beside the tables that describe them. */
export interface InUse {
  readonly groups: Fact<readonly IommuGroup[]>
  readonly iommus: Fact<readonly IommuInstance[]>
  readonly procInterrupts: Fact<readonly InterruptLine[]>
  readonly deviceTree: Fact<DeviceTree>
}

/** Groups with a domain are made by an IOMMU's driver; those of VFIO's no-IOMMU mode have none (K: iommu_group_show_type). */
function translatingGroups(groups: Fact<readonly IommuGroup[]>): readonly IommuGroup[] {
  return valueOr(groups, []).filter(({ type }) => type.state === 'known' && type.value !== 'unknown')
}

/** A table that is not listed although something is in use that only it brings: the listing is not all there was. */
function missed<T>(table: Fact<T>, witnesses: readonly Fact<unknown>[]): Fact<T> {
  return table.state === 'absent' && witnesses.length > 0
    ? unreadable('not-collected', ...table.from, ...witnesses.flatMap((fact) => fact.from.slice(0, 1)))
    : table
}

/**
 * The tables as their second witnesses leave them. An instance of the IOMMU's driver tells its own table; a remapped
 * interrupt DMAR or IVRS; an ITS that serves PCI under ACPI the IORT; a group that translates any of them.
 */
export function confirmedTables(acpi: AcpiTables, inUse: InUse): AcpiTables {
  const { groups, iommus, procInterrupts, deviceTree } = inUse
  // Where a device tree describes the machine, what is in use needs no table.
  if (acpi.names.state !== 'known' || (deviceTree.state === 'known' && isPopulated(deviceTree.value))) return acpi
  const instances = (...kinds: readonly IommuInstanceKind[]): readonly Fact<unknown>[] =>
    iommus.state === 'known' && iommus.value.some(({ kind }) => kinds.includes(kind)) ? [iommus] : []
  const chips = (pattern: RegExp): readonly Fact<unknown>[] =>
    valueOr(procInterrupts, [])
      .filter(({ description }) => pattern.test(description))
      .slice(0, 1)
      .map(({ description }) => knownIn('proc', 'interrupts', description, description))
  const { dmar, ivrs, viot, iort, rimt } = acpi
  const none = [dmar, ivrs, viot, iort, rimt].every((table) => table.state === 'absent')
  const grouped = none ? translatingGroups(groups).map(({ type }) => type) : []
  const remapped = dmar.state === 'absent' && ivrs.state === 'absent' ? chips(/^IR-(?:IO-APIC|PCI-MSI)/) : []
  return {
    ...acpi,
    dmar: missed(dmar, [...instances('vt-d'), ...remapped, ...grouped]),
    ivrs: missed(ivrs, [...instances('amd-vi'), ...remapped, ...grouped]),
    iort: missed(iort, [...instances('smmuv3', 'smmuv2'), ...chips(/^ITS-PCI-MSI/), ...grouped]),
    viot: missed(viot, [...grouped]),
    rimt: missed(rimt, [...instances('riscv'), ...grouped]),
  }
}

/** The class of IOMMUs that is not there although groups translate: no kernel has the one without the other. */
export function confirmedInstances(
  iommus: Fact<readonly IommuInstance[]>,
  groups: Fact<readonly IommuGroup[]>,
): Fact<readonly IommuInstance[]> {
  return missed(
    iommus,
    translatingGroups(groups).map(({ type }) => type),
  )
}
