import type { IommuGroup, ReservedRegion } from '../../machine/iommu.js'

/** MSI_IOVA_BASE and MSI_IOVA_LENGTH of the SMMU and virtio-iommu drivers, 4.11 to 7.2. */
const SOFTWARE_WINDOW = { start: 0x8000000n, end: 0x80fffffn }

const isSoftware = ({ start, end }: ReservedRegion) => start === SOFTWARE_WINDOW.start && end === SOFTWARE_WINDOW.end

/** What there is among the reserved regions of a group. */
export interface GroupRegions {
  readonly isEmpty: boolean
  /** The first window for MSIs that drivers choose, and the first that the hardware has. */
  readonly software: ReservedRegion | undefined
  readonly hardware: ReservedRegion | undefined
  /** A region that has to stay mapped one to one. */
  readonly hasDirect: boolean
}

function groupRegions(regions: readonly ReservedRegion[]): GroupRegions {
  const windows = regions.filter(({ type }) => type === 'msi')
  return {
    isEmpty: regions.length === 0,
    software: windows.find(isSoftware),
    hardware: windows.find((window) => !isSoftware(window)),
    hasDirect: regions.some(({ type }) => type === 'direct'),
  }
}

/**
 * The regions of groups, each list looked through once: every function of a group asks. Undefined where those of a group
 * cannot be read.
 */
export function regionsByGroup(): (group: IommuGroup) => GroupRegions | undefined {
  const known = new Map<IommuGroup, GroupRegions>()
  return (group) => {
    const { reservedRegions } = group
    if (reservedRegions.state !== 'known') return undefined
    const regions = known.get(group) ?? groupRegions(reservedRegions.value)
    known.set(group, regions)
    return regions
  }
}
