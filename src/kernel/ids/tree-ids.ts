import { iommuKindOf, msiProviderOf } from '../../machine/devicetree-bindings.js'
import {
  isAvailable,
  placeOfNode,
  placeOfProperty,
  walkNodes,
  type DeviceTree,
  type DeviceTreeNode,
} from '../../machine/devicetree.js'
import type { Provenance } from '../../machine/fact.js'
import { isIts } from '../../machine/kinds.js'
import { isHostBridge, requesterIdsOfBridge } from '../devicetree/host-bridge.js'
import { ofMapEntries, type KnownMap, type OfMap, type OfMapEntry } from '../devicetree/of-map-entries.js'
import type { OfMapName } from '../devicetree/of-map-cells.js'
import { msiParentsOf } from '../devicetree/of-msi-parent.js'
import { filledCells, firstCell, nodeByPhandle } from '../devicetree/of-property.js'
import type { KernelRelease } from '../release.js'
import { firstHolders, gapsOf, within, type IdRange } from './id-ranges.js'
import {
  EVERY_ID,
  maskedRanges,
  REQUESTER_IDS,
  findsNothing,
  unwrapped,
  waysOf,
  type HostIds,
  type IdKind,
  type IdOwner,
  type IdSpace,
  type IdsTo,
  type IdWay,
  type StuckIds,
  type TreeStep,
} from './id-way.js'
import { lookupTableOf, mapsDeviceByDevice } from './lookup-table.js'
import { heldBy } from './translations.js'

/** One of the maps of a host bridge that could be read, with the way of each RequesterID. */
export interface BridgeMap {
  readonly name: OfMapName
  readonly map: KnownMap
  readonly to: IdsTo
}

/** A PCI host bridge of the tree that Linux starts, or that has functions. */
export interface BridgeIds extends HostIds {
  readonly node: DeviceTreeNode
  readonly iommuMap: OfMap
  readonly msiMap: OfMap
  readonly maps: readonly BridgeMap[]
}

/** The ids of a device tree: which leave where, and where they arrive. */
export interface TreeIds {
  readonly bridges: readonly BridgeIds[]
  /** Every id at an Arm SMMU or ITS that a host bridge or device has. */
  readonly claims: readonly IdWay[]
  /** Properties that may give out more ids, and cannot be read; nodes that may have such, or children that do. */
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
  return isIts(provider.value.kind)
}

function answerOf({ target, outCount, length }: OfMapEntry): DeviceTreeNode | StuckIds['why'] {
  if (target === 'missing') return 'ENODEV'
  return outCount > 1 && length > 1 ? 'EINVAL' : target
}

/** What an entry makes of an id that it holds. Without output cells its output base is its id base: ids stay as they are. */
const outputOf = (id: number, { outBase, idBase }: OfMapEntry) => (outBase + (id - idBase)) >>> 0

/** Whose map it is, and where ids are counted that lead to a target. */
interface MapOwner {
  readonly owner: IdOwner
  readonly node: DeviceTreeNode
  readonly property: OfMapName
  readonly spaceOf: (target: DeviceTreeNode) => IdSpace
}

/**
 * Where all ids of a range go by a map: the first entry that holds a masked id takes it.
 * Source: K: drivers/of/base.c, `of_map_id`; devicetree.md sections 2 and 2a.
 */
export function idsOfMap({ mask, reading }: KnownMap, ids: IdRange, of: MapOwner): IdsTo {
  const { entries, tried, rest, form } = reading
  const { owner, node, property } = of
  const counted = entries.slice(0, tried)
  const holders = firstHolders(counted.map((entry) => heldBy(entry, form)))
  const reached: IdWay[] = []
  const stuck: StuckIds[] = []
  for (const range of maskedRanges(ids, mask)) {
    for (const [{ index }, held] of within(holders, range)) {
      const entry = counted[index]
      const answer = entry ? answerOf(entry) : rest
      const steps = [{ node, property, entry }]
      if (typeof answer === 'string') stuck.push({ ...held, why: answer, steps })
      else if (entry)
        for (const outputs of unwrapped({ ...held, output: outputOf(held.first, entry) }))
          reached.push({ ...outputs, owner, mask, space: of.spaceOf(answer), collapsed: false, steps })
    }
    for (const gap of gapsOf(holders, range)) stuck.push({ ...gap, why: rest, steps: [] })
  }
  return { mask, reached, stuck: stuck.sort((left, right) => left.first - right.first) }
}

class Reader {
  readonly bridges: BridgeIds[] = []
  readonly claims: IdWay[] = []
  readonly unread: Provenance[] = []
  private readonly tree: DeviceTree
  private readonly surroundings: TreeSurroundings

  constructor(tree: DeviceTree, surroundings: TreeSurroundings) {
    this.tree = tree
    this.surroundings = surroundings
  }

  private spaceOf(kind: IdKind, target: DeviceTreeNode): IdSpace {
    const key = kind === 'DeviceID' ? this.surroundings.deviceTableOf(target) : target.path
    return { kind, key, target, tellsApart: tellsApart(target, kind) }
  }

  /** The way of ids that arrive as they are. */
  private asTheyAre(owner: IdOwner, kind: IdKind, target: DeviceTreeNode, ids: IdRange, step: TreeStep): IdWay {
    const space = this.spaceOf(kind, target)
    return { ...ids, output: ids.first, mask: EVERY_ID.last, owner, space, collapsed: false, steps: [step] }
  }

