import type { Reference } from '../rule.js'

// Sources that several causes rest on.

export const OF_IOMMU: Reference = { title: 'Linux, device tree', locator: 'drivers/iommu/of_iommu.c: of_iommu_xlate' }
export const IORT_IOMMU: Reference = {
  title: 'Linux, IORT',
  locator: 'drivers/acpi/arm64/iort.c: iort_iommu_configure_id',
}
export const IOMMU_PROBE: Reference = {
  title: 'Linux, IOMMU groups',
  locator: 'drivers/iommu/iommu.c: __iommu_probe_device',
}
export const PCI_IOMMU_BINDING: Reference = {
  title: 'Device tree binding',
  locator: 'Documentation/devicetree/bindings/pci/pci-iommu.txt',
}
export const STATUS_PROPERTY: Reference = { title: 'Devicetree Specification 0.4', locator: 'section 2.3.4, status' }
