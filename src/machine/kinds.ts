/** What stands before a device's DMA. */
export type IommuKind =
  | 'smmuv3'
  | 'smmuv2'
  | 'virtio-iommu'
  | 'vt-d'
  | 'amd-vi'
  | 'riscv'
  | 'other'
  | 'none'
  | 'unknown'

/** What takes a device's MSI writes. */
export type MsiControllerKind =
  | 'its'
  | 'gicv5-its'
  | 'gicv2m'
  | 'gicv3-mbi'
  | 'host-bridge'
  | 'imsic'
  | 'x86-vector'
  | 'x86-remapped'
  | 'other'
  | 'none'
  | 'unknown'

/** Whether a controller of that kind is an ITS, of GICv3 to v5: it looks a payload up by the sender's DeviceID. */
export const isIts = (kind: MsiControllerKind): boolean => kind === 'its' || kind === 'gicv5-its'

export type Answer = 'yes' | 'no' | 'unknown'

/** The best witness behind an answer: in use now, probed by the kernel, described by firmware. */
export type Strength = 'in-use' | 'probed' | 'described' | 'none'
