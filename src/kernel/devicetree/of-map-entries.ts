import { cellsOf, property, type DeviceTree, type DeviceTreeNode } from '../../machine/devicetree.js'
import type { Provenance } from '../../machine/fact.js'
import { cellsNameOf, isOldTwoCellMap, MAXIMUM_CELLS, type OfMapName } from './of-map-cells.js'
import { firstCell, nodeByPhandle, type OfDoubt, type OfError } from './of-property.js'
import { atLeast, type KernelRelease } from '../release.js'

/** One entry of `iommu-map` or `msi-map`. */
export interface OfMapEntry {
  readonly index: number
  /** Place of its first cell in the property. */
  readonly cell: number
  readonly idBase: number
  readonly phandle: number
  readonly target: DeviceTreeNode | 'missing' | 'tree-incomplete'
  readonly outBase: number
  /** Number of output cells in the entry. */
  readonly outCount: number
  readonly length: number
}

/** What keeps Linux from using a map, or a part of it. */
export type OfMapFault =
  /** No multiple of four bytes, empty, or it ends inside an entry: -EINVAL. */
  | { readonly kind: 'bytes' | 'empty' | 'length'; readonly size: number }
  /** An id base with bits that the mask clears: -EFAULT for every id that no earlier entry holds. */
  | { readonly kind: 'masked-base'; readonly entry: OfMapEntry }
  /** Several output cells and more than one id: -EINVAL for the ids of the entry. */
  | { readonly kind: 'wide-range'; readonly entry: OfMapEntry }

/** A map as one form of the binding reads it. */
export interface OfMapReading {
  readonly form: 'four-cells' | 'target-cells'
  readonly entries: readonly OfMapEntry[]
  readonly faults: readonly OfMapFault[]
  /** How many of the entries Linux comes to, before one at which it gives up. */
  readonly tried: number
  /** What it answers for ids that none of these holds. */
  readonly rest: 'no-match' | OfError | OfDoubt
}

/** A map property with both ways to read it. */
export type OfMap =
  | { readonly state: 'absent' }
  | { readonly state: 'unreadable'; readonly reason: OfDoubt; readonly from: readonly Provenance[] }
  | {
      readonly state: 'known'
      readonly mask: number
      readonly cells: readonly number[]
      /** The form that the release reads; where it is not known the one without faults, else the old one. */
      readonly reading: OfMapReading
      /** How the other form reads the property. */
      readonly other: OfMapReading
      readonly from: readonly Provenance[]
    }

/** A map that could be read. */
export type KnownMap = Extract<OfMap, { state: 'known' }>

interface Source {
  readonly tree: DeviceTree
  readonly cells: readonly number[]
  readonly mask: number
  readonly cellsName: ReturnType<typeof cellsNameOf>
}

function faultOf(entry: OfMapEntry, mask: number): readonly OfMapFault[] {
  const faults: OfMapFault[] = []
  if (hidesIdBase(entry.idBase, mask)) faults.push({ kind: 'masked-base', entry })
  if (entry.outCount > 1 && entry.length > 1) faults.push({ kind: 'wide-range', entry })
  return faults
}

/** Places at which Linux gives up, the first of which counts. */
class End {
  tried: number | undefined
  rest: OfMapReading['rest'] = 'no-match'

  at(tried: number, rest: OfMapReading['rest'] | undefined): void {
    if (rest === undefined || this.tried !== undefined) return
    this.tried = tried
    this.rest = rest
  }
}

const hidesIdBase = (idBase: number, mask: number) => (idBase & ~mask) !== 0

function readFourCells({ tree, cells, mask }: Source): OfMapReading {
  const form = 'four-cells'
  const size = cells.length * 4
  if (size === 0) return { form, entries: [], faults: [{ kind: 'empty', size }], tried: 0, rest: 'malformed' }
  const end = new End()
  if (cells.length % 4 !== 0) end.at(0, 'EINVAL')
  const entries: OfMapEntry[] = []
  for (let at = 0; at + 4 <= cells.length; at += 4) {
    const [idBase = 0, phandle = 0, outBase = 0, length = 0] = cells.slice(at, at + 4)
    const target = nodeByPhandle(tree, phandle)
    if (hidesIdBase(idBase, mask)) end.at(entries.length, 'EFAULT')
    entries.push({ index: at / 4, cell: at, idBase, phandle, target, outBase, outCount: 1, length })
  }
  const { tried = entries.length, rest } = end
  if (cells.length % 4 !== 0) return { form, entries: [], faults: [{ kind: 'length', size }], tried, rest }
  return { form, entries, faults: entries.flatMap((entry) => faultOf(entry, mask)), tried, rest }
}

