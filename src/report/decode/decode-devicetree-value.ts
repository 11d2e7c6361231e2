import { lookupPhandle, specifierCells } from '../../machine/devicetree-lookup.js'
import {
  cellsOf,
  cellOf,
  property,
  translatedAddress,
  type DeviceTree,
  type DeviceTreeNode,
} from '../../machine/devicetree.js'
import { hex } from '../../machine/identifiers.js'
import type { DecodedMapEntry, DecodedReference, DecodedValue } from './decoded-devicetree.js'

/** A value, or the sentence why the bytes are none of the asked-for type. */
export type TypedValue = DecodedValue | string

interface Owner {
  readonly tree: DeviceTree
  readonly node: DeviceTreeNode
}

const NO_CELLS = 'the length is no multiple of 4'

function cellsIn(bytes: Uint8Array): readonly number[] | undefined {
  const cells = cellsOf({ state: 'known', value: bytes, from: [] })
  return cells.state === 'known' ? cells.value : undefined
}

/** Cells as one number, however many: addresses of a PCI bus have three. */
function combined(cells: readonly number[], from: number, count: number): string {
  let digits = ''
  for (let at = from; at < from + count; at++) digits += (cells[at] ?? 0).toString(16).padStart(8, '0')
  return `0x${digits.replace(/^0+(?=.)/, '') || '0'}`
}

/** Printable text with a NUL behind each string; undefined when the bytes are none. */
function asStrings(bytes: Uint8Array): DecodedValue | undefined {
  if (bytes.length === 0 || bytes.at(-1) !== 0) return undefined
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, -1))
    const strings = text.split('\0')
    return strings.some((string) => /[\p{Cc}]/u.test(string)) ? undefined : { type: 'strings', strings }
  } catch {
    return undefined
  }
}

/** As dtc guesses: strings where all of them are printable and none is empty, else cells, else bytes. */
export function byForm(bytes: Uint8Array): DecodedValue {
  if (bytes.length === 0) return { type: 'empty' }
  const strings = asStrings(bytes)
  if (strings?.type === 'strings' && strings.strings.every((string) => string !== '')) return strings
  const cells = cellsIn(bytes)
  return cells ? { type: 'cells', cells: cells.map(hex) } : { type: 'bytes', hex: hexOf(bytes) }
}

function hexOf(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return text
}

/** Texts, each with its final NUL. */
export function stringValue(_: Owner, bytes: Uint8Array): TypedValue {
  return asStrings(bytes) ?? 'the text has no final NUL or is not printable'
}

/** 32-bit big-endian cells. */
export function cellValue(_: Owner, bytes: Uint8Array): TypedValue {
  const cells = cellsIn(bytes)
  return cells ? { type: 'cells', cells: cells.map(hex) } : NO_CELLS
}

/** A boolean: it is true by being there. */
export function emptyValue(_: Owner, bytes: Uint8Array): TypedValue {
  return bytes.length === 0 ? { type: 'empty' } : 'a boolean property has no bytes'
}

/** `#address-cells` or `#size-cells` of a bus, with the specification's defaults of 2 and 1. */
function busCells(bus: DeviceTreeNode | undefined, name: '#address-cells' | '#size-cells'): number | undefined {
  if (!bus) return undefined
  const cells = cellOf(property(bus, name))
  if (cells.state === 'absent') return name === '#address-cells' ? 2 : 1
  return cells.state === 'known' && cells.value <= 16 ? cells.value : undefined
}

/** Splits cells into entries of fields with the given widths; undefined when they do not come out even. */
function entriesOf(bytes: Uint8Array, widths: readonly (number | undefined)[]): string[][] | undefined {
  const cells = cellsIn(bytes)
  if (!cells) return undefined
  let total = 0
  for (const width of widths) {
    if (width === undefined) return undefined
    total += width
  }
  if (total === 0 || cells.length % total !== 0) return undefined
  const entries: string[][] = []
  for (let at = 0; at < cells.length; at += total) {
    let field = at
    entries.push(
      widths.map((width = 0) => {
        const text = combined(cells, field, width)
        field += width
        return text
      }),
    )
  }
  return entries
}

const UNEVEN = 'the length does not fit #address-cells and #size-cells'

/** `reg`: addresses and sizes, as wide as the parent says, with each address as CPUs see it. */
export function regValue({ node }: Owner, bytes: Uint8Array): TypedValue {
  const widths = [busCells(node.parent, '#address-cells'), busCells(node.parent, '#size-cells')]
  const entries = entriesOf(bytes, widths)
  if (!entries) return UNEVEN
  return {
    type: 'reg',
    entries: entries.map(([address = '0x0', size = '0x0'], index) => {
      const cpuAddress = translatedAddress(node, index)
      return { address, size, cpuAddress: cpuAddress === undefined ? 'unknown' : hex(cpuAddress) }
    }),
  }
}

/** Bits 24 and 25 of the first cell of a PCI address (IEEE Std 1275 PCI bus binding, section 2.2.1.1). */
const PCI_SPACES = ['configuration', 'io', 'memory', 'memory64'] as const

