import type { MachineDescription } from '../machine-description.js'
import type { PlannedFunction } from './planned-machine.js'
import { atLeast } from './release.js'

/** Names of the chips before and after the change to one MSI domain a device. */
interface ChipNaming {
  readonly shared: string
  /** Before `PCI-MSI-…` of a private domain. */
  readonly prefix: string
  /** First release with private domains. */
  readonly since: readonly [number, number]
}

function namingOf(machine: MachineDescription, msi: PlannedFunction['msi']): ChipNaming | undefined {
  if (msi === undefined) return undefined
  if (msi === 'remapped') return { shared: 'IR-PCI-MSI', prefix: 'IR-', since: [6, 2] }
  if (msi === 'vector') {
    return { shared: 'PCI-MSI', prefix: '', since: machine.architecture === 's390x' ? [6, 19] : [6, 2] }
  }
  switch (msi.type) {
    case 'its':
      return { shared: 'ITS-MSI', prefix: 'ITS-', since: [6, 11] }
    case 'gicv5-its':
      return { shared: 'ITS-v5-MSI', prefix: 'ITS-v5-', since: [6, 17] }
    case 'gicv2m':
      return { shared: 'MSI', prefix: 'GICv2m-', since: [6, 11] }
    case 'gicv3-mbi':
      return { shared: 'MSI', prefix: 'MBI-', since: [6, 11] }
    case 'imsic':
      return { shared: 'PCI-MSI', prefix: '', since: [6, 2] }
    case 'dwc':
      return { shared: 'PCI-MSI', prefix: 'DW-', since: [6, 17] }
    case 'hyper-v':
      return { shared: 'Hyper-V PCIe MSI', prefix: 'HV-', since: [6, 17] }
    case 'vmd':
      return { shared: 'VMD-MSI', prefix: 'VMD-', since: [6, 17] }
    case 'private':
      return { shared: msi.legacyChipName ?? 'MSI', prefix: `${msi.prefix ?? 'MSI'}-`, since: [6, 17] }
  }
}

/** True where every device has an MSI domain of its own, so that hardware numbers are plain vector indices. */
export function hasPrivateDomains(machine: MachineDescription, msi: PlannedFunction['msi']): boolean {
  const naming = namingOf(machine, msi)
  return naming !== undefined && atLeast(machine.kernel.release, ...naming.since)
}

/** What the kernel calls the interrupt chip of a function's vectors. Source: sysfs-procfs, chip names by release. */
export function chipNameOf(machine: MachineDescription, fn: PlannedFunction, mode: 'msi' | 'msix'): string {
  if (fn.description.chipName !== undefined) return fn.description.chipName
  const naming = namingOf(machine, fn.msi)
  if (!naming) return ''
  if (!hasPrivateDomains(machine, fn.msi)) return naming.shared
  return `${naming.prefix}PCI-${mode === 'msi' ? 'MSI' : 'MSIX'}-${fn.name}`
}
