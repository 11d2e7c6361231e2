import type { DeviceTreeNode } from '../../machine/devicetree.js'
import type { Provenance } from '../../machine/fact.js'
import type { IdMapping, IortNode } from '../../machine/iort.js'
import type { OfMapName } from '../devicetree/of-map-cells.js'
import type { OfMapEntry } from '../devicetree/of-map-entries.js'
import type { OfDoubt, OfError } from '../devicetree/of-property.js'
import type { IortWalkDoubt, IortWalkFailure } from '../iort/iort-walk.js'
import { merged, rangeOf, within, type IdRange } from './id-ranges.js'

/** A node of whichever description gives ids: an IORT or a device tree. */
export type IdNode = IortNode | DeviceTreeNode

/** What the SMMU, and what the ITS, tells devices apart by. */
export type IdKind = 'StreamID' | 'DeviceID'

/** Whose ids they are. */
export interface IdOwner {
  /** Unique within the machine. */
  readonly key: string
  /** The PCI functions of a root complex or host bridge; a device outside PCI; an SMMU or counter, for its own MSIs. */
  readonly kind: 'pci' | 'device' | 'own'
  /** As people know it: `PCI segment 0`, an ACPI path, the path of a node. */
  readonly name: string
  readonly node: IdNode
}

/** Where ids are counted: two that are equal there are one device, if it tells devices apart by them. */
export interface IdSpace {
  readonly kind: IdKind
  /** Unique within the machine: the device table of an ITS, or the SMMU. */
  readonly key: string
  readonly target: IdNode
  /** Whether it tells devices apart by them: an Arm SMMU and an ITS do, while they are enabled. */
  readonly tellsApart: boolean
}

/** One mapping of an IORT on a way; `input` is what the first id of the range is there. */
export interface IortStep {
  readonly node: IortNode
  readonly mapping: IdMapping
  readonly input: number
}

/** One property of a device tree on a way. */
export interface TreeStep {
  readonly node: DeviceTreeNode
  readonly property: OfMapName | 'msi-parent' | 'iommus'
  /** The entry of a map. */
  readonly entry: OfMapEntry | undefined
}

export type IdStep = IortStep | TreeStep

/** The way of a range of ids: all of them take the same steps. Ids are 32 bits; both ends of a range are included. */
export interface IdWay extends IdRange {
  readonly owner: IdOwner
  /** Bits of an id that count: `first` and `last` are ids after this mask. All ones in an IORT. */
  readonly mask: number
  readonly space: IdSpace
  /** What `first` becomes; the others follow it one by one, unless `collapsed`. */
  readonly output: number
  /** A step on the way gives all ids the same output. */
  readonly collapsed: boolean
  readonly steps: readonly IdStep[]
}

/**
 * Why ids arrive nowhere: Linux finds no target, or nobody can say what it finds. `range-end`: the id is the last of a
 * range of an IORT, which this release does not count.
 */
export type StuckWhy = IortWalkFailure | IortWalkDoubt | 'range-end' | OfError | OfDoubt

/** Ids that arrive nowhere, and why. */
export interface StuckIds extends IdRange {
  readonly why: StuckWhy
  readonly steps: readonly IdStep[]
}

/** Where the ids of one owner go, towards one kind of controller. */
export interface IdsTo {
  /** Bits of an id that count: all ranges are of ids after this mask. */
  readonly mask: number
  /** In ascending order. */
  readonly reached: readonly IdWay[]
  /** In ascending order. */
  readonly stuck: readonly StuckIds[]
}

/** The ids of the functions below a root complex or host bridge: the ways of all 65,536 RequesterIDs. */
export interface HostIds {
  readonly owner: IdOwner
  /** RequesterIDs of the buses that it may number, in ascending order. */
  readonly buses: readonly IdRange[]
  /** Undefined where nothing says where they go. */
  readonly toIommu: IdsTo | undefined
  readonly toMsi: IdsTo | undefined
  /**
   * To each `msi-parent` of a tree, which takes RequesterIDs as they are: all of them without a map in front of it, else
   * those that the map leaves out.
   */
  readonly toParents: readonly IdsTo[]
  /** Where `msi-parent` stands behind a map, if not all of its controllers can be told. */
  readonly unreadParents: readonly Provenance[]
  /** Ids are looked up in a table: it is known to be so, or they are given device by device. */
  readonly looksUp: boolean
}

