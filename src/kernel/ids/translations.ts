import type { IdMapping, IortNode, RootComplexNode, SmmuNode, SmmuV3Node } from '../../machine/iort.js'
import type { OfMapEntry, OfMapReading } from '../devicetree/of-map-entries.js'
import { newestIortRulesOf } from '../iort/iort-rules.js'
import { specialMappingIndex } from '../iort/iort-walk.js'
import type { KernelRelease } from '../release.js'
import { intersection, type IdRange } from './id-ranges.js'

/** A mapping of a node, or an entry of a map: the ids that it holds, and what it makes of them. */
export interface Translation<Of> extends IdRange {
  readonly of: Of
  /** Its place in the array, which decides where several hold one id. */
  readonly index: number
  /** What `first` becomes. */
  readonly output: number
  /** Offset or phandle of where it leads. */
  readonly target: number
}

/** The input range of a mapping as the specification counts it; undefined where it leaves 32 bits. */
export function inputRangeOf({ inputBase: first, idCount }: IdMapping): IdRange | undefined {
  const last = first + idCount
  return last > 0xffffffff ? undefined : { first, last }
}

/** The ids that an entry holds. Up to 7.1 an end past 32 bits wraps around and holds nothing; 7.2 counts from the base. */
export function heldBy({ idBase: first, length }: OfMapEntry, form: OfMapReading['form']): IdRange | undefined {
  const past = first + length
  const last = (form === 'four-cells' ? past >>> 0 : Math.min(past, 0x1_0000_0000)) - 1
  return last >= first ? { first, last } : undefined
}

/** Nodes that translate ranges of ids for clients: components list single ids, which may well overlap. */
export type TranslatingNode = RootComplexNode | SmmuNode | SmmuV3Node

/** Whether the node maps the ids of its clients. */
export function isTranslating(node: IortNode): node is TranslatingNode {
  return node.type === 'root-complex' || node.type === 'smmu' || node.type === 'smmuv3'
}

/** The index of the mapping that a release takes for the node's own MSIs. */
export function ownMappingIndex(node: IortNode, release: KernelRelease | undefined): number | undefined {
  const index = specialMappingIndex(node, newestIortRulesOf(release), () => undefined)
  return index === 'too-short' ? undefined : index
}

/** Mappings of ranges, by input base; single mappings, the node's own and those that leave 32 bits are left out. */
export function clientMappings(
  node: TranslatingNode,
  release: KernelRelease | undefined,
): readonly Translation<IdMapping>[] {
  const own = ownMappingIndex(node, release)
  return node.mappings
    .flatMap((of, index): Translation<IdMapping>[] => {
      const range = inputRangeOf(of)
      if (index === own || of.singleMapping || !range) return []
      return [{ of, index, ...range, output: of.outputBase, target: of.outputReference }]
    })
    .toSorted((left, right) => left.first - right.first)
}

/** Entries of a map with the ids that they name, whether or not a release counts all of them. */
export function filledEntries({ entries }: OfMapReading): readonly Translation<OfMapEntry>[] {
  return entries.flatMap((of) => {
    const { index, idBase: first, length, outBase: output, phandle: target } = of
    return length > 0 ? [{ of, index, first, last: first + length - 1, output, target }] : []
  })
}

/** Ids that two translations of one array hold. */
export interface Overlap<Of> {
  /** The one that stands first, which Linux takes. */
  readonly earlier: Translation<Of>
  readonly later: Translation<Of>
  readonly ids: IdRange
  /** Whether the two say the same of these ids, and if not in what they differ. */
  readonly says: 'same' | 'other-output' | 'other-target'
  /**
   * The last id of one is the first of the other, and all they share. In an IORT that is how a count that was written in
   * place of the count minus one shows, and Linux has rules of its own for it (`lastIdsOf` in iort-first-matches.ts).
   */
  readonly touching: boolean
}

function overlap<Of>(left: Translation<Of>, right: Translation<Of>, ids: IdRange, touching: boolean): Overlap<Of> {
  const [earlier, later] = left.index < right.index ? [left, right] : [right, left]
  const same = left.output - left.first === right.output - right.first
  const says = left.target !== right.target ? 'other-target' : same ? 'same' : 'other-output'
  return { earlier, later, ids, says, touching }
}

/**
 * Ids that several translations of one array hold: each against the one that reaches furthest of those that begin before
 * it, which is enough to find every one that overlaps another; and each against one that begins with its last id.
 */
export function overlapsOf<Of>(translations: readonly Translation<Of>[]): readonly Overlap<Of>[] {
  const overlaps: Overlap<Of>[] = []
  const ascending = translations.toSorted((one, two) => one.first - two.first)
  const beginning = new Map(ascending.map((one) => [one.first, one]))
  let furthest: Translation<Of> | undefined
  for (const right of ascending) {
    const ids = furthest && intersection(furthest, right)
    const touch = furthest?.last === right.first && furthest.first < furthest.last
    if (furthest && ids && !touch) overlaps.push(overlap(furthest, right, ids, false))
    if (!furthest || right.last > furthest.last) furthest = right
    const next = right.first < right.last ? beginning.get(right.last) : undefined
    if (next) overlaps.push(overlap(right, next, { first: right.last, last: right.last }, true))
  }
  return overlaps
}
