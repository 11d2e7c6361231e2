import { hasProperty, isEnabled, type DeviceTree, type DeviceTreeNode } from '../../machine/devicetree.js'
import type { Fact } from '../../machine/fact.js'
import { MapReadings, ofMapId } from './of-map-id.js'
import { filledCells, firstCell, nodeByPhandle, type OfDoubt, type OfError } from './of-property.js'
import type { KernelRelease } from '../release.js'

/** One id that the device tree gives a device at its IOMMU. */
export interface OfStream {
  /** RequesterID it stands for; undefined for a platform device. */
  readonly requesterId: number | undefined
  readonly streamId: number
  /** All cells of the specifier, as written: the second one of an Arm SMMU is a mask. */
  readonly specifier: readonly number[]
}

/** The IOMMU that the device tree puts in front of a device. */
export type OfIommu =
  | {
      readonly kind: 'iommu'
      readonly target: DeviceTreeNode
      readonly streams: readonly OfStream[]
      /** The StreamIDs, each once, in order. */
      readonly streamIds: readonly number[]
    }
  /**
   * None: no map (or no `iommus`), no entry for some id, a target that is disabled, an error in the property, or ids that
   * lead to different IOMMUs.
   */
  | {
      readonly kind: 'none'
      readonly why: 'no-map' | 'no-match' | 'disabled' | 'several-iommus' | OfError
      readonly requesterId: number | undefined
    }
  | { readonly kind: 'unreadable'; readonly reason: OfDoubt; readonly requesterId: number | undefined }

type Taken = { readonly target: DeviceTreeNode; readonly stream: OfStream } | Exclude<OfIommu, { kind: 'iommu' }>

/** A disabled target is none; whether it is enabled has to be known. */
function whereEnabled(target: DeviceTreeNode, stream: OfStream): Taken {
  const { requesterId } = stream
  const enabled = isEnabled(target)
  if (enabled.state === 'unreadable') return { kind: 'unreadable', reason: enabled.reason, requesterId }
  if (enabled.state === 'known' && !enabled.value) return { kind: 'none', why: 'disabled', requesterId }
  return { target, stream }
}

function joined(taken: readonly Taken[], nothing: OfIommu): OfIommu {
  const refused = taken.filter((one) => 'kind' in one)
  const refusal = refused.find((one) => one.kind === 'none') ?? refused[0]
  if (refusal) return refusal
  const found = taken.filter((one) => 'stream' in one)
  const [first] = found
  if (!first) return nothing
  const other = found.find((one) => one.target.path !== first.target.path)
  if (other) return { kind: 'none', why: 'several-iommus', requesterId: other.stream.requesterId }
  const streams = found.map((one) => one.stream)
  return { kind: 'iommu', target: first.target, streams, streamIds: [...new Set(streams.map((one) => one.streamId))] }
}

/**
 * IOMMU and StreamIDs of a PCI function, from `iommu-map` on the host bridge node; no other node is looked at. One
 * RequesterID without an IOMMU leaves the whole function without.
 *
 * @param hostBridge device-tree node of the PCI host bridge
 * @param requesterIds the function's own first, then its aliases in the order of `dmaAliases`
 *
 * Source: K: drivers/iommu/of_iommu.c, `of_iommu_configure`, `of_pci_iommu_init`, `of_iommu_xlate`; devicetree.md
 * section 4.
 */
export function ofPciIommu(
  tree: DeviceTree,
  hostBridge: DeviceTreeNode,
  requesterIds: readonly number[],
  release: KernelRelease | undefined,
  readings = new MapReadings(),
): OfIommu {
  const taken = requesterIds.map((requesterId): Taken => {
    const map = ofMapId(tree, hostBridge, requesterId, 'iommu-map', release, { readings })
    switch (map.kind) {
      case 'matched':
        return whereEnabled(map.target, { requesterId, streamId: map.id, specifier: map.outCells })
      case 'no-match':
        return { kind: 'none', why: 'no-match', requesterId }
      case 'absent':
        return { kind: 'none', why: 'no-map', requesterId }
      case 'error':
        return { kind: 'none', why: map.error, requesterId }
      case 'unreadable':
        return { kind: 'unreadable', reason: map.reason, requesterId }
    }
  })
  return joined(taken, { kind: 'none', why: 'no-map', requesterId: undefined })
}

/**
 * IOMMU of a platform device, from its `iommus`. An entry that does not parse ends the list without an error of its own.
 * Source: K: drivers/iommu/of_iommu.c, `of_iommu_configure_dev`; devicetree.md section 4.
 */
export function ofPlatformIommu(tree: DeviceTree, node: DeviceTreeNode): OfIommu {
  const none = { kind: 'none', why: 'no-map', requesterId: undefined } as const
  const cells = filledCells(node, 'iommus')
  if (cells.state === 'absent') return none
  if (cells.state === 'unreadable') return { kind: 'unreadable', reason: cells.reason, requesterId: undefined }
  const taken: Taken[] = []
  for (let at = 0; at < cells.value.length;) {
    const target = nodeByPhandle(tree, cells.value[at] ?? 0)
    if (target === 'missing') break
    if (target === 'tree-incomplete') return { kind: 'unreadable', reason: target, requesterId: undefined }
    const width = firstCell(target, '#iommu-cells')
    if (width.state === 'unreadable') return { kind: 'unreadable', reason: width.reason, requesterId: undefined }
    if (width.state === 'absent' || at + 1 + width.value > cells.value.length) break
    const specifier = cells.value.slice(at + 1, at + 1 + width.value)
    taken.push(whereEnabled(target, { requesterId: undefined, streamId: specifier[0] ?? 0, specifier }))
    at += 1 + width.value
  }
  return joined(taken, none)
}

/**
 * Whether the host bridge is said to support ATS.
 * Source: K: drivers/iommu/of_iommu.c, `of_pci_check_device_ats`: boolean `ats-supported`.
 */
export function ofSupportsAts(hostBridge: DeviceTreeNode): Fact<boolean> {
  return hasProperty(hostBridge, 'ats-supported')
}
