import type { DeviceTreeNode } from '../../machine/devicetree.js'
import type { OfMap, OfMapEntry, OfMapReading } from '../devicetree/of-map-entries.js'
import type { OfDoubt, OfError } from '../devicetree/of-property.js'
import { firstHolders, gapsOf, within, type IdRange } from './id-ranges.js'

export type KnownMap = Extract<OfMap, { state: 'known' }>

/** Why a map gives an id no target. */
export type StuckAtMap = 'no-match' | OfError | OfDoubt

/** Ids after the mask that one entry takes. */
export interface MappedIds extends IdRange {
  readonly entry: OfMapEntry
  readonly target: DeviceTreeNode
  /** What `first` becomes. */
  readonly output: number
}

/** Where ids go by a map; all counted after its mask. */
export interface MapRouting {
  /** In ascending order. */
  readonly mapped: readonly MappedIds[]
  readonly stuck: readonly (IdRange & { readonly why: StuckAtMap })[]
}

/** Bits in which the ids of a range differ from each other. */
export function varyingBits({ first, last }: IdRange): number {
  let bits = first ^ last
  for (let shift = 1; shift < 32; shift *= 2) bits |= bits >>> shift
  return bits >>> 0
}

/** What the ids of a range are after the mask, as ranges in ascending order. */
export function maskedRanges(ids: IdRange, mask: number): readonly IdRange[] {
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

/** The ids that an entry holds. Up to 7.1 an end past 32 bits wraps around and holds nothing; 7.2 counts from the base. */
function heldBy(entry: OfMapEntry, form: OfMapReading['form']): IdRange | undefined {
  const past = entry.idBase + entry.length
  const last = (form === 'four-cells' ? past >>> 0 : Math.min(past, 0x1_0000_0000)) - 1
  return last >= entry.idBase ? { first: entry.idBase, last } : undefined
}

function answerOf({ target, outCount, length }: OfMapEntry): DeviceTreeNode | StuckAtMap {
  if (target === 'missing') return 'ENODEV'
  return typeof target !== 'string' && outCount > 1 && length > 1 ? 'EINVAL' : target
}

/** Outputs are 32 bits: a range that passes their end goes on at 0. An MSI controller of no cells takes the id as it is. */
function outputsOf(ids: IdRange, entry: OfMapEntry, target: DeviceTreeNode): readonly MappedIds[] {
  const output = entry.outCount === 0 ? ids.first : (entry.outBase + (ids.first - entry.idBase)) >>> 0
  const past = output + (ids.last - ids.first) - 0xffffffff
  if (past <= 0) return [{ ...ids, entry, target, output }]
  const last = ids.last - past
  return [
    { first: ids.first, last, entry, target, output },
    { first: last + 1, last: ids.last, entry, target, output: 0 },
  ]
}

/**
 * Where all ids of a range go by a map: the first entry that holds a masked id takes it.
 * Source: K: drivers/of/base.c, `of_map_id`; devicetree.md sections 2 and 2a.
 */
export function mapRouting({ mask, reading }: KnownMap, ids: IdRange): MapRouting {
  const { entries, tried, rest, form } = reading
  const counted = entries.slice(0, tried)
  const holders = firstHolders(counted.map((entry) => heldBy(entry, form)))
  const mapped: MappedIds[] = []
  const stuck: (IdRange & { why: StuckAtMap })[] = []
  for (const range of maskedRanges(ids, mask)) {
    for (const [{ index }, { first, last }] of within(holders, range)) {
      const entry = counted[index]
      const answer = entry ? answerOf(entry) : rest
      if (entry && typeof answer !== 'string') mapped.push(...outputsOf({ first, last }, entry, answer))
      else if (typeof answer === 'string') stuck.push({ first, last, why: answer })
    }
    for (const gap of gapsOf(holders, range)) stuck.push({ ...gap, why: rest })
  }
  return { mapped, stuck: stuck.sort((left, right) => left.first - right.first) }
}

/** The ids of `ids`, after the mask, that the map gives to nobody: it has no entry for them. */
export function unmapped(map: KnownMap, ids: IdRange): readonly IdRange[] {
  return mapRouting(map, ids).stuck.filter(({ why }) => why === 'no-match')
}
