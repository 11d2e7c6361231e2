import { iommuKindOf, msiProviderOf } from '../../machine/devicetree-bindings.js'
import { walkNodes, type DeviceTree, type DeviceTreeNode } from '../../machine/devicetree.js'
import type { Provenance } from '../../machine/fact.js'
import { ofMapEntries, type OfMap } from '../devicetree/of-map-entries.js'
import type { OfMapName } from '../devicetree/of-map-cells.js'
import { msiParentsOf } from '../devicetree/of-msi-parent.js'
import { filledCells, firstCell, nodeByPhandle } from '../devicetree/of-property.js'
import type { KernelRelease } from '../release.js'
import type { IdRange } from './id-ranges.js'
import type { IdKind, IdOwner, IdSpace, TreeWay, TreeWayStep } from './id-way.js'
import { isAvailable, isHostBridge, requesterIdsOfBridge } from './tree-bridges.js'
import { mapRouting, type KnownMap, type MapRouting } from './tree-ways.js'

/** One of the maps of a host bridge, with the way of each of its RequesterIDs. */
export interface BridgeMap {
  readonly name: OfMapName
  readonly map: KnownMap
  readonly routing: MapRouting
}

/** A PCI host bridge of the tree that Linux starts, or that has functions. */
export interface BridgeIds {
  readonly node: DeviceTreeNode
  readonly requesterIds: IdRange
  readonly iommuMap: OfMap
  readonly msiMap: OfMap
  /** Those of the two that could be read. */
  readonly maps: readonly BridgeMap[]
}

/** The ids of a device tree: which leave where, and where they arrive. */
export interface TreeIds {
  readonly bridges: readonly BridgeIds[]
  /** Every id at an Arm SMMU or ITS that a host bridge or device has. */
  readonly claims: readonly TreeWay[]
  /** Properties that may give out more ids, and cannot be read. */
  readonly unread: readonly Provenance[]
}

/** What a device tree alone does not say. */
export interface TreeSurroundings {
  readonly release: KernelRelease | undefined
  /** Host bridges of present functions. */
  readonly inUse: ReadonlySet<DeviceTreeNode>
  /** Names the table that the DeviceIDs of an MSI controller's node index. */
  readonly deviceTableOf: (node: DeviceTreeNode) => string
}

/** Whether ids of a controller tell devices apart: those of an ITS and of an Arm SMMU do. */
function tellsApart(target: DeviceTreeNode, kind: IdKind): boolean {
  if (!isAvailable(target)) return false
  if (kind === 'StreamID') {
    const iommu = iommuKindOf(target)
    return iommu.state === 'known' && (iommu.value === 'smmuv3' || iommu.value === 'smmuv2')
  }
  const provider = msiProviderOf(target)
  if (provider.state !== 'known' || provider.value === 'none') return false
  return provider.value.kind === 'its' || provider.value.kind === 'gicv5-its'
}

class Reader {
  readonly bridges: BridgeIds[] = []
  readonly claims: TreeWay[] = []
  readonly unread: Provenance[] = []
  private readonly tree: DeviceTree
  private readonly surroundings: TreeSurroundings

  constructor(tree: DeviceTree, surroundings: TreeSurroundings) {
    this.tree = tree
    this.surroundings = surroundings
  }

  private spaceOf(kind: IdKind, target: DeviceTreeNode): IdSpace<DeviceTreeNode> {
    return { kind, key: kind === 'DeviceID' ? this.surroundings.deviceTableOf(target) : target.path, target }
  }

  private claim(
    owner: IdOwner<DeviceTreeNode>,
    kind: IdKind,
    target: DeviceTreeNode,
    ids: IdRange & { readonly output: number; readonly mask: number },
    step: TreeWayStep,
  ): void {
    if (!tellsApart(target, kind)) return
    this.claims.push({ ...ids, owner, space: this.spaceOf(kind, target), collapsed: false, steps: [step] })
  }

