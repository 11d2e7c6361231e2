import { hostBridgeNodeOf } from '../../kernel/devicetree/host-bridge.js'
import { ofMapId, type OfMapResult } from '../../kernel/devicetree/of-map-id.js'
import { ancestorsAndSelf, isEnabled, property, stringsOf, type DeviceTreeNode } from '../../machine/devicetree.js'
import { hex } from '../../machine/identifiers.js'
import type { Route } from '../../routes/route.js'
import type { Cause, CauseSubject } from './cause.js'
import { OF_IOMMU, PCI_IOMMU_BINDING, STATUS_PROPERTY } from './shared-references.js'

/** Where the iommu-map of the host bridge leads the first RequesterID that gets no IOMMU. */
interface MapEnd {
  readonly bridge: DeviceTreeNode
  readonly requesterId: number
  readonly result: OfMapResult
}

/** The node that is not enabled: the target itself or one above it. */
function disabledNode(target: DeviceTreeNode): DeviceTreeNode | undefined {
  for (const node of ancestorsAndSelf(target)) {
    const enabled = isEnabled(node)
    if (enabled.state === 'known' && !enabled.value) return node
  }
  return undefined
}

/** Undefined unless the tree is what describes the IOMMU, and describes none for this function. */
function mapEnd({ machine, routes: { context } }: CauseSubject, route: Route): MapEnd | undefined {
  const { described } = route.iommu
  if (described.state === 'undecided' || described.value !== 'none' || route.requesterIds === 'unknown')
    return undefined
  const bridge = hostBridgeNodeOf(context, route.fn)
  if (bridge.state !== 'known' || machine.deviceTree.state !== 'known') return undefined
  const tree = machine.deviceTree.value
  for (const requesterId of route.requesterIds) {
    const result = ofMapId(tree, bridge.value, requesterId, 'iommu-map', context.release)
    if (result.kind !== 'matched' || disabledNode(result.target)) return { bridge: bridge.value, requesterId, result }
  }
  return undefined
}

const placeOf = (node: DeviceTreeNode, name: string) => ({ path: `${node.source}/${name}` })

const nodeDisabled: Cause = {
  id: 'iommu-node-disabled',
  family: 'missing-iommu',
  scope: 'device',
  actor: 'firmware',
  title: 'The device tree describes the IOMMU and disables it',
  decidedBy: 'The iommu-map of the host bridge and the status of the node that it leads to.',
  summary: '{node}, to which iommu-map leads, has status "{status}" in the device tree',
  remedy:
    'Boot with a device tree in which {node} has status "okay" (the board\'s tree, or an overlay); then Linux has an IOMMU to drive.',
  references: [OF_IOMMU, STATUS_PROPERTY],
  decide: (subject, route) => {
    const end = mapEnd(subject, route)
    if (end?.result.kind !== 'matched') return undefined
    const node = disabledNode(end.result.target)
    if (!node) return undefined
    const status = stringsOf(property(node, 'status'))
    const value = status.state === 'known' ? (status.value[0] ?? '') : 'disabled'
    return {
      details: { node: node.path, status: value },
      evidence: [
        { from: placeOf(node, 'status'), value },
        { from: placeOf(end.bridge, 'iommu-map'), value: `leads to ${end.result.target.path}` },
      ],
    }
  },
}

const mapDoesNotReach: Cause = {
  id: 'iommu-map-does-not-reach',
  family: 'missing-iommu',
  scope: 'device',
  actor: 'firmware',
  title: 'The iommu-map of the host bridge has no entry for the function',
  decidedBy: 'The entries of iommu-map and the RequesterID of the function.',
  summary: 'no entry of the iommu-map of {bridge} is for RequesterID {requesterId}',
  remedy: 'Have the device tree or the boot loader that writes iommu-map add RequesterID {requesterId} to {bridge}.',
  references: [OF_IOMMU, PCI_IOMMU_BINDING],
  decide: (subject, route) => {
    const end = mapEnd(subject, route)
    if (end?.result.kind !== 'no-match') return undefined
    return {
      details: { bridge: end.bridge.path, requesterId: hex(end.requesterId) },
      evidence: [{ from: placeOf(end.bridge, 'iommu-map'), value: `no entry for ${hex(end.requesterId)}` }],
    }
  },
}

const noMap: Cause = {
  id: 'iommu-map-missing',
  family: 'missing-iommu',
  scope: 'device',
  actor: 'firmware',
  title: 'The host bridge has no iommu-map',
  decidedBy: 'The properties of the host bridge node.',
  summary: '{bridge} has no iommu-map, so that the device tree puts no IOMMU before it',
  remedy:
    'Where the board has an IOMMU before this host bridge, have its device tree say so (iommu-map of {bridge}); else keep the device on the host.',
  references: [OF_IOMMU, PCI_IOMMU_BINDING],
  decide: (subject, route) => {
    const end = mapEnd(subject, route)
    if (end?.result.kind !== 'absent') return undefined
    return {
      details: { bridge: end.bridge.path },
      evidence: [{ from: placeOf(end.bridge, 'iommu-map'), value: 'absent' }],
    }
  },
}

const mapRefused: Cause = {
  id: 'iommu-map-refused',
  family: 'missing-iommu',
  scope: 'device',
  actor: 'firmware',
  title: 'Linux passes over the iommu-map because of an error in it',
  decidedBy: 'The cells of iommu-map.',
  summary: 'the iommu-map of {bridge} has an error, and Linux passes over it',
  remedy: 'Correct the iommu-map of {bridge} in the device tree; `intremap lint` names the cells.',
  references: [OF_IOMMU, PCI_IOMMU_BINDING],
  decide: (subject, route) => {
    const end = mapEnd(subject, route)
    if (end?.result.kind !== 'error') return undefined
    return {
      details: { bridge: end.bridge.path },
      evidence: [{ from: placeOf(end.bridge, 'iommu-map'), value: end.result.error }],
    }
  },
}

export const DEVICE_TREE_MISSING_IOMMU: readonly Cause[] = [nodeDisabled, mapDoesNotReach, mapRefused, noMap]
