import type { IdMapping, IortNode, IortTable, NamedComponentNode, RootComplexNode } from '../../machine/iort.js'
import type { IortRules } from '../iort/iort-rules.js'
import { iortNodeAt, specialMappingIndex } from '../iort/iort-walk.js'
import type { IdRange } from './id-ranges.js'
import {
  EVERY_ID,
  REQUESTER_IDS,
  waysOf,
  type HostIds,
  type IdOwner,
  type IdSpace,
  type IdsTo,
  type IdWay,
  type StuckIds,
} from './id-way.js'
import { isDeviceByDevice } from './lookup-table.js'
import { IortFollower, type RoutedIds } from './iort-ways.js'

/** A root complex that Linux uses: the first of its segment. */
export interface RootComplexIds extends HostIds {
  readonly rootComplex: RootComplexNode
  readonly toIommu: IdsTo
  readonly toMsi: IdsTo
}

/** The ids of one IORT: which leave where, and where they arrive. */
export interface IortIds {
  readonly bySegment: ReadonlyMap<number, RootComplexIds>
  /** Every id at an SMMU or ITS that somebody has: of root complexes on the buses that there are. */
  readonly claims: readonly IdWay[]
  /** False when the table has so many mappings that not all were followed. */
  readonly complete: boolean
}

/** What an IORT alone does not say. */
export interface IortSurroundings {
  /** RequesterIDs of the buses of a segment. */
  readonly busesOf: (segment: number) => readonly IdRange[]
  /** Names the table that the DeviceIDs of an ITS index. */
  readonly deviceTableOf: (itsId: number) => string
}

const SMMUS = new Set<IortNode['type']>(['smmu', 'smmuv3'])
const ITS_GROUPS = new Set<IortNode['type']>(['its-group'])
const FIRST_STOPS = new Set<IortNode['type']>([...SMMUS, ...ITS_GROUPS])

const startAt = (node: IortNode, ids: IdRange): RoutedIds => ({
  ...ids,
  node,
  output: ids.first,
  collapsed: false,
  steps: [],
})

function ownerOf(node: IortNode): IdOwner {
  const key = `iort ${node.offset}`
  if (node.type === 'root-complex') return { key, kind: 'pci', name: `PCI segment ${node.segment}`, node }
  if (node.type === 'named-component') return { key, kind: 'device', name: node.objectName, node }
  return { key, kind: 'own', name: `the ${node.type} node at 0x${node.offset.toString(16)}`, node }
}

class Reader {
  private readonly follower: IortFollower
  private readonly iort: IortTable
  private readonly rules: IortRules
  private readonly surroundings: IortSurroundings

  constructor(iort: IortTable, rules: IortRules, surroundings: IortSurroundings) {
    this.iort = iort
    this.rules = rules
    this.surroundings = surroundings
    this.follower = new IortFollower(iort, rules)
  }

  get complete(): boolean {
    return this.follower.complete
  }

  /** One ITS has one space of DeviceIDs, whichever group names it; Linux uses the first of a group. */
  private spaceOf(target: IortNode): IdSpace {
    if (target.type !== 'its-group')
      return { kind: 'StreamID', key: `iort ${target.offset}`, target, tellsApart: SMMUS.has(target.type) }
    const [itsId] = target.itsIds
    const key = itsId === undefined ? `empty group ${target.offset}` : this.surroundings.deviceTableOf(itsId)
    return { kind: 'DeviceID', key, target, tellsApart: itsId !== undefined }
  }

  private idsTo(owner: IdOwner, reached: readonly RoutedIds[], stuck: readonly StuckIds[]): IdsTo {
    const spaces = new Map<IortNode, IdSpace>()
    const ways = reached.map(({ node, first, last, output, collapsed, steps }): IdWay => {
      const space = spaces.get(node) ?? this.spaceOf(node)
      spaces.set(node, space)
      return { first, last, output, collapsed, steps, owner, mask: EVERY_ID.last, space }
    })
    const ascending = (left: IdRange, right: IdRange) => left.first - right.first
    return { mask: EVERY_ID.last, reached: ways.toSorted(ascending), stuck: stuck.toSorted(ascending) }
  }

