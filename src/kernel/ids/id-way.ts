import type { DeviceTreeNode } from '../../machine/devicetree.js'
import type { IdMapping, IortNode } from '../../machine/iort.js'
import type { OfMapEntry } from '../devicetree/of-map-entries.js'
import { intersection, type IdRange } from './id-ranges.js'

/** What the SMMU, and what the ITS, tells devices apart by. */
export type IdKind = 'StreamID' | 'DeviceID'

/** Whose ids they are. */
export interface IdOwner<Node> {
  /** Unique within the machine. */
  readonly key: string
  /** The PCI functions of a root complex or host bridge; a device outside PCI; an SMMU or counter, for its own MSIs. */
  readonly kind: 'pci' | 'device' | 'own'
  /** As people know it: `PCI segment 0`, an ACPI path, the path of a node. */
  readonly name: string
  readonly node: Node
}

/** Where ids are counted: two that are equal there are one device. */
export interface IdSpace<Node> {
  readonly kind: IdKind
  /** Unique within the machine: the device table of an ITS, or the SMMU. */
  readonly key: string
  readonly target: Node
}

/** The way of a range of ids: all of them take the same steps. Ids are 32 bits; both ends of a range are included. */
export interface IdWay<Node, Step> extends IdRange {
  readonly owner: IdOwner<Node>
  /** Bits of an id that count: `first` and `last` are ids after this mask. All ones in an IORT. */
  readonly mask: number
  readonly space: IdSpace<Node>
  /** What `first` becomes; the others follow it one by one, unless `collapsed`. */
  readonly output: number
  /** A step on the way gives all ids the same output. */
  readonly collapsed: boolean
  readonly steps: readonly Step[]
}

/** Ids that arrive nowhere, and why: Linux finds no target, or nobody can say what it finds. */
export interface StuckIds<Node, Step, Why> extends IdRange {
  readonly node: Node
  readonly why: Why
  readonly steps: readonly Step[]
}

/** One mapping of an IORT on a way; `input` is what the first id of the range is there. */
export interface IortWayStep {
  readonly node: IortNode
  readonly mapping: IdMapping
  readonly input: number
}

/** One property of a device tree on a way. */
export interface TreeWayStep {
  readonly node: DeviceTreeNode
  readonly property: 'iommu-map' | 'msi-map' | 'msi-parent' | 'iommus'
  /** The entry of a map. */
  readonly entry: OfMapEntry | undefined
}

export type IortWay = IdWay<IortNode, IortWayStep>
export type TreeWay = IdWay<DeviceTreeNode, TreeWayStep>

/** Ids in which a range of a way ends, both ends included. */
export function outputRangeOf({ first, last, output, collapsed }: Outputs): IdRange {
  return { first: output, last: collapsed ? output : output + (last - first) }
}

type Outputs = Pick<IortWay, 'first' | 'last' | 'output' | 'collapsed'>

/** The part of a way whose ids, after the mask, lie in `ids`. */
export function narrowed<W extends Outputs>(way: W, ids: IdRange): W | undefined {
  const common = intersection(way, ids)
  if (!common) return undefined
  return { ...way, ...common, output: way.collapsed ? way.output : way.output + (common.first - way.first) }
}

/** The way that an id takes, if any. @param ways in ascending order, of one owner and question */
export function wayOf<W extends IdRange & { readonly mask: number }>(ways: readonly W[], id: number): W | undefined {
  const [some] = ways
  if (!some) return undefined
  const masked = (id & some.mask) >>> 0
  let low = 0
  let high = ways.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const way = ways[middle]
    if (!way || way.first > masked) high = middle - 1
    else if (way.last < masked) low = middle + 1
    else return way
  }
  return undefined
}

/** What an id becomes by the way that it takes. */
export function outputOf(way: Outputs & { readonly mask: number }, id: number): number {
  return way.collapsed ? way.output : way.output + (((id & way.mask) >>> 0) - way.first)
}