export const REQUESTER_IDS: IdRange = { first: 0, last: 0xffff }
export const EVERY_ID: IdRange = { first: 0, last: 0xffffffff }

type Outputs = Pick<IdWay, 'first' | 'last' | 'output' | 'collapsed'>

/** Ids in which a range of a way ends, both ends included. */
export function outputRangeOf({ first, last, output, collapsed }: Outputs): IdRange {
  return { first: output, last: collapsed ? output : output + (last - first) }
}

/** Outputs are 32 bits: a range that passes their end goes on at 0. */
export function* unwrapped<Range extends Omit<Outputs, 'collapsed'>>(ids: Range): Generator<Range> {
  const past = ids.output + (ids.last - ids.first) - 0xffffffff
  if (past <= 0) yield ids
  else {
    const last = ids.last - past
    yield { ...ids, last }
    yield { ...ids, first: last + 1, output: 0 }
  }
}

/** What becomes of one id: its way, or why it has none. */
export function wayOf({ mask, reached, stuck }: IdsTo, id: number): IdWay | StuckIds | undefined {
  const masked = (id & mask) >>> 0
  return rangeOf(reached, masked) ?? rangeOf(stuck, masked)
}

/** What an id becomes by the way that it takes. */
export function outputOf(way: Outputs & { readonly mask: number }, id: number): number {
  return way.collapsed ? way.output : way.output + (((id & way.mask) >>> 0) - way.first)
}

/** Bits in which the ids of a range differ from each other. */
export function varyingBits({ first, last }: IdRange): number {
  return first === last ? 0 : 0xffffffff >>> Math.clz32(first ^ last)
}

/** The lowest bit that is set. */
function lowestBit(bits: number): number {
  return (bits & -bits) >>> 0
}

/**
 * What the ids of a range are after a mask, as ranges in ascending order; of more ids than there are RequesterIDs one
 * range that takes in all of them.
 */
export function maskedRanges(ids: IdRange, mask: number): readonly IdRange[] {
  if ((varyingBits(ids) & ~mask) === 0) return [{ first: (ids.first & mask) >>> 0, last: (ids.last & mask) >>> 0 }]
  if (mask === 0 || ids.last - ids.first > REQUESTER_IDS.last) return [{ first: 0, last: mask >>> 0 }]
  // Ids that differ only below the first change of the mask's bits stay in a row, or become one: they are taken together.
  const size = Math.max(lowestBit(mask), lowestBit(~mask))
  const ranges: IdRange[] = []
  for (let first = ids.first; first <= ids.last; first += size - (first % size)) {
    const last = Math.min(ids.last, first - (first % size) + size - 1)
    ranges.push({ first: (first & mask) >>> 0, last: (last & mask) >>> 0 })
  }
  return merged(ranges)
}

/** Bits in which the RequesterIDs of a host's buses differ and which a mask hides: ids that differ in them become one. */
export function hiddenBits({ buses }: HostIds, { mask }: IdsTo): number {
  const varying = buses.reduce((bits, bus) => bits | varyingBits(bus) | (bus.first ^ (buses[0]?.first ?? 0)), 0)
  return (varying & ~mask) >>> 0
}

const FINDS_NOTHING: ReadonlySet<StuckWhy> = new Set<StuckWhy>([
  'no-root-complex',
  'no-mappings',
  'null-reference',
  'no-match',
  'range-end',
  'ENODEV',
  'EINVAL',
  'EFAULT',
])

/** Whether Linux is known to find no target for such a reason, other than that nobody can say what it finds. */
export function findsNothing(why: StuckWhy): boolean {
  return FINDS_NOTHING.has(why)
}

/** Whether Linux finds nothing for an id: no way, or nothing that says where it goes. */
export function isLeftOut(answer: IdWay | StuckIds | undefined): boolean {
  return answer === undefined || ('why' in answer && findsNothing(answer.why))
}

/** The ways of some of the ids, those on the buses of a host for one, in ascending order. */
export function waysOf(ids: readonly IdRange[], to: IdsTo | undefined): readonly IdWay[] {
  if (!to) return []
  return merged(ids.flatMap((range) => maskedRanges(range, to.mask))).flatMap((range) =>
    [...within(to.reached, range)].map(([way, held]) => ({
      ...way,
      ...held,
      output: way.collapsed ? way.output : way.output + (held.first - way.first),
    })),
  )
}