  private bridge(owner: IdOwner, node: DeviceTreeNode, buses: IdRange, ids: IdRange): BridgeIds {
    const spaces = new Map<DeviceTreeNode, IdSpace>()
    const read = (name: OfMapName): readonly [OfMap, BridgeMap | undefined] => {
      const map = ofMapEntries(this.tree, node, name, this.surroundings.release)
      if (map.state === 'unreadable') for (const one of map.from) this.unread.push(one)
      if (map.state !== 'known') return [map, undefined]
      const spaceOf = (target: DeviceTreeNode): IdSpace => {
        const space = spaces.get(target) ?? this.spaceOf(name === 'msi-map' ? 'DeviceID' : 'StreamID', target)
        spaces.set(target, space)
        return space
      }
      return [map, { name, map, to: idsOfMap(map, ids, { owner, node, property: name, spaceOf }) }]
    }
    const [iommuMap, iommu] = read('iommu-map')
    spaces.clear()
    const [msiMap, msi] = read('msi-map')
    const maps = [iommu, msi].filter((one) => one !== undefined)
    // Which ids a map leaves to the parents nobody can tell where it cannot be read.
    const isServed =
      owner.kind === 'pci' &&
      (!node.properties.has('msi-map') || msi?.to.stuck.some(({ why }) => findsNothing(why)) === true)
    const unreadParents: Provenance[] = []
    const parents = isServed ? this.parents(owner, node, buses, msi ? unreadParents : this.unread) : []
    const toParents = parents.map((way) => ({ mask: EVERY_ID.last, reached: [way], stuck: [] }))
    const looksUp =
      lookupTableOf(node) !== undefined || (maps.length > 0 && maps.every(({ map }) => mapsDeviceByDevice(map)))
    const to = { toIommu: iommu?.to, toMsi: msi?.to, toParents, unreadParents }
    return { owner, node, buses: [buses], iommuMap, msiMap, maps, ...to, looksUp }
  }

  /** RequesterIDs pass `msi-parent` as they are; another device's DeviceID is the cell behind the phandle. */
  private parents(
    owner: IdOwner,
    node: DeviceTreeNode,
    requesterIds: IdRange | undefined,
    unread: Provenance[],
  ): readonly IdWay[] {
    const step = { node, property: 'msi-parent', entry: undefined } as const
    const found = msiParentsOf(this.tree, node, this.surroundings.release, requesterIds ? 'pci' : 'platform')
    if (found.end === 'unreadable') unread.push(placeOfProperty(node, 'msi-parent'))
    return found.parents.flatMap(({ node: target, specifier: [id] }) => {
      const ids = requesterIds ?? (id === undefined ? undefined : { first: id, last: id })
      return ids ? [this.asTheyAre(owner, 'DeviceID', target, ids, step)] : []
    })
  }

  /**
   * StreamIDs of a device, where they are one cell. What is no IOMMU ends the list: nobody can tell where the next begins.
   * Source: K: drivers/iommu/of_iommu.c, `of_iommu_configure_dev`; drivers/of/base.c, `of_phandle_iterator_next`.
   */
  private *streams(owner: IdOwner, node: DeviceTreeNode): Generator<IdWay> {
    const cells = filledCells(node, 'iommus')
    if (cells.state !== 'known') return
    const step = { node, property: 'iommus', entry: undefined } as const
    for (let place = 0; place < cells.value.length;) {
      const target = nodeByPhandle(this.tree, cells.value[place] ?? 0)
      if (typeof target === 'string') return
      const width = firstCell(target, '#iommu-cells')
      if (width.state !== 'known') return
      const count = width.value
      const id = cells.value[place + 1]
      if (count === 1 && id !== undefined)
        yield this.asTheyAre(owner, 'StreamID', target, { first: id, last: id }, step)
      place += 1 + count
    }
  }

  private claim(ways: Iterable<IdWay>): void {
    for (const way of ways) if (way.space.tellsApart) this.claims.push(way)
  }

  read(node: DeviceTreeNode): void {
    const available = isAvailable(node)
    const isBridge = this.surroundings.inUse.has(node) || (available && isHostBridge(node))
    if (!isBridge && !available) return
    // What was lost of a node may have been a device that has ids.
    if (node.incomplete !== undefined) this.unread.push(placeOfNode(node))
    const has = (name: string) => node.properties.has(name)
    const mapped = has('msi-map') || has('iommu-map')
    if (!isBridge && !mapped && !has('msi-parent') && !has('iommus')) return
    const owner: IdOwner = { key: node.path, kind: isBridge ? 'pci' : 'device', name: node.path, node }
    if (isBridge) {
      const bridge = this.bridge(owner, node, requesterIdsOfBridge(node), REQUESTER_IDS)
      this.bridges.push(bridge)
      const parents = has('msi-map') ? [] : bridge.toParents
      for (const to of [...bridge.maps.map((one) => one.to), ...parents]) this.claim(waysOf(bridge.buses, to))
      return
    }
    if (mapped)
      for (const { to } of this.bridge(owner, node, EVERY_ID, EVERY_ID).maps) this.claim(waysOf([EVERY_ID], to))
    if (!has('msi-map')) this.claim(this.parents(owner, node, undefined, this.unread))
    this.claim(this.streams(owner, node))
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
