import type { CellList, DeviceTree, DeviceTreeNode } from '../../machine/devicetree.js'
import { cellsNameOf, isOldTwoCellMap, MAXIMUM_CELLS, type OfMapName } from './of-map-cells.js'
import { filledCellsInPlace, firstCell, nodeByPhandle, type OfDoubt, type OfError } from './of-property.js'
import { firstHolders, rangeOf, type HeldRange, type IdRange } from '../ids/id-ranges.js'
import { atLeast, type KernelRelease } from '../release.js'

/** Answer of `of_map_id` to a caller that wants a target. */
export type OfMapResult =
  | {
      readonly kind: 'matched'
      readonly target: DeviceTreeNode
      /** First output cell plus the offset in the range; 32 bits. */
      readonly id: number
      /** All output cells of the entry, as written. */
      readonly outCells: readonly number[]
      /** Index of the entry that matched. */
      readonly entry: number
      /** The id after the mask: this is what was translated. */
      readonly maskedId: number
    }
  /** The map is there and no entry fits: success without a target, the id unchanged ("bypasses translation"). */
  | { readonly kind: 'no-match'; readonly id: number }
  | { readonly kind: 'absent' }
  | { readonly kind: 'error'; readonly error: OfError }
  | { readonly kind: 'unreadable'; readonly reason: OfDoubt }

/** What a caller may add to a question. */
export interface MapOptions {
  /** Only entries for this target count. */
  readonly filter?: DeviceTreeNode | undefined
  /** Of this tree under this release, where many ids are asked for. */
  readonly readings?: MapReadings | undefined
}

/** A map of a node, read for a caller that wants every target or one. */
interface MapSource {
  readonly tree: DeviceTree
  readonly cells: CellList
  readonly mask: number
  readonly filter: DeviceTreeNode | undefined
  readonly cellsName: ReturnType<typeof cellsNameOf>
}

interface MapEntry {
  readonly index: number
  readonly idBase: number
  readonly target: DeviceTreeNode
  readonly outCells: readonly number[]
}

type Refusal = Extract<OfMapResult, { readonly kind: 'error' | 'unreadable' }>

/** A map in one form: which entry takes which masked ids, and what becomes of those that none takes. */
interface MapReading {
  readonly mask: number
  /** In ascending order; `index` is the place in `taken`. */
  readonly holders: readonly HeldRange[]
  /** What each entry that Linux comes to does with the ids that it holds. */
  readonly taken: readonly (MapEntry | Refusal)[]
  /** Where Linux gives up before the end of the map. */
  readonly end: Refusal | undefined
}

const error = (code: OfError): Refusal => ({ kind: 'error', error: code })
const INCOMPLETE: Refusal = { kind: 'unreadable', reason: 'tree-incomplete' }

function hidesIdBase({ mask }: MapSource, idBase: number): boolean {
  return (idBase & ~mask) !== 0
}

/** Up to `count` cells from `first` on: fewer where the property ends. */
function cellsFrom(cells: CellList, first: number, count: number): readonly number[] {
  const found: number[] = []
  for (let index = first; index < first + count; index += 1) {
    const cell = cells.at(index)
    if (cell === undefined) break
    found.push(cell)
  }
  return found
}

/** The entries of a map as they are read, up to the one at which Linux gives up. */
class Entries {
  private readonly ranges: (IdRange | undefined)[] = []
  private readonly taken: (MapEntry | Refusal)[] = []
  private readonly source: MapSource

  constructor(source: MapSource) {
    this.source = source
  }

  /** One that holds the ids up to `last`; an entry for another target than the caller's is passed over. */
  add(last: number, entry: MapEntry | Refusal, first: number): void {
    const { filter } = this.source
    const isOther = filter !== undefined && 'target' in entry && entry.target.path !== filter.path
    this.ranges.push(isOther ? undefined : { first, last })
    this.taken.push(entry)
  }

  reading(end?: Refusal): MapReading {
    return { mask: this.source.mask, holders: firstHolders(this.ranges), taken: this.taken, end }
  }
}

/** Up to 7.1: entries are four cells whatever the target says. K: 6.12 drivers/of/base.c, `of_map_id`. */
function readFourCells(source: MapSource): MapReading {
  const { tree, cells } = source
  const entries = new Entries(source)
  if (cells.length % 4 !== 0) return entries.reading(error('EINVAL'))
  for (let at = 0; at < cells.length; at += 4) {
    const [idBase = 0, phandle = 0, outBase = 0, length = 0] = cellsFrom(cells, at, 4)
    if (hidesIdBase(source, idBase)) return entries.reading(error('EFAULT'))
    const target = nodeByPhandle(tree, phandle)
    // A range that passes the end of 32 bits wraps around, and holds nothing.
    const last = ((idBase + length) >>> 0) - 1
    if (target === 'missing') entries.add(last, error('ENODEV'), idBase)
    else if (target === 'tree-incomplete') entries.add(last, INCOMPLETE, idBase)
    else entries.add(last, { index: at / 4, idBase, target, outCells: [outBase] }, idBase)
  }
  return entries.reading()
}

