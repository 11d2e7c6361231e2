import type { Reference } from '../rule.js'

// Sources that several causes rest on.

export const OF_IOMMU: Reference = {
  kind: 'linux',
  title: 'Linux, device tree',
  locator: 'drivers/iommu/of_iommu.c: of_iommu_xlate',
}
export const IORT_IOMMU: Reference = {
  kind: 'linux',
  title: 'Linux, IORT',
  locator: 'drivers/acpi/arm64/iort.c: iort_iommu_configure_id',
}
export const IOMMU_PROBE: Reference = {
  kind: 'linux',
  title: 'Linux, IOMMU groups',
  locator: 'drivers/iommu/iommu.c: __iommu_probe_device',
}
export const PCI_IOMMU_BINDING: Reference = {
  kind: 'specification',
  title: 'Device tree binding',
  locator: 'Documentation/devicetree/bindings/pci/pci-iommu.txt',
}
export const STATUS_PROPERTY: Reference = {
  kind: 'specification',
  title: 'Devicetree Specification 0.4',
  locator: 'section 2.3.4, status',
}
export const ITS_INIT: Reference = {
  kind: 'linux',
  title: 'Linux, GICv3 ITS',
  locator: 'drivers/irqchip/irq-gic-v3-its.c: its_init',
}
export const OF_MSI: Reference = {
  kind: 'linux',
  title: 'Linux, device tree',
  locator: 'drivers/of/irq.c: of_msi_get_domain',
}
export const MSI_DOMAIN: Reference = {
  kind: 'linux',
  title: 'Linux, PCI MSI domains',
  locator: 'drivers/pci/msi/irqdomain.c: pci_msi_get_device_domain',
}
