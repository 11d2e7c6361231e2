import type { KernelContext } from '../kernel/context.js'
import { anyOf, type Decision } from '../kernel/decision.js'
import type { StreamIdSiblings } from '../kernel/iommu/iommu-attachment.js'
import type { DescribedIommu } from '../kernel/iommu/iommu-description.js'
import type { Answer } from '../machine/kinds.js'
import type { PciFunction } from '../machine/pci.js'

/** The described IOMMU of every function, by name. */
export type StreamIdTable = ReadonlyMap<string, Decision<DescribedIommu | 'none'>>

const sameIommu = (left: DescribedIommu, right: DescribedIommu) =>
  left.kind === right.kind &&
  left.address === right.address &&
  left.nodePath === right.nodePath &&
  left.ownFunction === right.ownFunction

function shares(left: DescribedIommu, right: DescribedIommu | 'none'): Answer {
  if (right === 'none' || !sameIommu(left, right)) return 'no'
  return left.streamIds.some((id) => right.streamIds.includes(id)) ? 'yes' : 'no'
}

/** Up to 6.14: a driver without a group shows that the IOMMU was asked for the function and would not have it. */
function isRefused({ iommuGroup, driver }: PciFunction): Answer {
  if (iommuGroup.state === 'known' || driver.state === 'absent') return 'no'
  return iommuGroup.state === 'absent' && driver.state === 'known' ? 'yes' : 'unknown'
}

/**
 * Functions that share one of a function's ids at its IOMMU. An SMMUv3 refuses the second owner of a StreamID
 * (K: arm_smmu_insert_master); a virtio-iommu refuses endpoints it does not know, which shows only in a sibling that has
 * a driver and no group: behind a PCIe-to-PCI bridge it knows neither (seen with 6.1 and 6.12).
 */
export function streamIdSiblings(
  context: KernelContext,
  fn: PciFunction,
  described: Decision<DescribedIommu | 'none'>,
  table: StreamIdTable,
): StreamIdSiblings {
  const free = { streamIdTaken: 'no', aliasRefused: 'no' } as const
  if (described.state === 'undecided' || described.value === 'none') return free
  // Only a function without a group is refused, or can be.
  if (fn.iommuGroup.state !== 'absent') return free
  const own = described.value
  const result: { streamIdTaken: Answer; aliasRefused: Answer; owner?: string } = { ...free }
  for (const other of context.functions) {
    if (other === fn) continue
    const theirs = table.get(other.name)
    if (theirs === undefined || (theirs.state === 'decided' && theirs.value === 'none')) continue
    // What cannot be told of the other may be the same id at the same IOMMU.
    const same = theirs.state === 'undecided' ? 'unknown' : shares(own, theirs.value)
    if (same === 'no') continue
    if (own.kind === 'smmuv3' && other.iommuGroup.state !== 'absent') {
      const taken: Answer = same === 'yes' && other.iommuGroup.state === 'known' ? 'yes' : 'unknown'
      if (taken === 'yes') result.owner ??= other.name
      result.streamIdTaken = result.streamIdTaken === 'yes' ? 'yes' : taken
    }
    if (own.kind === 'virtio-iommu' && result.aliasRefused !== 'yes') {
      const refused = isRefused(other)
      result.aliasRefused = refused === 'yes' && same === 'unknown' ? 'unknown' : anyOf([result.aliasRefused, refused])
    }
  }
  return result
}
