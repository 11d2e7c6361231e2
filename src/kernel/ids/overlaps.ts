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
  const ascending = translations.toSorted((one, two) => one.first - two.first || one.index - two.index)
  const beginning = new Map(ascending.map((one) => [one.first, one]))
  let furthest: Translation<Of> | undefined
  for (const right of ascending) {
    const ids = furthest && intersection(furthest, right)
    const touch = ids?.first === ids?.last && furthest?.last === right.first && furthest.first < furthest.last
    if (furthest && ids && !touch) overlaps.push(overlap(furthest, right, ids, false))
    if (!furthest || right.last > furthest.last) furthest = right
    const next = right.first < right.last ? beginning.get(right.last) : undefined
    if (next) overlaps.push(overlap(right, next, { first: right.last, last: right.last }, true))
  }
  return overlaps
}
