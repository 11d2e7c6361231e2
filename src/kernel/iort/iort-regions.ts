import type { IortTable, RmrNode, SmmuNode, SmmuV3Node } from '../../machine/iort.js'

/** A reserved memory range of IORT that a device behind an SMMU gets mapped one to one. */
export interface IortReservedRegion {
  /** First and last address, inclusive. */
  readonly start: bigint
  readonly end: bigint
  /** `direct` stops an assignment to user space, `direct-relaxable` does not. */
  readonly type: 'direct' | 'direct-relaxable'
  readonly node: RmrNode
}

/** Bytes of the smallest page: on kernels of larger ones ranges are wider still. */
const PAGE = 0x1000n
const RMR_TABLE_REVISION = 5

/**
 * RMR ranges for a device with these StreamIDs. For a PCI device Linux honours them only when the host bridge keeps the
 * firmware's configuration (`_DSM` function 5), which no table tells: they are what may be reserved. Linux widens those
 * that are not 64 KiB aligned to whole pages, which the others are already.
 *
 * Source: K: drivers/acpi/arm64/iort.c, `iort_find_rmrs`, `iort_rmr_has_dev`, `iort_rmr_alloc`; iort-walk.md section 8.
 */
export function iortReservedRegions(
  iort: IortTable,
  smmu: SmmuNode | SmmuV3Node,
  streamIds: readonly number[],
): readonly IortReservedRegion[] {
  if (iort.header.revision < RMR_TABLE_REVISION) return []
  return iort.nodes.flatMap((node) => {
    if (node.type !== 'rmr') return []
    const applies = node.mappings.some(
      ({ outputReference, outputBase, idCount }) =>
        outputReference === smmu.offset &&
        streamIds.some((streamId) => streamId >= outputBase && streamId <= (outputBase + idCount) >>> 0),
    )
    if (!applies) return []
    const type = (node.flags & 1) !== 0 ? ('direct-relaxable' as const) : ('direct' as const)
    return node.descriptors
      .filter(({ length }) => length > 0n)
      .map(({ base, length }) => {
        const last = base + length - 1n
        return { start: base - (base % PAGE), end: last - (last % PAGE) + PAGE - 1n, type, node }
      })
  })
}

/** SMMUv3 node model of the HiSilicon Hi161x. */
export const HISILICON_HI161X = 1
