import { cellsOf, property, type DeviceTreeNode } from '../../machine/devicetree.js'
import type { IdRange } from '../ids/id-ranges.js'
import type { OfMap, OfMapEntry } from './of-map-entries.js'

/** RequesterIDs after the mask that one entry takes. */
export interface OfMappedRange extends IdRange {
  readonly entry: OfMapEntry
  /** What `first` becomes. */
  readonly output: number
}

/** Steps that one map may take; a hostile one could otherwise ask for billions. */
const STEP_LIMIT = 1_000_000

export interface OfMapRouting {
  readonly mapped: readonly OfMappedRange[]
  /** RequesterIDs after the mask that no entry holds. */
  readonly lost: readonly IdRange[]
}

/** RequesterIDs of the buses that a host bridge numbers: `bus-range`, all 256 without it or where it cannot be read. */
export function requesterIdsOfBridge(node: DeviceTreeNode): IdRange {
  const buses = cellsOf(property(node, 'bus-range'))
  const [first = 0, last = 0xff] = buses.state === 'known' ? buses.value : []
  if (first > last || last > 0xff) return { first: 0, last: 0xffff }
  return { first: first << 8, last: (last << 8) | 0xff }
}

/** Bits in which the ids of a range differ from each other. */
export function varyingBits({ first, last }: IdRange): number {
  let bits = first ^ last
  for (let shift = 1; shift < 32; shift *= 2) bits |= bits >>> shift
  return bits >>> 0
}

/** What the ids of a range are after the mask, as ranges in ascending order. */
function maskedRanges(ids: IdRange, mask: number): readonly IdRange[] {
  if ((varyingBits(ids) & ~mask) === 0) return [{ first: (ids.first & mask) >>> 0, last: (ids.last & mask) >>> 0 }]
  const values = new Set<number>()
  for (let id = ids.first; id <= ids.last; id++) values.add((id & mask) >>> 0)
  const ranges: { first: number; last: number }[] = []
  for (const value of [...values].sort((left, right) => left - right)) {
    const open = ranges.at(-1)
    if (open && open.last + 1 === value) open.last = value
    else ranges.push({ first: value, last: value })
  }
  return ranges
}

/**
 * Where all RequesterIDs of a range go by a map: the first entry that holds a masked id takes it. Past a bound on steps,
 * which no real map comes near, the rest of the entries is left out.
 * Source: K: drivers/of/base.c, `of_map_id`; devicetree.md section 2.
 */
export function ofMapRouting(map: Extract<OfMap, { state: 'known' }>, ids: IdRange): OfMapRouting {
  let left = maskedRanges(ids, map.mask)
  const mapped: OfMappedRange[] = []
  let steps = 0
  for (const entry of map.reading.entries) {
    steps += left.length
    if (steps > STEP_LIMIT) break
    // Four-cell entries are read by releases where an end past 32 bits wraps around and holds nothing.
    const end =
      (map.reading.form === 'four-cells' ? (entry.idBase + entry.length) >>> 0 : entry.idBase + entry.length) - 1
    const remaining: IdRange[] = []
    for (const range of left) {
      const first = Math.max(range.first, entry.idBase)
      const last = Math.min(range.last, end)
      if (first > last) {
        remaining.push(range)
        continue
      }
      mapped.push({ first, last, entry, output: (entry.outBase + (first - entry.idBase)) >>> 0 })
      if (range.first < first) remaining.push({ first: range.first, last: first - 1 })
      if (range.last > last) remaining.push({ first: last + 1, last: range.last })
    }
    left = remaining
    if (left.length === 0) break
  }
  return { mapped, lost: left }
}