  private mapsOf(node: DeviceTreeNode, ids: IdRange): BridgeIds {
    const read = (name: OfMapName) => ofMapEntries(this.tree, node, name, this.surroundings.release)
    const iommuMap = read('iommu-map')
    const msiMap = read('msi-map')
    const maps: BridgeMap[] = []
    for (const [name, map] of [
      ['iommu-map', iommuMap],
      ['msi-map', msiMap],
    ] as const) {
      if (map.state === 'unreadable') this.unread.push(...map.from)
      if (map.state === 'known') maps.push({ name, map, routing: mapRouting(map, ids) })
    }
    return { node, requesterIds: ids, iommuMap, msiMap, maps }
  }

  private claimMaps(owner: IdOwner<DeviceTreeNode>, { node, maps }: BridgeIds): void {
    for (const { name, map, routing } of maps) {
      for (const { first, last, output, entry, target } of routing.mapped) {
        const ids = { first, last, output, mask: map.mask }
        this.claim(owner, name === 'msi-map' ? 'DeviceID' : 'StreamID', target, ids, { node, property: name, entry })
      }
    }
  }

  /** RequesterIDs pass `msi-parent` as they are; another device's DeviceID is the cell behind the phandle. */
  private claimParents(owner: IdOwner<DeviceTreeNode>, requesterIds: IdRange | undefined): void {
    const { node } = owner
    const step = { node, property: 'msi-parent', entry: undefined } as const
    const parents = msiParentsOf(this.tree, node, this.surroundings.release, requesterIds ? 'pci' : 'platform')
    if (parents.end === 'unreadable') this.unread.push({ path: `${node.source}/msi-parent` })
    for (const { node: target, specifier } of parents.parents) {
      const [id] = specifier
      const ids = requesterIds ?? (id === undefined ? undefined : { first: id, last: id })
      if (ids) this.claim(owner, 'DeviceID', target, { ...ids, output: ids.first, mask: 0xffffffff }, step)
    }
  }

  /** StreamIDs of a device, where they are one cell. */
  private claimStreams(owner: IdOwner<DeviceTreeNode>): void {
    const { node } = owner
    const cells = filledCells(node, 'iommus')
    if (cells.state !== 'known') return
    for (let place = 0; place < cells.value.length;) {
      const target = nodeByPhandle(this.tree, cells.value[place] ?? 0)
      if (typeof target === 'string') return
      const width = firstCell(target, '#iommu-cells')
      const count = width.state === 'known' ? width.value : 0
      const id = cells.value[place + 1]
      if (count === 1 && id !== undefined)
        this.claim(
          owner,
          'StreamID',
          target,
          { first: id, last: id, output: id, mask: 0xffffffff },
          { node, property: 'iommus', entry: undefined },
        )
      place += 1 + count
    }
  }

  read(node: DeviceTreeNode): void {
    const available = isAvailable(node)
    const isBridge = this.surroundings.inUse.has(node) || (available && isHostBridge(node))
    if (!isBridge && !available) return
    const has = (name: string) => node.properties.has(name)
    const mapped = has('msi-map') || has('iommu-map')
    if (!isBridge && !mapped && !has('msi-parent') && !has('iommus')) return
    const owner: IdOwner<DeviceTreeNode> = { key: node.path, kind: isBridge ? 'pci' : 'device', name: node.path, node }
    const ids = isBridge ? requesterIdsOfBridge(node) : { first: 0, last: 0xffffffff }
    if (isBridge || mapped) {
      const bridge = this.mapsOf(node, ids)
      if (isBridge) this.bridges.push(bridge)
      this.claimMaps(owner, bridge)
    }
    if (!has('msi-map')) this.claimParents(owner, isBridge ? ids : undefined)
    if (!isBridge) this.claimStreams(owner)
  }
}

/**
 * The ids of a device tree under one release, range by range.
 * Source: devicetree.md sections 2 to 4; K: drivers/of/base.c, drivers/of/irq.c, drivers/iommu/of_iommu.c.
 */
export function treeIds(tree: DeviceTree, surroundings: TreeSurroundings): TreeIds {
  const reader = new Reader(tree, surroundings)
  for (const node of walkNodes(tree.root)) reader.read(node)
  const { bridges, claims, unread } = reader
  return { bridges, claims, unread }
}
