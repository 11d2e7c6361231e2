import type { Fact } from '../../machine/fact.js'
import type { McfgTable } from '../../machine/mcfg.js'
import { merged, type IdRange } from './id-ranges.js'

const ALL_BUSES: IdRange = { first: 0, last: 0xffff }

/** RequesterIDs of the buses that MCFG gives each segment; all of them where it says nothing of one. */
export function busesBySegment(mcfg: Fact<McfgTable>): (segment: number) => readonly IdRange[] {
  const bySegment = new Map<number, IdRange[]>()
  for (const { segment, startBus, endBus } of mcfg.state === 'known' ? mcfg.value.allocations : []) {
    if (endBus < startBus) continue
    const buses = bySegment.get(segment) ?? []
    bySegment.set(segment, buses)
    buses.push({ first: startBus << 8, last: (endBus << 8) | 0xff })
  }
  return (segment) => merged(bySegment.get(segment) ?? [ALL_BUSES])
}
