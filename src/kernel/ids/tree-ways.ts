import type { DeviceTreeNode } from '../../machine/devicetree.js'
import type { OfMapName } from '../devicetree/of-map-cells.js'
import type { OfMap, OfMapEntry, OfMapReading } from '../devicetree/of-map-entries.js'
import { firstHolders, gapsOf, within, type IdRange } from './id-ranges.js'
import { maskedRanges, type IdOwner, type IdSpace, type IdsTo, type IdWay, type StuckIds } from './id-way.js'

export type KnownMap = Extract<OfMap, { state: 'known' }>

/** The ids that an entry holds. Up to 7.1 an end past 32 bits wraps around and holds nothing; 7.2 counts from the base. */
function heldBy(entry: OfMapEntry, form: OfMapReading['form']): IdRange | undefined {
  const past = entry.idBase + entry.length
  const last = (form === 'four-cells' ? past >>> 0 : Math.min(past, 0x1_0000_0000)) - 1
  return last >= entry.idBase ? { first: entry.idBase, last } : undefined
}

function answerOf({ target, outCount, length }: OfMapEntry): DeviceTreeNode | StuckIds['why'] {
  if (target === 'missing') return 'ENODEV'
  return typeof target !== 'string' && outCount > 1 && length > 1 ? 'EINVAL' : target
}

/** A range with what its ids become, 32 bits: one that passes their end goes on at 0. */
type Outputs = IdRange & { readonly output: number }

function outputsOf(ids: IdRange, { outCount, outBase, idBase }: OfMapEntry): readonly Outputs[] {
  // An MSI controller of no cells takes the id as it is.
  const output = outCount === 0 ? ids.first : (outBase + (ids.first - idBase)) >>> 0
  const past = output + (ids.last - ids.first) - 0xffffffff
  if (past <= 0) return [{ ...ids, output }]
  const last = ids.last - past
  return [
    { first: ids.first, last, output },
    { first: last + 1, last: ids.last, output: 0 },
  ]
}

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
        for (const outputs of outputsOf(held, entry))
          reached.push({ ...outputs, owner, mask, space: of.spaceOf(answer), collapsed: false, steps })
    }
    for (const gap of gapsOf(holders, range)) stuck.push({ ...gap, why: rest, steps: [] })
  }
  return { mask, reached, stuck: stuck.sort((left, right) => left.first - right.first) }
}
