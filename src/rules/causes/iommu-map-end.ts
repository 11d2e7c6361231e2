import { hostBridgeNodeOf } from '../../kernel/devicetree/host-bridge.js'
import { ofMapId, type OfMapResult } from '../../kernel/devicetree/of-map-id.js'
import { ancestorsAndSelf, isEnabled, type DeviceTreeNode } from '../../machine/devicetree.js'
import type { Route } from '../../routes/route.js'
import type { CauseSubject } from './cause.js'

/** Where the iommu-map of the host bridge leads the first RequesterID that gets no IOMMU. */
export interface IommuMapEnd {
  readonly bridge: DeviceTreeNode
  readonly requesterId: number
  readonly result: OfMapResult
}

/** The node that is not enabled: the target itself or one above it. */
export function disabledNode(target: DeviceTreeNode): DeviceTreeNode | undefined {
  for (const node of ancestorsAndSelf(target)) {
    const enabled = isEnabled(node)
    if (enabled.state === 'known' && !enabled.value) return node
  }
  return undefined
}

/** Undefined unless the tree is what describes the IOMMU, and describes none for this function. */
export function iommuMapEnd({ machine, routes: { context } }: CauseSubject, route: Route): IommuMapEnd | undefined {
  const { described } = route.iommu
  if (described.state === 'undecided' || described.value !== 'none' || route.requesterIds === 'unknown')
    return undefined
  const bridge = hostBridgeNodeOf(context, route.fn)
  if (bridge.state !== 'known' || machine.deviceTree.state !== 'known') return undefined
  const tree = machine.deviceTree.value
  for (const requesterId of route.requesterIds) {
    const result = ofMapId(tree, bridge.value, requesterId, 'iommu-map', context.release, {
      readings: context.mapReadings,
    })
    if (result.kind !== 'matched' || disabledNode(result.target)) return { bridge: bridge.value, requesterId, result }
  }
  return undefined
}
