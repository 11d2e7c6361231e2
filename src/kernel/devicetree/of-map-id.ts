import type { CellList, DeviceTree, DeviceTreeNode } from '../../machine/devicetree.js'
import { cellsNameOf, isOldTwoCellMap, MAXIMUM_CELLS, type OfMapName } from './of-map-cells.js'
import { filledCellsInPlace, firstCell, nodeByPhandle, type OfDoubt, type OfError } from './of-property.js'
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

interface MapRequest {
  readonly tree: DeviceTree
  readonly cells: CellList
  readonly mask: number
  readonly id: number
  readonly filter: DeviceTreeNode | undefined
  readonly cellsName: ReturnType<typeof cellsNameOf>
}

interface MapEntry {
  readonly idBase: number
  readonly phandle: number
  readonly outCells: readonly number[]
  readonly length: number
}

type OfMapMatch = Extract<OfMapResult, { readonly kind: 'matched' }>

const EINVAL: OfMapResult = { kind: 'error', error: 'EINVAL' }
const EFAULT: OfMapResult = { kind: 'error', error: 'EFAULT' }
const ENODEV: OfMapResult = { kind: 'error', error: 'ENODEV' }
const INCOMPLETE: OfMapResult = { kind: 'unreadable', reason: 'tree-incomplete' }

/** What an entry that covers the id gives. */
function matched(request: MapRequest, target: DeviceTreeNode, entry: MapEntry, index: number): OfMapMatch {
  const maskedId = (request.id & request.mask) >>> 0
  const [outBase = 0] = entry.outCells
  const id = (maskedId - entry.idBase + outBase) >>> 0
  return { kind: 'matched', target, id, outCells: entry.outCells, entry: index, maskedId }
}

function covers(request: MapRequest, entry: MapEntry): boolean {
  const maskedId = (request.id & request.mask) >>> 0
  return maskedId >= entry.idBase && maskedId < (entry.idBase + entry.length) >>> 0
}

/** 7.2 compares `id - base >= length`, so a range that ends past 32 bits does not wrap. */
function coversWithoutWrap(request: MapRequest, entry: MapEntry): boolean {
  const maskedId = (request.id & request.mask) >>> 0
  return maskedId >= entry.idBase && maskedId - entry.idBase < entry.length
}

function hidesIdBase(request: MapRequest, idBase: number): boolean {
  return (idBase & ~request.mask) !== 0
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

/** Up to 7.1: entries are four cells whatever the target says. K: 6.12 drivers/of/base.c, `of_map_id`. */
function mapFourCells(request: MapRequest): OfMapResult {
  const { tree, cells, filter, id } = request
  if (cells.length % 4 !== 0) return EINVAL
  for (let at = 0; at < cells.length; at += 4) {
    const [idBase = 0, phandle = 0, outBase = 0, length = 0] = cellsFrom(cells, at, 4)
    const entry = { idBase, phandle, outCells: [outBase], length }
    if (hidesIdBase(request, idBase)) return EFAULT
    if (!covers(request, entry)) continue
    const target = nodeByPhandle(tree, phandle)
    if (target === 'missing') return ENODEV
    if (target === 'tree-incomplete') return INCOMPLETE
    if (filter && filter.path !== target.path) continue
    return matched(request, target, entry, at / 4)
  }
  return { kind: 'no-match', id }
}

/** From 7.2: entries are as wide as the target's `#…-cells`. Devicetree.md section 2a. */
function mapTargetCells(request: MapRequest): OfMapResult {
  const { tree, cells, filter, id, cellsName } = request
  let oldForm = false
  for (let at = 0, index = 0; at < cells.length; index += 1) {
    const [idBase, phandle] = cellsFrom(cells, at, 2)
    if (idBase === undefined || phandle === undefined) return EINVAL
    if (hidesIdBase(request, idBase)) return EFAULT
    const target = nodeByPhandle(tree, phandle)
    if (target === 'missing') return ENODEV
    if (target === 'tree-incomplete') return INCOMPLETE
    const width = firstCell(target, cellsName)
    if (width.state === 'unreadable') return { kind: 'unreadable', reason: width.reason }
    // A target without the property is taken as one cell wide: 7.2.13 serves MSIs through an `msi-map` to a GICv2m frame
    // that has no `#msi-cells`.
    const declared = width.state === 'known' ? width.value : 1
    if (declared > MAXIMUM_CELLS) return EINVAL
    if (at === 0) oldForm = declared === 2 && isOldTwoCellMap(cells)
    const outCount = oldForm ? 1 : declared
    const length = cells.at(at + 2 + outCount)
    if (length === undefined) return EINVAL
    const entry = { idBase, phandle, outCells: cellsFrom(cells, at + 2, outCount), length }
    at += 3 + outCount
    if (!coversWithoutWrap(request, entry)) continue
    // A range with several output cells is an error for the ids inside it alone.
    if (outCount > 1 && length > 1) return EINVAL
    if (filter && filter.path !== target.path) continue
    const match = matched(request, target, entry, index)
    // An MSI controller of no cells takes the RequesterID as it is (K: 7.2 drivers/of/irq.c, of_msi_xlate).
    return outCount === 0 ? { ...match, id } : match
  }
  return { kind: 'no-match', id }
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
 * @param filter only entries for this target count
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
  filter?: DeviceTreeNode,
): OfMapResult {
  const cells = filledCellsInPlace(node, mapName)
  if (cells.state === 'absent') return { kind: 'absent' }
  if (cells.state === 'unreadable') return { kind: 'unreadable', reason: cells.reason }
  const mask = firstCell(node, `${mapName}-mask`)
  if (mask.state === 'unreadable') return { kind: 'unreadable', reason: mask.reason }
  const request: MapRequest = {
    tree,
    cells: cells.value,
    mask: mask.state === 'known' ? mask.value : 0xffffffff,
    id,
    filter,
    cellsName: cellsNameOf(mapName),
  }
  if (release) return atLeast(release, 7, 2) ? mapTargetCells(request) : mapFourCells(request)
  const old = mapFourCells(request)
  return sameAnswer(old, mapTargetCells(request)) ? old : { kind: 'unreadable', reason: 'release-undetermined' }
}
