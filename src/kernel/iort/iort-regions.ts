import type { Fact } from '../../machine/fact.js'
import type { IortTable } from '../../machine/iort.js'
import { merged, type IdRange } from '../ids/id-ranges.js'

const RMR_TABLE_REVISION = 5
/** Flag of a range that does not stop an assignment to user space. */
const RELAXABLE = 1

/**
 * StreamIDs for which an IORT has memory that has to stay mapped one to one, in ascending order, by the offset of their
 * SMMU: what stops an assignment to user space. For a PCI device Linux honours it only when the host bridge keeps the
 * firmware's configuration (`_DSM` function 5), which no table tells: it is what may be reserved.
 *
 * Source: K: drivers/acpi/arm64/iort.c, `iort_find_rmrs`, `iort_rmr_has_dev`, `iort_rmr_alloc`; iort-walk.md section 8.
 */
export function directStreams(iort: Fact<IortTable>): ReadonlyMap<number, readonly IdRange[]> {
  const bySmmu = new Map<number, IdRange[]>()
  if (iort.state !== 'known' || iort.value.header.revision < RMR_TABLE_REVISION) return bySmmu
  for (const node of iort.value.nodes) {
    if (node.type !== 'rmr' || (node.flags & RELAXABLE) !== 0) continue
    if (node.descriptors.every(({ length }) => length === 0n)) continue
    for (const { outputReference, outputBase: first, idCount } of node.mappings) {
      const last = (first + idCount) >>> 0
      if (last < first) continue
      const ranges = bySmmu.get(outputReference)
      if (ranges) ranges.push({ first, last })
      else bySmmu.set(outputReference, [{ first, last }])
    }
  }
  return new Map([...bySmmu].map(([offset, ranges]) => [offset, merged(ranges)]))
}

/** SMMUv3 node model of the HiSilicon Hi161x. */
export const HISILICON_HI161X = 1