  /** The two questions of Linux, to SMMUs and to ITS groups, whose ways are one up to the first SMMU. */
  both(owner: IdOwner, starts: readonly RoutedIds[]): Pick<RootComplexIds, 'toIommu' | 'toMsi'> {
    const { reached, stuck } = this.follower.follow(starts, FIRST_STOPS)
    const atSmmu = reached.filter(({ node }) => SMMUS.has(node.type))
    const atGroup = reached.filter(({ node }) => ITS_GROUPS.has(node.type))
    const pastGroup = this.follower.follow(atGroup, SMMUS)
    const pastSmmu = this.follower.follow(atSmmu, ITS_GROUPS)
    return {
      toIommu: this.idsTo(owner, [...atSmmu, ...pastGroup.reached], [...stuck, ...pastGroup.stuck]),
      toMsi: this.idsTo(owner, [...atGroup, ...pastSmmu.reached], [...stuck, ...pastSmmu.stuck]),
    }
  }

  rootComplex(rootComplex: RootComplexNode): RootComplexIds {
    const owner = ownerOf(rootComplex)
    const buses = this.surroundings.busesOf(rootComplex.segment)
    const ways = this.both(owner, [startAt(rootComplex, REQUESTER_IDS)])
    return {
      rootComplex,
      owner,
      buses,
      ...ways,
      toParents: [],
      unreadParents: [],
      looksUp: isDeviceByDevice(ways.toMsi.reached),
    }
  }

  /** The id that a single mapping gives its node itself; none where Linux takes none from it. */
  private single(node: IortNode, mapping: IdMapping | undefined): readonly RoutedIds[] {
    if (!mapping?.singleMapping || mapping.outputReference === 0) return []
    const target = iortNodeAt(this.iort, mapping.outputReference)
    if (!target) return []
    const steps = [{ node, mapping, input: mapping.inputBase }]
    return [{ first: 0, last: 0, node: target, output: mapping.outputBase, collapsed: true, steps }]
  }

  /**
   * Ids of a device outside PCI. Its single mappings in order: all up to the first without an SMMU are StreamIDs, the
   * first that leads to an ITS is the DeviceID. Ranges are for a bus behind it.
   * Source: K: drivers/acpi/arm64/iort.c, `iort_node_map_platform_id`, `iort_nc_iommu_map`, `iort_pmsi_get_dev_id`.
   */
  component(node: NamedComponentNode): readonly IdWay[] {
    const owner = ownerOf(node)
    const ways: (readonly IdWay[])[] = []
    let streams = true
    let devices = true
    for (const mapping of node.mappings) {
      const { toIommu, toMsi } = this.both(owner, this.single(node, mapping))
      streams &&= toIommu.reached.length > 0
      if (streams) ways.push(toIommu.reached)
      if (devices) ways.push(toMsi.reached)
      devices &&= toMsi.reached.length === 0
    }
    const { toIommu, toMsi } = this.both(owner, [startAt(node, EVERY_ID)])
    const ofBus = ({ steps: [step] }: IdWay) => step !== undefined && 'mapping' in step && !step.mapping.singleMapping
    return [...ways, toIommu.reached.filter(ofBus), toMsi.reached.filter(ofBus)].flat()
  }

  /** The DeviceID under which an SMMU or a counter raises its own MSIs; other nodes have none. K: `iort_get_id_mapping_index`. */
  own(node: IortNode): readonly IdWay[] {
    const index = specialMappingIndex(node, this.rules, () => undefined)
    if (typeof index !== 'number') return []
    return this.both(ownerOf(node), this.single(node, node.mappings[index])).toMsi.reached
  }
}

/**
 * The ids of an IORT under one set of rules, range by range.
 * Source: DEN 0049, ID mapping format; K: drivers/acpi/arm64/iort.c, `iort_node_map_id`; iort-walk.md sections 1 to 5.
 */
export function iortIds(iort: IortTable, rules: IortRules, surroundings: IortSurroundings): IortIds {
  const reader = new Reader(iort, rules, surroundings)
  const bySegment = new Map<number, RootComplexIds>()
  const claims: IdWay[] = []
  for (const node of iort.nodes) {
    if (node.type === 'root-complex' && !bySegment.has(node.segment)) {
      const ids = reader.rootComplex(node)
      bySegment.set(node.segment, ids)
      for (const to of [ids.toIommu, ids.toMsi]) for (const way of waysOf(ids.buses, to)) claims.push(way)
    } else if (node.type === 'named-component') for (const way of reader.component(node)) claims.push(way)
    else for (const way of reader.own(node)) claims.push(way)
  }
  return { bySegment, claims: claims.filter(({ space }) => space.tellsApart), complete: reader.complete }
}
