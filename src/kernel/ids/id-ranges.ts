/** Ids, both ends included. */
export interface IdRange {
  readonly first: number
  readonly last: number
}

/** What two ranges have in common. */
export function intersection(left: IdRange, right: IdRange): IdRange | undefined {
  const first = Math.max(left.first, right.first)
  const last = Math.min(left.last, right.last)
  return first <= last ? { first, last } : undefined
}

/** The same ids in ascending ranges that neither overlap nor touch. */
export function merged(ranges: readonly IdRange[]): readonly IdRange[] {
  const result: IdRange[] = []
  for (const range of ranges.toSorted((left, right) => left.first - right.first)) {
    const before = result.at(-1)
    if (before && range.first <= before.last + 1) {
      result[result.length - 1] = { first: before.first, last: Math.max(before.last, range.last) }
    } else {
      result.push({ first: range.first, last: range.last })
    }
  }
  return result
}

/** Ids that are in both, as ascending ranges. */
export function commonRanges(left: readonly IdRange[], right: readonly IdRange[]): readonly IdRange[] {
  const theirs = merged(right)
  return merged(left).flatMap((range) => [...within(theirs, range)].map(([, common]) => common))
}

/** Ids with the place in a list of the first range that holds them. */
export interface HeldRange extends IdRange {
  readonly index: number
}

/**
 * Every id with the first range of the list that holds it, in ascending order; neighbours of one range are joined. Ids
 * that none holds are left out. Undefined stands for a range that holds nothing, and so does one that ends before it begins.
 *
 * Endpoints are sorted once and each piece between two of them is given away once: n log n, whatever overlaps.
 */
export function firstHolders(ranges: readonly (IdRange | undefined)[]): readonly HeldRange[] {
  const ends = new Set<number>()
  for (const range of ranges) if (range) ends.add(range.first).add(range.last + 1)
  const starts = [...ends].sort((left, right) => left - right)
  const places = new Map(starts.map((start, place) => [start, place]))
  const holders = new Int32Array(starts.length).fill(-1)
  /** The next piece, from each on, that nobody has; shortened as it is followed. */
  const next = Int32Array.from({ length: starts.length + 1 }, (_, place) => place)
  const free = (from: number): number => {
    let at = from
    while (next[at] !== at) at = next[at] ?? at
    for (let place = from; place < at;) {
      const following = next[place] ?? at
      next[place] = at
      place = following
    }
    return at
  }
  for (const [index, range] of ranges.entries()) {
    if (!range) continue
    const end = places.get(range.last + 1) ?? 0
    for (let place = free(places.get(range.first) ?? end); place < end; place = free(place)) {
      holders[place] = index
      next[place] = place + 1
    }
  }
  return joined(
    starts.flatMap((first, place) => {
      const index = holders[place] ?? -1
      return index < 0 ? [] : [{ index, first, last: (starts[place + 1] ?? first) - 1 }]
    }),
  )
}

/** Ascending pieces, neighbours of one range made one. */
export function joined(pieces: readonly HeldRange[]): readonly HeldRange[] {
  const result: HeldRange[] = []
  for (const piece of pieces) {
    const before = result.at(-1)
    if (before?.index === piece.index && before.last + 1 === piece.first)
      result[result.length - 1] = { ...before, last: piece.last }
    else result.push(piece)
  }
  return result
}

/** Place of the first of ascending ranges that does not end before `id`, found by halving. */
export function placeOf(ascending: readonly IdRange[], id: number): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ascending[middle]?.last ?? 0) < id) low = middle + 1
    else high = middle
  }
  return low
}

/** The range of an ascending list that holds `id`. */
export function rangeOf<R extends IdRange>(ascending: readonly R[], id: number): R | undefined {
  const range = ascending[placeOf(ascending, id)]
  return range && range.first <= id ? range : undefined
}

/** The pieces of ascending ranges that reach into `ids`, cut to it. Source order is kept. */
export function* within<R extends IdRange>(ascending: readonly R[], ids: IdRange): Generator<readonly [R, IdRange]> {
  for (let at = placeOf(ascending, ids.first); ; at++) {
    const range = ascending[at]
    if (!range) return
    const common = intersection(range, ids)
    if (!common) return
    yield [range, common]
  }
}

/** The ids of `ids` that no range of an ascending list holds. */
export function gapsOf(ascending: readonly IdRange[], ids: IdRange): readonly IdRange[] {
  const gaps: IdRange[] = []
  let from = ids.first
  for (const [, common] of within(ascending, ids)) {
    if (common.first > from) gaps.push({ first: from, last: common.first - 1 })
    from = common.last + 1
  }
  if (from <= ids.last) gaps.push({ first: from, last: ids.last })
  return gaps
}
