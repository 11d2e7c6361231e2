import { SINGLE } from '../budget/limits.js'
import { numberFromCells } from './devicetree-cells.js'
import { absent, known, unreadable, type Fact, type Provenance, type ReadFailure } from './fact.js'

/** A node of the tree. Properties are raw bytes: cells are 32-bit big-endian, strings end with NUL. */
export interface DeviceTreeNode {
  /** `/` for the root, else `/pcie@10000000`. */
  readonly path: string
  /** Name with unit address; empty for the root. */
  readonly name: string
  /** Directory or blob the node was read from, `sys/firmware/devicetree/base/pcie@10000000`. */
  readonly source: string
  readonly parent: DeviceTreeNode | undefined
  readonly properties: ReadonlyMap<string, Fact<Uint8Array>>
  readonly children: readonly DeviceTreeNode[]
  /** Why properties or children may be missing here that the machine has; undefined when the listing was whole. */
  readonly incomplete: ReadFailure | undefined
  /** Properties that are there but whose bytes the probe did not ask for: no binding or walk needs them. */
  readonly unread?: ReadonlySet<string>
  /** The kernel made it itself, for a PCI bridge or device: firmware does not describe it. */
  readonly isMadeByKernel?: boolean
  /** Of the node's first token, from the start of the blob; only for nodes of a blob. */
  readonly offset?: number
}

/** Where the running tree lacks, or has otherwise, what the boot blob has. The facts concerned are unreadable. */
export interface TreeDisagreement {
  readonly path: string
  /** Absent when the whole node is missing. */
  readonly property?: string
  readonly kind: 'missing' | 'differs'
  /** Where the boot blob has it. */
  readonly witness: Provenance
}

export interface DeviceTree {
  readonly root: DeviceTreeNode
  readonly byPath: ReadonlyMap<string, DeviceTreeNode>
  /** From `phandle` and `linux,phandle`. */
  readonly byPhandle: ReadonlyMap<number, DeviceTreeNode>
  /** False when some node or `phandle` could not be read or is ambiguous, so that a missing phandle proves nothing. */
  readonly complete: boolean
  /** True when siblings stand in the order in which the kernel walks them: a directory listing alone has lost it. */
  readonly ordered?: boolean
  /** What the second witness, the boot blob beside the directory, contradicts. */
  readonly disagreements?: readonly TreeDisagreement[]
}

/** Where a node stands: its directory, or its first token in the blob. */
export function placeOfNode(node: DeviceTreeNode): Provenance {
  const at = node.offset === undefined ? {} : { at: { offset: node.offset, length: 4 } }
  return { path: node.source, ...at, node: node.path }
}

/** Where a property stands, or would stand: its file; in a blob the bytes of its value, else its node. */
export function placeOfProperty(node: DeviceTreeNode, name: string): Provenance {
  const found = node.properties.get(name)?.from[0]
  if (found) return found
  const { offset, source, path } = node
  return offset === undefined
    ? { path: `${source}/${name}`, node: path, property: name }
    : { path: source, at: { offset, length: 4 }, node: path, property: name }
}

/**
 * The raw property. On a node whose listing was not whole a missing property is unreadable, not absent; so is one that
 * is there but was not read.
 */
export function property(node: DeviceTreeNode, name: string): Fact<Uint8Array> {
  const found = node.properties.get(name)
  if (found) return found
  const from = placeOfProperty(node, name)
  if (node.unread?.has(name)) return unreadable('io', from)
  return node.incomplete === undefined ? absent(from) : unreadable(node.incomplete, from)
}

/** Cells by their index, as an array has them. */
export interface CellList {
  readonly length: number
  at(index: number): number | undefined
}

/**
 * 32-bit big-endian cells, each read where it stands when it is asked for: a map of thousands of entries is searched for
 * every function and never copied. A size that is no multiple of four is damage. An empty property is an empty list.
 */
export function cellsInPlace(raw: Fact<Uint8Array>): Fact<CellList> {
  if (raw.state !== 'known') return raw
  const { value, from } = raw
  if (value.length % 4 !== 0) return unreadable('malformed', ...from)
  if (value.length > SINGLE.cells * 4) return unreadable('too-large', ...from)
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength)
  const length = value.length / 4
  return known({ length, at: (index) => (index < length ? view.getUint32(4 * index) : undefined) }, ...from)
}

/** All cells of a property as an array. */
export function cellsOf(raw: Fact<Uint8Array>): Fact<readonly number[]> {
  const cells = cellsInPlace(raw)
  if (cells.state !== 'known') return cells
  const { length } = cells.value
  return known(
    Array.from({ length }, (_, index) => cells.value.at(index) ?? 0),
    ...cells.from,
  )
}

/** NUL-terminated strings; a missing final NUL, an empty property or a control character is damage. */
export function stringsOf(raw: Fact<Uint8Array>): Fact<readonly string[]> {
  if (raw.state !== 'known') return raw
  const { value, from } = raw
  const end = value.length - 1
  if (value.length > 4096 || value[end] !== 0) return unreadable('malformed', ...from)
  for (const byte of value) if (byte !== 0 && (byte < 0x20 || byte > 0x7e)) return unreadable('malformed', ...from)
  const strings = Buffer.from(value.buffer, value.byteOffset, end).toString('latin1').split('\0')
  return known(strings, ...from)
}

