import type { Fact } from '../../machine/fact.js'
import type { PciFunction } from '../../machine/pci.js'
import type { ViotNode, ViotTable } from '../../machine/viot.js'
import { firstHolders, placeOf, rangeOf, type HeldRange } from '../ids/id-ranges.js'

/** A node that puts an IOMMU before a range of PCI functions. */
export type ViotRange = Extract<ViotNode, { readonly type: 'pci-range' }>

/** Ranges for the same segments, in table order, and which of them holds which RequesterID. */
class Shelf {
  private readonly ranges: ViotRange[] = []
  private readonly places: number[] = []
  private held: readonly HeldRange[] | undefined

  add(range: ViotRange, place: number): void {
    this.ranges.push(range)
    this.places.push(place)
  }

  /** Place among all ranges of the first here that holds `requesterId`; undefined where none does. */
  placeOf(requesterId: number): number | undefined {
    this.held ??= firstHolders(this.ranges.map(({ bdfStart, bdfEnd }) => ({ first: bdfStart, last: bdfEnd })))
    const holder = rangeOf(this.held, requesterId)
    return holder && this.places[holder.index]
  }
}

/**
 * A VIOT to look functions up in. The segments of the machine are the leaves of a tree by halves; a range is kept on the
 * few shelves of it that together are its segments, and a function looks at one shelf of each height.
 */
export class ViotIommus {
  private readonly ranges: readonly ViotRange[]
  private readonly byOffset: ReadonlyMap<number, ViotNode>
  private readonly leaves: ReadonlyMap<number, number>
  private readonly shelves: readonly Shelf[]

  /** @param segments of the machine's functions */
  constructor({ nodes }: ViotTable, segments: Iterable<number>) {
    const ascending = [...new Set(segments)].sort((left, right) => left - right)
    const size = ascending.length
    this.ranges = nodes.filter((node) => node.type === 'pci-range')
    this.byOffset = new Map(nodes.map((node) => [node.offset, node]))
    this.leaves = new Map(ascending.map((segment, index) => [segment, size + index]))
    this.shelves = Array.from({ length: 2 * size }, () => new Shelf())
    const ranges = ascending.map((segment) => ({ first: segment, last: segment }))
    const leaf = (segment: number) => size + placeOf(ranges, segment)
    for (const [place, range] of this.ranges.entries()) {
      // Bottom up: a shelf that has no sister in the range stays alone, two sisters are their mother.
      const { segmentStart, segmentEnd } = range
      for (let first = leaf(segmentStart), end = leaf(segmentEnd + 1); first < end; first >>= 1, end >>= 1) {
        if ((first & 1) === 1) this.shelves[first++]?.add(range, place)
        if ((end & 1) === 1) this.shelves[--end]?.add(range, place)
      }
    }
  }

  /** The first range that holds a function. */
  rangeOf(segment: number, requesterId: number): ViotRange | undefined {
    let place = Infinity
    for (let at = this.leaves.get(segment) ?? 0; at > 0; at >>= 1)
      place = Math.min(place, this.shelves[at]?.placeOf(requesterId) ?? Infinity)
    return this.ranges[place]
  }

  /** The node to which a range leads. */
  targetOf({ outputNode }: ViotRange): ViotNode | undefined {
    return this.byOffset.get(outputNode)
  }
}

/** The VIOT of a machine to look its functions up in; undefined where it is not known. */
export function viotIommus(viot: Fact<ViotTable>, functions: readonly PciFunction[]): ViotIommus | undefined {
  const segments = functions.map(({ address }) => address.segment)
  return viot.state === 'known' ? new ViotIommus(viot.value, segments) : undefined
}
