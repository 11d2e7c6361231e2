import { compatibleOf, type DeviceTreeNode } from '../../machine/devicetree.js'
import type { IommuKind } from '../../machine/kinds.js'

/** The driver of Linux for an IOMMU. */
export interface IommuDriver {
  /** Build option. */
  readonly option: string
  /** As /sys/module and modprobe spell it; undefined for one that cannot be a module. */
  readonly module: string | undefined
  /** Beginning of its lines in the kernel log, before the name of the device. */
  readonly logName: string
}

const BY_KIND: Partial<Record<IommuKind, IommuDriver>> = {
  smmuv3: { option: 'CONFIG_ARM_SMMU_V3', module: 'arm_smmu_v3', logName: 'arm-smmu-v3' },
  smmuv2: { option: 'CONFIG_ARM_SMMU', module: 'arm_smmu', logName: 'arm-smmu' },
  'virtio-iommu': { option: 'CONFIG_VIRTIO_IOMMU', module: 'virtio_iommu', logName: 'virtio_iommu' },
  riscv: { option: 'CONFIG_RISCV_IOMMU', module: undefined, logName: 'riscv,iommu' },
}

/** K: drivers/iommu/Kconfig and the match tables of the drivers. */
const BY_COMPATIBLE: readonly (readonly [RegExp, IommuDriver])[] = [
  [/^rockchip,/, { option: 'CONFIG_ROCKCHIP_IOMMU', module: undefined, logName: 'rk_iommu' }],
  [/^apple,/, { option: 'CONFIG_APPLE_DART', module: 'apple_dart', logName: 'apple-dart' }],
  [/^renesas,/, { option: 'CONFIG_IPMMU_VMSA', module: undefined, logName: 'ipmmu-vmsa' }],
  [/^mediatek,/, { option: 'CONFIG_MTK_IOMMU', module: 'mtk_iommu', logName: 'mtk-iommu' }],
]

/** The driver of an IOMMU that firmware describes, by its kind, else by the `compatible` of its node. */
export function iommuDriverOf(kind: IommuKind, node?: DeviceTreeNode): IommuDriver | undefined {
  const byKind = BY_KIND[kind]
  if (byKind || !node) return byKind
  const compatible = compatibleOf(node)
  if (compatible.state !== 'known') return undefined
  return BY_COMPATIBLE.find(([pattern]) => compatible.value.some((name) => pattern.test(name)))?.[1]
}
