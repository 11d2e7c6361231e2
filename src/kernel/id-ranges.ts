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
  const [ours, theirs] = [merged(left), merged(right)]
  const result: IdRange[] = []
  let at = 0
  for (const range of ours) {
    while (at < theirs.length && (theirs[at]?.last ?? 0) < range.first) at++
    for (let next = at; next < theirs.length; next++) {
      const other = theirs[next]
      const common = other && intersection(range, other)
      if (!common) break
      result.push(common)
    }
  }
  return result
}

/** What of `ranges` does not lie in `taken`. */
export function without(ranges: readonly IdRange[], taken: IdRange): readonly IdRange[] {
  return ranges.flatMap((range) => {
    if (!intersection(range, taken)) return [range]
    const parts: IdRange[] = []
    if (range.first < taken.first) parts.push({ first: range.first, last: taken.first - 1 })
    if (range.last > taken.last) parts.push({ first: taken.last + 1, last: range.last })
    return parts
  })
}
