import type { IommuGroup, ReservedRegion } from '../../machine/iommu.js'
import { onceEach } from '../once.js'

/** MSI_IOVA_BASE and MSI_IOVA_LENGTH of the SMMU and virtio-iommu drivers, 4.11 to 7.2. */
const SOFTWARE_WINDOW = { start: 0x8000000n, end: 0x80fffffn }

const isSoftware = ({ start, end }: ReservedRegion) => start === SOFTWARE_WINDOW.start && end === SOFTWARE_WINDOW.end

/** Where the doorbell lies in the address space of a group's devices. */
export interface MsiWindow {
  readonly kind: 'software' | 'hardware' | 'none' | 'unknown'
  readonly start?: bigint
  readonly end?: bigint
}

/** What there is among the reserved regions of a group. */
export interface GroupRegions {
  readonly isEmpty: boolean
  /** The first window for MSIs that drivers choose, and the first that the hardware has. */
  readonly software: ReservedRegion | undefined
  readonly hardware: ReservedRegion | undefined
  /** Of both kinds the hardware's wins (K: vfio_iommu_has_sw_msi). */
  readonly window: MsiWindow
  /** A region that has to stay mapped one to one. */
  readonly hasDirect: boolean
}

const windowAt = (kind: MsiWindow['kind'], { start, end }: ReservedRegion): MsiWindow => ({ kind, start, end })

function groupRegions(regions: readonly ReservedRegion[]): GroupRegions {
  const windows = regions.filter(({ type }) => type === 'msi')
  const software = windows.find(isSoftware)
  const hardware = windows.find((window) => !isSoftware(window))
  return {
    isEmpty: regions.length === 0,
    software,
    hardware,
    window: hardware ? windowAt('hardware', hardware) : software ? windowAt('software', software) : { kind: 'none' },
    hasDirect: regions.some(({ type }) => type === 'direct'),
  }
}

/**
 * The regions of groups, each list looked through once: every function of a group asks, and most groups have the list of
 * another. Undefined where those of a group cannot be read.
 */
export function regionsByGroup(): (group: IommuGroup) => GroupRegions | undefined {
  const regionsIn = onceEach(groupRegions)
  return ({ reservedRegions }) => (reservedRegions.state === 'known' ? regionsIn(reservedRegions.value) : undefined)
}