/** `ranges`: address on the bus, address above it and size; on a PCI bus the first cell of an address is its space. */
export function rangesValue({ node }: Owner, bytes: Uint8Array): TypedValue {
  if (bytes.length === 0) return { type: 'empty' }
  const child = busCells(node, '#address-cells')
  const parent = busCells(node.parent, '#address-cells')
  const size = busCells(node, '#size-cells')
  const isPci = child === 3
  const entries = entriesOf(bytes, [isPci ? 1 : 0, isPci ? 2 : child, parent, size])
  if (!entries) return UNEVEN
  return {
    type: 'ranges',
    entries: entries.map(([flags = '0x0', inner = '0x0', outer = '0x0', length = '0x0']) => {
      const addresses = { child: inner, parent: outer, size: length }
      const space = isPci ? PCI_SPACES[(Number(flags) >>> 24) & 3] : undefined
      return space === undefined ? addresses : { space, flags, ...addresses }
    }),
  }
}

function reference(
  tree: DeviceTree,
  phandle: number,
): DecodedReference & { readonly target: DeviceTreeNode | undefined } {
  const found = lookupPhandle(tree, phandle)
  const target = found.state === 'known' ? found.value : undefined
  const node = target?.path ?? (found.state === 'absent' ? 'none' : 'unknown')
  return { phandle: hex(phandle), node, target }
}

/** Width of a specifier for `target`; undefined when it cannot be told. */
function widthFor(
  target: DeviceTreeNode | undefined,
  name: '#iommu-cells' | '#msi-cells',
  fallback: number,
): number | undefined {
  if (!target) return undefined
  const cells = specifierCells(target, name)
  if (cells.state === 'unreadable') return undefined
  return cells.state === 'known' ? cells.value : fallback
}

/** Phandles each followed by a specifier; `cellsName` undefined for bare phandles. */
export function referenceValue(
  { tree }: Owner,
  bytes: Uint8Array,
  cellsName: '#iommu-cells' | '#msi-cells' | undefined,
): TypedValue {
  const cells = cellsIn(bytes)
  if (!cells || cells.length === 0) return cells ? 'there is no phandle' : NO_CELLS
  const entries: (DecodedReference & { readonly arguments: readonly string[] })[] = []
  for (let at = 0; at < cells.length;) {
    const { target, phandle, node } = reference(tree, cells[at] ?? 0)
    const width = cellsName === undefined ? 0 : widthFor(target, cellsName, 0)
    if (width === undefined) return `the width of what follows phandle ${phandle} is not known`
    if (at + 1 + width > cells.length) return `the specifier of phandle ${phandle} needs ${width} cells`
    entries.push({ phandle, node, arguments: cells.slice(at + 1, at + 1 + width).map(hex) })
    at += 1 + width
  }
  return { type: 'references', entries }
}

/** Entries of a map with output specifiers of the target's width, or of one cell where `width` is given. */
function mapEntries(
  tree: DeviceTree,
  cells: readonly number[],
  cellsName: '#iommu-cells' | '#msi-cells',
  width: 1 | undefined,
): readonly DecodedMapEntry[] | undefined {
  const entries: DecodedMapEntry[] = []
  for (let at = 0; at < cells.length;) {
    const { target, phandle, node } = reference(tree, cells[at + 1] ?? 0)
    const outCells = width ?? widthFor(target, cellsName, 1)
    if (outCells === undefined || at + 3 + outCells > cells.length) return undefined
    const out = cells.slice(at + 2, at + 2 + outCells).map(hex)
    const length = hex(cells[at + 2 + outCells] ?? 0)
    entries.push({ cell: at, idBase: hex(cells[at] ?? 0), controller: { phandle, node }, out, length })
    at += 3 + outCells
  }
  return entries
}

/** Four-cell entries, all of length 1 and for one controller: old trees wrote them for targets of two cells as well. */
function isOldForm(cells: readonly number[]): boolean {
  return (
    cells.length % 4 === 0 &&
    cells.every((cell, index) => (index % 4 === 1 ? cell === cells[1] : index % 4 === 3 ? cell === 1 : true))
  )
}

/**
 * `iommu-map` and `msi-map`. Entries are as wide as the controller's `#…-cells` says (Linux 7.2) where that comes out
 * even, else of four cells (Linux up to 7.1).
 * Source: devicetree.md sections 2 and 2a.
 */
export function mapValue({ tree, node }: Owner, bytes: Uint8Array, name: 'iommu-map' | 'msi-map'): TypedValue {
  const cells = cellsIn(bytes)
  if (!cells) return NO_CELLS
  if (cells.length === 0) return 'the map has no entry'
  const cellsName = name === 'iommu-map' ? '#iommu-cells' : '#msi-cells'
  const wide = isOldForm(cells) ? undefined : mapEntries(tree, cells, cellsName, undefined)
  const entries = wide ?? (cells.length % 4 === 0 ? mapEntries(tree, cells, cellsName, 1) : undefined)
  if (!entries) return `the length is no whole number of entries for the controllers' ${cellsName}`
  const mask = cellOf(property(node, `${name}-mask`))
  const maskText = mask.state === 'known' ? hex(mask.value) : mask.state === 'absent' ? '0xffffffff' : 'unknown'
  return { type: 'id-map', mask: maskText, entries }
}
