import type { Fact } from './fact.js'

/** A line of `reserved_regions`: first and last address, inclusive. */
export interface ReservedRegion {
  readonly start: bigint
  readonly end: bigint
  readonly type: 'direct' | 'direct-relaxable' | 'reserved' | 'msi' | 'other'
}

/** `/sys/kernel/iommu_groups/N`. */
export interface IommuGroup {
  readonly id: string
  /** Default domain type: `DMA`, `DMA-FQ`, `identity`, `blocked`, `unmanaged`, `unknown`. Not what VFIO attached. */
  readonly type: Fact<string>
  /** Only named groups have it (`vfio-noiommu`). */
  readonly name: Fact<string>
  /** Names of the members, PCI and platform devices. */
  readonly devices: Fact<readonly string[]>
  /** Nobody listed the members: `devices` are those that a listing of functions names, and there may be others. */
  readonly isPartial?: true
  readonly reservedRegions: Fact<readonly ReservedRegion[]>
}

export type IommuInstanceKind = 'smmuv3' | 'smmuv2' | 'virtio-iommu' | 'vt-d' | 'amd-vi' | 'riscv' | 'other'

/** An instance in `/sys/class/iommu`: the IOMMUs that a driver runs. */
export interface IommuInstance {
  readonly name: string
  readonly kind: IommuInstanceKind
  /** Register base, from the name (SMMU) or `intel-iommu/address`. */
  readonly address: Fact<bigint>
  /** Names of the devices it manages. */
  readonly devices: Fact<readonly string[]>
  /** VT-d registers (`intel-iommu/cap`, `ecap`), raw. */
  readonly capability: Fact<bigint>
  readonly extendedCapability: Fact<bigint>
  /** sysfs path of the device behind it, `devices/platform/9050000.smmuv3`. */
  readonly devicePath: Fact<string>
  /** Device-tree path of that device. */
  readonly deviceTreeNode: Fact<string>
}

/** A platform device that an IOMMU group holds or an IOMMU serves. */
export interface PlatformDevice {
  readonly name: string
  readonly driver: Fact<string>
  readonly iommuGroup: Fact<string>
  readonly deviceTreeNode: Fact<string>
}
