import { msiParentsOf } from '../../kernel/devicetree/of-msi-parent.js'
import { filledCells, firstCell, nodeByPhandle } from '../../kernel/devicetree/of-property.js'
import { iommuKindOf, msiProviderOf } from '../../machine/devicetree-bindings.js'
import { walkNodes, type DeviceTreeNode } from '../../machine/devicetree.js'
import { isAvailable, mapsOf, propertyEvidence, type TreeBridge, type TreeCase } from './devicetree-judgement.js'
import type { Evidence } from '../rule.js'

/** Ids at an ITS or IOMMU that a host bridge or device has. Both ends included. */
export interface TreeClaim {
  readonly kind: 'DeviceID' | 'StreamID'
  readonly target: DeviceTreeNode
  readonly owner: DeviceTreeNode
  readonly bridge: TreeBridge | undefined
  readonly first: number
  readonly last: number
  readonly evidence: Evidence
}

/** Whether ids of a controller tell devices apart: those of an ITS and of an Arm SMMU do. */
function countsFor(target: DeviceTreeNode, kind: TreeClaim['kind']): boolean {
  if (kind === 'StreamID') {
    const iommu = iommuKindOf(target)
    return iommu.state === 'known' && (iommu.value === 'smmuv3' || iommu.value === 'smmuv2')
  }
  const provider = msiProviderOf(target)
  if (provider.state !== 'known' || provider.value === 'none') return false
  return provider.value.kind === 'its' || provider.value.kind === 'gicv5-its'
}

function ofBridge(at: TreeCase, bridge: TreeBridge): TreeClaim[] {
  const owner = bridge.node
  const claims: TreeClaim[] = []
  for (const { name, map, routing } of mapsOf(bridge)) {
    const kind = name === 'msi-map' ? 'DeviceID' : 'StreamID'
    if (map.reading.faults.length > 0) continue
    const evidence = propertyEvidence(owner, name)
    for (const { entry, first, last, output } of routing.mapped) {
      const { target } = entry
      if (typeof target === 'string' || !isAvailable(target) || !countsFor(target, kind)) continue
      claims.push({ kind, target, owner, bridge, first: output, last: output + (last - first), evidence })
    }
  }
  if (bridge.msiMap.state !== 'absent') return claims
  const [parent] = msiParentsOf(at.tree, owner, at.release).parents
  if (parent && isAvailable(parent.node) && countsFor(parent.node, 'DeviceID')) {
    const evidence = propertyEvidence(owner, 'msi-parent')
    claims.push({ kind: 'DeviceID', target: parent.node, owner, bridge, ...bridge.requesterIds, evidence })
  }
  return claims
}

/** Specifiers of a device outside PCI: its DeviceIDs (`msi-parent`) and StreamIDs (`iommus`, where they are one cell). */
function ofDevice(at: TreeCase, owner: DeviceTreeNode): TreeClaim[] {
  const specifiers = (property: 'msi-parent' | 'iommus', cellsName: '#msi-cells' | '#iommu-cells') => {
    const cells = filledCells(owner, property)
    const found: { target: DeviceTreeNode; id: number }[] = []
    if (cells.state !== 'known') return found
    for (let place = 0; place < cells.value.length;) {
      const target = nodeByPhandle(at.tree, cells.value[place] ?? 0)
      if (typeof target === 'string') break
      const width = firstCell(target, cellsName)
      const count = width.state === 'known' ? width.value : 0
      const id = cells.value[place + 1]
      if (count === 1 && id !== undefined) found.push({ target, id })
      place += 1 + count
    }
    return found
  }
  const claim = (kind: TreeClaim['kind'], property: string, target: DeviceTreeNode, id: number): TreeClaim[] =>
    isAvailable(target) && countsFor(target, kind)
      ? [{ kind, target, owner, bridge: undefined, first: id, last: id, evidence: propertyEvidence(owner, property) }]
      : []
  return [
    ...specifiers('msi-parent', '#msi-cells').flatMap(({ target, id }) => claim('DeviceID', 'msi-parent', target, id)),
    ...specifiers('iommus', '#iommu-cells').flatMap(({ target, id }) => claim('StreamID', 'iommus', target, id)),
  ]
}

/** Every id at an ITS or SMMU that the tree gives a host bridge or a device. */
export function treeClaims(at: TreeCase): readonly TreeClaim[] {
  const bridges = new Set(at.bridges.map(({ node }) => node))
  const claims = at.bridges.flatMap((bridge) => ofBridge(at, bridge))
  for (const node of walkNodes(at.tree.root)) {
    const has = node.properties.has('msi-parent') || node.properties.has('iommus')
    if (has && !bridges.has(node) && isAvailable(node)) claims.push(...ofDevice(at, node))
  }
  return claims
}
