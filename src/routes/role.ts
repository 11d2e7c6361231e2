import type { PciFunction } from '../machine/pci.js'
import type { Role } from './route.js'

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
  if (fn.configuration.state === 'known') return fn.configuration.value.headerType === 0 ? 'endpoint' : 'bridge'
  // Without a header the class tells PCI-to-PCI and CardBus bridges.
  const subclass = fn.classCode.state === 'known' ? fn.classCode.value >> 8 : 0
  return subclass === 0x0604 || subclass === 0x0607 ? 'bridge' : 'endpoint'
}
