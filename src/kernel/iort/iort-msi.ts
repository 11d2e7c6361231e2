import type { IortTable, ItsGroupNode, RootComplexNode } from '../../machine/iort.js'
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

interface MsiEvidence {
  /** The root complex node that Linux uses for the segment. */
  readonly rootComplex: RootComplexNode | undefined
  readonly path: readonly IortStep[]
  readonly warnings: readonly IortWarning[]
}

/** What IORT says about the MSIs of a requester. */
export type IortMsiTarget =
  | (MsiEvidence & {
      readonly kind: 'its'
      readonly rootComplex: RootComplexNode
      readonly itsGroup: ItsGroupNode
      /** All ITS ids of the group. */
      readonly itsIds: readonly number[]
      /** The one Linux uses: the first. Whether the MADT has it is another question. */
      readonly itsId: number
      readonly deviceId: number
      /** A mapping on the way ignores its input, so that other requesters get the same DeviceID. */
      readonly singleMapping: boolean
    })
  | (MsiEvidence & {
      readonly kind: 'none'
      readonly reason: IortWalkFailure | 'empty-its-group'
      /** What Linux would use as DeviceID if another source named an ITS. */
      readonly deviceId: number
    })
  | (MsiEvidence & { readonly kind: 'unknown'; readonly reason: IortWalkDoubt })

/**
 * ITS and DeviceID of a requester, from the segment's root complex node to an ITS group.
 *
 * @param segment PCI segment of the function
 * @param requesterId 16 bits, after cross-bus aliases (`msiRequesterId`)
 * @param release undefined when it could not be read: then only what all releases agree on counts
 *
 * Source: K: drivers/acpi/arm64/iort.c, `iort_get_device_domain`, `iort_msi_map_id`; iort-walk.md section 5.
 */
export function iortMsiTarget(
  iort: IortTable,
  segment: number,
  requesterId: number,
  release: KernelRelease | undefined,
): IortMsiTarget {
  const [rootComplex] = rootComplexesOf(iort, segment)
  if (!rootComplex && missesNodes(iort))
    return { kind: 'unknown', reason: 'nodes-incomplete', rootComplex, path: [], warnings: [] }
  if (!rootComplex)
    return { kind: 'none', reason: 'no-root-complex', deviceId: requesterId, rootComplex, path: [], warnings: [] }
  const walk = walkIortAs(release, iort, rootComplex, requesterId, ['its-group'])
  const { path, warnings } = walk
  switch (walk.outcome) {
    case 'unknown':
      return { kind: 'unknown', reason: walk.reason, rootComplex, path, warnings }
    case 'failed':
      return { kind: 'none', reason: walk.reason, deviceId: requesterId, rootComplex, path, warnings }
    case 'reached':
      break
  }
  const { node, id: deviceId } = walk
  const [itsId] = node.itsIds
  if (itsId === undefined && (node.itsCount ?? 0) > 0)
    return { kind: 'unknown', reason: 'node-too-short', rootComplex, path, warnings }
  if (itsId === undefined) return { kind: 'none', reason: 'empty-its-group', deviceId, rootComplex, path, warnings }
  return {
    kind: 'its',
    rootComplex,
    itsGroup: node,
    itsIds: node.itsIds,
    itsId,
    deviceId,
    singleMapping: path.some((step) => step.mapping.singleMapping),
    path,
    warnings,
  }
}
