import type { ConfigurationSpace, PciFunction } from '../machine/pci.js'
import type { Role } from './route.js'

const BRIDGE_CLASS = 0x06
/** PCI-to-PCI, CardBus and semi-transparent PCI-to-PCI bridges (PCI Code and ID Assignment, class 06h). */
const BRIDGES_OF_BUSES: readonly number[] = [0x0604, 0x0607, 0x0609]

/**
 * A host bridge or another part of the chipset that nobody can assign and that raises nothing: base class 06, no bridge
 * to another bus, and known to have no group, no MSI capability and no driver. What of these cannot be read counts as
 * there, so that a missing file never takes an endpoint out of the count.
 */
function isChipset(
  { classCode, iommuGroup, driver, msiVectors }: PciFunction,
  { msi, msix }: ConfigurationSpace,
): boolean {
  if (classCode.state !== 'known') return false
  const subclass = classCode.value >> 8
  if (subclass >> 8 !== BRIDGE_CLASS || BRIDGES_OF_BUSES.includes(subclass)) return false
  return [iommuGroup, driver, msiVectors, msi, msix].every((fact) => fact.state === 'absent')
}

/** PCI class 0x0806 is an IOMMU; so is the virtio device 0x1057. What carries a bridge header is a bridge. */
export function roleOf(fn: PciFunction): Role {
  if (fn.classCode.state === 'known' && fn.classCode.value >> 8 === 0x0806) return 'iommu'
  if (
    fn.vendor.state === 'known' &&
    fn.vendor.value === 0x1af4 &&
    fn.device.state === 'known' &&
    fn.device.value === 0x1057
  )
    return 'iommu'
  if (fn.configuration.state === 'known') {
    if (fn.configuration.value.headerType !== 0) return 'bridge'
    return isChipset(fn, fn.configuration.value) ? 'chipset' : 'endpoint'
  }
  // Without a header the class tells PCI-to-PCI and CardBus bridges.
  const subclass = fn.classCode.state === 'known' ? fn.classCode.value >> 8 : 0
  return subclass === 0x0604 || subclass === 0x0607 ? 'bridge' : 'endpoint'
}