/** The first cell of a one-cell property. */
export function cellOf(raw: Fact<Uint8Array>): Fact<number> {
  const cells = cellsInPlace(raw)
  if (cells.state !== 'known') return cells
  const first = cells.value.at(0)
  return first === undefined || cells.value.length !== 1
    ? unreadable('malformed', ...cells.from)
    : known(first, ...cells.from)
}

/** Strings of `compatible`, most specific first. */
export function compatibleOf(node: DeviceTreeNode): Fact<readonly string[]> {
  return stringsOf(property(node, 'compatible'))
}

/** `status`: absent, `okay` and `ok` are enabled, all else is disabled (K: drivers/of/base.c, of_device_is_available). */
export function isEnabled(node: DeviceTreeNode): Fact<boolean> {
  const status = stringsOf(property(node, 'status'))
  if (status.state === 'absent') return known(true, ...status.from)
  if (status.state === 'unreadable') return status
  return known(status.value[0] === 'okay' || status.value[0] === 'ok', ...status.from)
}

/** Enabled as far as can be told, the nodes above it too: Linux passes over all that is below a disabled node. */
export function isAvailable(node: DeviceTreeNode): boolean {
  for (const at of ancestorsAndSelf(node)) {
    const enabled = isEnabled(at)
    if (enabled.state === 'known' && !enabled.value) return false
  }
  return true
}

/**
 * A boolean property: there or not. One that is listed but was not asked for is there; one that could not be read, or
 * that only one of two witnesses has, is not decided.
 */
export function hasProperty(node: DeviceTreeNode, name: string): Fact<boolean> {
  if (node.unread?.has(name)) return known(true, placeOfProperty(node, name))
  const raw = property(node, name)
  switch (raw.state) {
    case 'known':
      return known(true, ...raw.from)
    case 'absent':
      return known(false, ...raw.from)
    case 'unreadable':
      return raw
  }
}

/** All nodes, parents before children. */
export function* walkNodes(node: DeviceTreeNode): Generator<DeviceTreeNode> {
  const waiting = [node]
  for (let at = waiting.pop(); at; at = waiting.pop()) {
    yield at
    for (let index = at.children.length - 1; index >= 0; index--) {
      const child = at.children[index]
      if (child) waiting.push(child)
    }
  }
}

/** Node and ancestors, nearest first. */
export function* ancestorsAndSelf(node: DeviceTreeNode): Generator<DeviceTreeNode> {
  for (let at: DeviceTreeNode | undefined = node; at; at = at.parent) yield at
}

function sizeCells(node: DeviceTreeNode | undefined, name: '#address-cells' | '#size-cells'): number | undefined {
  if (!node) return undefined
  const cell = cellOf(property(node, name))
  if (cell.state === 'known') return cell.value
  return cell.state === 'absent' ? (name === '#address-cells' ? 2 : 1) : undefined
}

/**
 * CPU physical address of entry `index` of `reg`, through each ancestor's `ranges`. Undefined where a property needed
 * cannot be read or a bus has no translation. Only for printing addresses; no judgement rests on it.
 * Source: devicetree specification 0.4, sections 2.3.6 and 2.3.8.
 */
export function translatedAddress(node: DeviceTreeNode, index = 0): bigint | undefined {
  let bus = node.parent
  const addressCells = sizeCells(bus, '#address-cells')
  const lengthCells = sizeCells(bus, '#size-cells')
  const reg = cellsOf(property(node, 'reg'))
  if (addressCells === undefined || lengthCells === undefined || reg.state !== 'known') return undefined
  const start = index * (addressCells + lengthCells)
  let address = addressCells > 2 ? undefined : numberFromCells(reg.value, start, addressCells)
  if (address === undefined) return undefined
  for (; bus?.parent; bus = bus.parent) {
    const ranges = cellsOf(property(bus, 'ranges'))
    if (ranges.state !== 'known') return undefined
    if (ranges.value.length === 0) continue
    const child = sizeCells(bus, '#address-cells')
    const parent = sizeCells(bus.parent, '#address-cells')
    const size = sizeCells(bus, '#size-cells')
    if (child === undefined || parent === undefined || size === undefined || child > 2) return undefined
    const width = child + parent + size
    let translated: bigint | undefined
    for (let at = 0; width > 0 && at + width <= ranges.value.length; at += width) {
      const base = numberFromCells(ranges.value, at, child)
      const target = numberFromCells(ranges.value, at + child, parent)
      const length = numberFromCells(ranges.value, at + child + parent, size)
      if (base === undefined || target === undefined || length === undefined) return undefined
      if (address >= base && address < base + length) {
        translated = address - base + target
        break
      }
    }
    if (translated === undefined) return undefined
    address = translated
  }
  return address
}
