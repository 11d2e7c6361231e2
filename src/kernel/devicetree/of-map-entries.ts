import { cellsOf, property, type DeviceTree, type DeviceTreeNode } from '../../machine/devicetree.js'
import type { Provenance } from '../../machine/fact.js'
import { cellsNameOf, isOldTwoCellMap, MAXIMUM_CELLS, type OfMapName } from './of-map-cells.js'
import { firstCell, nodeByPhandle, type OfDoubt } from './of-property.js'
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

interface Source {
  readonly tree: DeviceTree
  readonly cells: readonly number[]
  readonly mask: number
  readonly cellsName: ReturnType<typeof cellsNameOf>
}

function faultOf(entry: OfMapEntry, mask: number): readonly OfMapFault[] {
  const faults: OfMapFault[] = []
  if ((entry.idBase & ~mask) !== 0) faults.push({ kind: 'masked-base', entry })
  if (entry.outCount > 1 && entry.length > 1) faults.push({ kind: 'wide-range', entry })
  return faults
}

function readFourCells({ tree, cells, mask }: Source): OfMapReading {
  const form = 'four-cells'
  const size = cells.length * 4
  if (size === 0) return { form, entries: [], faults: [{ kind: 'empty', size }] }
  const entries: OfMapEntry[] = []
  for (let at = 0; at + 4 <= cells.length; at += 4) {
    const [idBase = 0, phandle = 0, outBase = 0, length = 0] = cells.slice(at, at + 4)
    const target = nodeByPhandle(tree, phandle)
    entries.push({ index: at / 4, cell: at, idBase, phandle, target, outBase, outCount: 1, length })
  }
  if (cells.length % 4 !== 0) return { form, entries: [], faults: [{ kind: 'length', size }] }
  return { form, entries, faults: entries.flatMap((entry) => faultOf(entry, mask)) }
}

/** Cells that an entry for this target has; one where nothing else can be told. */
function widthOf({ cellsName }: Source, target: OfMapEntry['target'], oldTwoCells: boolean): number {
  if (typeof target === 'string') return 1
  const width = firstCell(target, cellsName)
  const declared = width.state === 'known' ? Math.min(width.value, MAXIMUM_CELLS) : 1
  return declared === 2 && oldTwoCells ? 1 : declared
}

function readTargetCells(source: Source): OfMapReading {
  const { tree, cells, mask } = source
  const form = 'target-cells'
  const size = cells.length * 4
  if (size === 0) return { form, entries: [], faults: [{ kind: 'empty', size }] }
  const entries: OfMapEntry[] = []
  const faults: OfMapFault[] = []
  const oldTwoCells = isOldTwoCellMap(cells)
  for (let at = 0; at < cells.length;) {
    const [idBase = 0, phandle = 0] = cells.slice(at, at + 2)
    const target = nodeByPhandle(tree, phandle)
    const outCount = widthOf(source, target, oldTwoCells)
    const length = cells[at + 2 + outCount]
    if (length === undefined) {
      faults.push({ kind: 'length', size })
      break
    }
    const outBase = outCount === 0 ? idBase : (cells[at + 2] ?? 0)
    const entry = { index: entries.length, cell: at, idBase, phandle, target, outBase, outCount, length }
    entries.push(entry)
    faults.push(...faultOf(entry, mask))
    at += 3 + outCount
  }
  return { form, entries, faults }
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
    const nothing = { entries: [], faults }
    const reading: OfMapReading = { form: 'four-cells', ...nothing }
    return { state: 'known', mask, cells: [], reading, other: { form: 'target-cells', ...nothing }, from: raw.from }
  }
  const source: Source = { tree, cells: cells.value, mask, cellsName: cellsNameOf(mapName) }
  const old = readFourCells(source)
  const current = readTargetCells(source)
  const reading = release ? (atLeast(release, 7, 2) ? current : old) : meant(old, current)
  return { state: 'known', mask, cells: cells.value, reading, other: reading === old ? current : old, from: raw.from }
}
