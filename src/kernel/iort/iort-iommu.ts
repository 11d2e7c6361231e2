import type { IortTable, RootComplexNode, SmmuNode, SmmuV3Node } from '../../machine/iort.js'
import {
  missesNodes,
  rootComplexesOf,
  walkIortAs,
  type IortStep,
  type IortWalkDoubt,
  type IortWalkFailure,
  type IortWarning,
} from './iort-walk.js'
import type { KernelRelease } from '../release.js'

interface StreamEvidence {
  readonly rootComplex: RootComplexNode | undefined
  readonly path: readonly IortStep[]
  readonly warnings: readonly IortWarning[]
}

/** SMMU and StreamID of one RequesterID. */
export type IortStreamId =
  | (StreamEvidence & {
      readonly kind: 'stream'
      readonly rootComplex: RootComplexNode
      readonly smmu: SmmuNode | SmmuV3Node
      readonly streamId: number
    })
  | (StreamEvidence & { readonly kind: 'none'; readonly reason: IortWalkFailure })
  | (StreamEvidence & { readonly kind: 'unknown'; readonly reason: IortWalkDoubt })

/**
 * SMMU and StreamID of one RequesterID. Whether the SMMU's driver is built and runs is not looked at.
 *
 * @param segment PCI segment of the function
 * @param requesterId 16 bits: the function's own or an alias
 *
 * Source: K: drivers/acpi/arm64/iort.c, `iort_pci_iommu_init`; iort-walk.md section 6.
 */
export function iortStreamId(
  iort: IortTable,
  segment: number,
  requesterId: number,
  release: KernelRelease | undefined,
): IortStreamId {
  const [rootComplex] = rootComplexesOf(iort, segment)
  if (!rootComplex && missesNodes(iort))
    return { kind: 'unknown', reason: 'nodes-incomplete', rootComplex, path: [], warnings: [] }
  if (!rootComplex) return { kind: 'none', reason: 'no-root-complex', rootComplex, path: [], warnings: [] }
  const walk = walkIortAs(release, iort, rootComplex, requesterId, ['smmu', 'smmuv3'])
  const { path, warnings } = walk
  switch (walk.outcome) {
    case 'unknown':
      return { kind: 'unknown', reason: walk.reason, rootComplex, path, warnings }
    case 'failed':
      return { kind: 'none', reason: walk.reason, rootComplex, path, warnings }
    case 'reached':
      break
  }
  return { kind: 'stream', rootComplex, smmu: walk.node, streamId: walk.id, path, warnings }
}

/** Later root complex nodes of a segment that are still looked at: a hostile table could have as many as it has bytes for. */
const MOST_LATER = 64

/** A root complex node that Linux does not look at, since it is not the first of its segment, and that leads to an SMMU. */
export function laterRootComplexToSmmu(
  iort: IortTable,
  segment: number,
  requesterId: number,
  release: KernelRelease | undefined,
): RootComplexNode | undefined {
  return rootComplexesOf(iort, segment)
    .slice(1, 1 + MOST_LATER)
    .find((node) => walkIortAs(release, iort, node, requesterId, ['smmu', 'smmuv3']).outcome === 'reached')
}

/** All StreamIDs of a function: of its own RequesterID and of each alias. */
export type IortStreamIds =
  | {
      readonly kind: 'streams'
      readonly smmu: SmmuNode | SmmuV3Node
      /** In the order of the RequesterIDs, each once. */
      readonly streamIds: readonly number[]
      readonly streams: readonly IortStreamId[]
    }
  /** `several-smmus`: aliases lead to different SMMUs, which current releases refuse. */
  | {
      readonly kind: 'none'
      readonly reason: IortWalkFailure | 'several-smmus'
      readonly streams: readonly IortStreamId[]
    }
  | { readonly kind: 'unknown'; readonly reason: IortWalkDoubt; readonly streams: readonly IortStreamId[] }

/**
 * SMMU and StreamIDs of a function. One RequesterID without an SMMU leaves the whole function without.
 *
 * @param requesterIds the function's own first, then its aliases in the order of `dmaAliases`
 *
 * Source: K: drivers/acpi/arm64/iort.c, `iort_iommu_configure_id`; drivers/iommu/iommu.c, `iommu_fwspec_init`;
 * iort-walk.md section 6.
 */
export function iortStreamIds(
  iort: IortTable,
  segment: number,
  requesterIds: readonly number[],
  release: KernelRelease | undefined,
): IortStreamIds {
  const streams = requesterIds.map((requesterId) => iortStreamId(iort, segment, requesterId, release))
  const none = streams.find((stream) => stream.kind === 'none')
  if (none) return { kind: 'none', reason: none.reason, streams }
  const unknown = streams.find((stream) => stream.kind === 'unknown')
  if (unknown) return { kind: 'unknown', reason: unknown.reason, streams }
  const found = streams.filter((stream) => stream.kind === 'stream')
  const [first] = found
  if (!first) return { kind: 'none', reason: 'no-match', streams }
  if (found.some((stream) => stream.smmu !== first.smmu)) return { kind: 'none', reason: 'several-smmus', streams }
  return { kind: 'streams', smmu: first.smmu, streamIds: [...new Set(found.map((stream) => stream.streamId))], streams }
}

/**
 * Whether the root complex is said to support ATS; the SMMUv3 driver enables ATS only then.
 * Source: K: drivers/acpi/arm64/iort.c, `iort_pci_rc_supports_ats`: ATS attribute, bit 0.
 */
export function iortSupportsAts(rootComplex: RootComplexNode): boolean {
  return (rootComplex.atsAttribute & 1) !== 0
}
