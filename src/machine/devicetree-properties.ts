/**
 * The properties that a binding or a walk of this program reads. A large board has ten thousand others, and each read of
 * a live sysfs file costs a few system calls; those are listed but not opened.
 */
export const BINDING_PROPERTIES: ReadonlySet<string> = new Set([
  // identity and state of a node (devicetree specification 0.4, section 2.3)
  'compatible',
  'model',
  'device_type',
  'status',
  'phandle',
  'linux,phandle',
  // addresses
  '#address-cells',
  '#size-cells',
  'reg',
  'reg-names',
  'ranges',
  'dma-ranges',
  'bus-range',
  'linux,pci-domain',
  // MSI and interrupt controllers
  'interrupt-controller',
  'interrupt-parent',
  '#interrupt-cells',
  'msi-controller',
  '#msi-cells',
  'msi-parent',
  'msi-map',
  'msi-map-mask',
  'msi-ranges',
  'mbi-ranges',
  'mbi-alias',
  'arm,msi-base-spi',
  'arm,msi-num-spis',
  'socionext,synquacer-pre-its',
  // IOMMUs
  'iommus',
  'iommu-map',
  'iommu-map-mask',
  '#iommu-cells',
  'iommu-addresses',
  'memory-region',
  'mmu-masters',
  'stream-match-mask',
  'dma-coherent',
  'dma-noncoherent',
  // PCI host bridges
  'ats-supported',
  'external-facing',
])