/** From 7.2: entries are as wide as the target's `#…-cells`. Devicetree.md section 2a. */
function readTargetCells(source: MapSource): MapReading {
  const { tree, cells, cellsName } = source
  const entries = new Entries(source)
  let oldForm = false
  for (let at = 0, index = 0; at < cells.length; index += 1) {
    const [idBase, phandle] = cellsFrom(cells, at, 2)
    if (idBase === undefined || phandle === undefined) return entries.reading(error('EINVAL'))
    if (hidesIdBase(source, idBase)) return entries.reading(error('EFAULT'))
    const target = nodeByPhandle(tree, phandle)
    if (target === 'missing') return entries.reading(error('ENODEV'))
    if (target === 'tree-incomplete') return entries.reading(INCOMPLETE)
    const width = firstCell(target, cellsName)
    if (width.state === 'unreadable') return entries.reading({ kind: 'unreadable', reason: width.reason })
    // A target without the property is taken as one cell wide: 7.2.13 serves MSIs through an `msi-map` to a GICv2m frame
    // that has no `#msi-cells`.
    const declared = width.state === 'known' ? width.value : 1
    if (declared > MAXIMUM_CELLS) return entries.reading(error('EINVAL'))
    if (at === 0) oldForm = declared === 2 && isOldTwoCellMap(cells)
    const outCount = oldForm ? 1 : declared
    const length = cells.at(at + 2 + outCount)
    if (length === undefined) return entries.reading(error('EINVAL'))
    const outCells = cellsFrom(cells, at + 2, outCount)
    // A range with several output cells is an error for the ids inside it alone. None that passes 32 bits wraps around:
    // 7.2 compares `id - base >= length`.
    const isWide = outCount > 1 && length > 1
    entries.add(idBase + length - 1, isWide ? error('EINVAL') : { index, idBase, target, outCells }, idBase)
    at += 3 + outCount
  }
  return entries.reading()
}

function answerOf({ mask, holders, taken, end }: MapReading, id: number): OfMapResult {
  const maskedId = (id & mask) >>> 0
  const held = rangeOf(holders, maskedId)
  const entry = held && taken[held.index]
  if (!entry) return end ?? { kind: 'no-match', id }
  if (!('target' in entry)) return entry
  const { target, outCells, index, idBase } = entry
  // An MSI controller of no cells takes the RequesterID as it is (K: 7.2 drivers/of/irq.c, of_msi_xlate).
  const [outBase] = outCells
  const outId = outBase === undefined ? id : (maskedId - idBase + outBase) >>> 0
  return { kind: 'matched', target, id: outId, outCells, entry: index, maskedId }
}

/** Maps that were read: every function below a host bridge asks its maps. Of one tree under one release. */
export class MapReadings {
  private readonly byNode = new Map<DeviceTreeNode, Map<string, MapReading>>()

  /** The reading of a map of `node` under a name of its own, made at the first question. */
  of(node: DeviceTreeNode, name: string, read: () => MapReading): MapReading {
    const ofNode = this.byNode.get(node) ?? new Map<string, MapReading>()
    this.byNode.set(node, ofNode)
    const reading = ofNode.get(name) ?? read()
    ofNode.set(name, reading)
    return reading
  }
}

function sameAnswer(left: OfMapResult, right: OfMapResult): boolean {
  if (left.kind === 'matched' && right.kind === 'matched')
    return left.target.path === right.target.path && left.id === right.id
  return left.kind === right.kind
}

/**
 * Translates `id` through `iommu-map` or `msi-map` of `node`, for a caller that wants a target.
 *
 * @param id 32-bit input id, a RequesterID for PCI
 * @param release decides the width of an entry (7.2 and later: the target's `#iommu-cells` or `#msi-cells`); where it is
 *   not known only what both forms agree on counts
 *
 * A property, mask, width or phandle that could not be read makes the result `unreadable` wherever it may have mattered.
 * An empty map is damage here, although the kernel calls it EINVAL: the binding has no empty form.
 * Source: K: drivers/of/base.c, `of_map_id`; devicetree.md sections 2 and 2a.
 */
export function ofMapId(
  tree: DeviceTree,
  node: DeviceTreeNode,
  id: number,
  mapName: OfMapName,
  release: KernelRelease | undefined,
  { filter, readings = new MapReadings() }: MapOptions = {},
): OfMapResult {
  const cells = filledCellsInPlace(node, mapName)
  if (cells.state === 'absent') return { kind: 'absent' }
  if (cells.state === 'unreadable') return { kind: 'unreadable', reason: cells.reason }
  const mask = firstCell(node, `${mapName}-mask`)
  if (mask.state === 'unreadable') return { kind: 'unreadable', reason: mask.reason }
  const source: MapSource = {
    tree,
    cells: cells.value,
    mask: mask.state === 'known' ? mask.value : 0xffffffff,
    filter,
    cellsName: cellsNameOf(mapName),
  }
  const of = (form: string, read: (from: MapSource) => MapReading) =>
    answerOf(
      readings.of(node, `${mapName} ${form} ${filter?.path ?? ''}`, () => read(source)),
      id,
    )
  if (release) return atLeast(release, 7, 2) ? of('target cells', readTargetCells) : of('four cells', readFourCells)
  const old = of('four cells', readFourCells)
  return sameAnswer(old, of('target cells', readTargetCells))
    ? old
    : { kind: 'unreadable', reason: 'release-undetermined' }
}