interface Width {
  /** Cells that an entry for this target has; one where nothing else can be told. */
  readonly cells: number
  /** Why Linux does not come past it. */
  readonly end: OfMapReading['rest'] | undefined
}

function widthOf({ cellsName }: Source, target: OfMapEntry['target']): Width {
  if (target === 'missing') return { cells: 1, end: 'ENODEV' }
  if (target === 'tree-incomplete') return { cells: 1, end: target }
  const width = firstCell(target, cellsName)
  if (width.state === 'unreadable') return { cells: 1, end: width.reason }
  const declared = width.state === 'known' ? width.value : 1
  return declared > MAXIMUM_CELLS ? { cells: MAXIMUM_CELLS, end: 'EINVAL' } : { cells: declared, end: undefined }
}

function readTargetCells(source: Source): OfMapReading {
  const { tree, cells, mask } = source
  const form = 'target-cells'
  const size = cells.length * 4
  if (size === 0) return { form, entries: [], faults: [{ kind: 'empty', size }], tried: 0, rest: 'malformed' }
  const entries: OfMapEntry[] = []
  const faults: OfMapFault[] = []
  const end = new End()
  let oldTwoCells = false
  for (let at = 0; at < cells.length;) {
    const [idBase = 0, phandle] = cells.slice(at, at + 2)
    if (phandle === undefined) {
      end.at(entries.length, 'EINVAL')
      faults.push({ kind: 'length', size })
      break
    }
    const target = nodeByPhandle(tree, phandle)
    const width = widthOf(source, target)
    if (hidesIdBase(idBase, mask)) end.at(entries.length, 'EFAULT')
    end.at(entries.length, width.end)
    if (at === 0) oldTwoCells = width.cells === 2 && isOldTwoCellMap(cells)
    const outCount = oldTwoCells ? 1 : width.cells
    const length = cells[at + 2 + outCount]
    if (length === undefined) {
      end.at(entries.length, 'EINVAL')
      faults.push({ kind: 'length', size })
      break
    }
    const outBase = outCount === 0 ? idBase : (cells[at + 2] ?? 0)
    const entry = { index: entries.length, cell: at, idBase, phandle, target, outBase, outCount, length }
    entries.push(entry)
    for (const one of faultOf(entry, mask)) faults.push(one)
    at += 3 + outCount
  }
  const { tried = entries.length, rest } = end
  return { form, entries, faults, tried, rest }
}

/** The worst first: a map that reads without fault is what its author meant. */
function meant(old: OfMapReading, current: OfMapReading): OfMapReading {
  const fits = ({ entries, faults }: OfMapReading) =>
    faults.length === 0 && entries.every(({ target }) => target !== 'missing')
  return !fits(old) && fits(current) ? current : old
}

/**
 * The entries of `iommu-map` or `msi-map` of a node, for judging the map as a whole. `ofMapId` is what decides for one
 * id.
 *
 * @param release up to 7.1 an entry has four cells, from 7.2 on as many as its target says
 * Source: K: drivers/of/base.c, `of_map_id`; devicetree.md sections 2 and 2a.
 */
export function ofMapEntries(
  tree: DeviceTree,
  node: DeviceTreeNode,
  mapName: OfMapName,
  release: KernelRelease | undefined,
): OfMap {
  const raw = property(node, mapName)
  if (raw.state === 'absent') return { state: 'absent' }
  if (raw.state === 'unreadable') return { state: 'unreadable', reason: raw.reason, from: raw.from }
  const maskCell = firstCell(node, `${mapName}-mask`)
  if (maskCell.state === 'unreadable') return { state: 'unreadable', reason: maskCell.reason, from: maskCell.from }
  const mask = maskCell.state === 'known' ? maskCell.value : 0xffffffff
  const cells = cellsOf(raw)
  if (cells.state !== 'known') {
    const faults: readonly OfMapFault[] = [{ kind: 'bytes', size: raw.value.length }]
    const nothing = { entries: [], faults, tried: 0, rest: 'malformed' as const }
    const reading: OfMapReading = { form: 'four-cells', ...nothing }
    return { state: 'known', mask, cells: [], reading, other: { form: 'target-cells', ...nothing }, from: raw.from }
  }
  const source: Source = { tree, cells: cells.value, mask, cellsName: cellsNameOf(mapName) }
  const old = readFourCells(source)
  const current = readTargetCells(source)
  const reading = release ? (atLeast(release, 7, 2) ? current : old) : meant(old, current)
  return { state: 'known', mask, cells: cells.value, reading, other: reading === old ? current : old, from: raw.from }
}
