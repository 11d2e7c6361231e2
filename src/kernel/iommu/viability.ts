import type { Answer } from '../../machine/kinds.js'
import { atLeast, type KernelRelease } from '../release.js'

/** A member of a group, as far as viability asks. */
export interface GroupMember {
  readonly name: string
  readonly isBridge: boolean
  /** Bound driver, `none`, or `unknown`. */
  readonly driver: string
}

/** VFIO's own drivers and its variants: `vfio-pci`, `mlx5_vfio_pci`, `nvgrace-gpu-vfio-pci`, `vfio-fsl-mc`. */
export const isVfioDriver = (driver: string): boolean => /^vfio(?:[-_]|$)|[-_]vfio[-_]/.test(driver)

/** Drivers that leave DMA to user space: VFIO's own, the stub and the port driver. */
function managesNoDma(driver: string): boolean {
  return driver === 'none' || isVfioDriver(driver) || driver === 'pci-stub' || driver === 'pcieport'
}

/**
 * Whether no other driver keeps a group from user space, as found now. From 5.19 every driver without
 * `driver_managed_dma` counts, bridges' drivers such as shpchp too; before, bridges never did
 * (K: drivers/iommu/iommu.c, iommu_device_use_default_domain; older: drivers/vfio/vfio.c, vfio_dev_viable).
 */
export function holdsGroup(member: GroupMember, release: KernelRelease | undefined): Answer {
  if (member.driver === 'unknown') return 'unknown'
  if (managesNoDma(member.driver)) return 'no'
  if (!member.isBridge) return 'yes'
  if (!release) return 'unknown'
  return atLeast(release, 5, 19) ? 'yes' : 'no'
}
