import { bytesOfHex, ByteRecord, concatenate, toInteger, type IntegerLike } from '../byte-record.js'

/**
 * A property: `true` is empty; a number is one cell; text is a string; a list of texts is a string list; a list that
 * starts with a number, or holds `&label`, is a list of cells (each label the phandle of that node); `bytes` are
 * hexadecimal.
 */
export type PropertySource = true | number | string | readonly (number | string)[] | { readonly bytes: string }

/** A node as people write it. Children are named with their unit address (`its@8080000`). */
export interface NodeSource {
  /** What `&label` refers to; a node with a label gets a phandle. */
  readonly label?: string
  readonly properties?: Readonly<Record<string, PropertySource>>
  readonly children?: Readonly<Record<string, NodeSource>>
}

/** A node whose properties are bytes and whose references are resolved. */
export interface EncodedNode {
  readonly name: string
  readonly properties: ReadonlyMap<string, Uint8Array>
  readonly children: readonly EncodedNode[]
}

const encoder = new TextEncoder()

/**
 * Encodes a tree: cells big-endian, strings with their NUL, `phandle` added to every node with a label (numbered from 1
 * in the order of the tree, past numbers that are written out). Throws RangeError where `&label` names no node.
 * Source: devicetree specification 0.4, sections 2.2.4 and 2.3.3.
 */
export function encodeDeviceTree(root: NodeSource): EncodedNode {
  const phandles = assignPhandles(root)
  return encodeNode('', root, phandles)
}

function* sources(node: NodeSource): Generator<NodeSource> {
  yield node
  for (const child of Object.values(node.children ?? {})) yield* sources(child)
}

function assignPhandles(root: NodeSource): ReadonlyMap<string, number> {
  const phandles = new Map<string, number>()
  const taken = new Set<number>()
  const labelled: string[] = []
  for (const { label, properties } of sources(root)) {
    const given = properties?.['phandle']
    if (typeof given === 'number') taken.add(given)
    if (label === undefined) continue
    if (typeof given === 'number') phandles.set(label, given)
    else labelled.push(label)
  }
  let next = 1
  for (const label of labelled) {
    while (taken.has(next)) next++
    phandles.set(label, next++)
  }
  return phandles
}

function encodeNode(name: string, node: NodeSource, phandles: ReadonlyMap<string, number>): EncodedNode {
  const properties = new Map<string, Uint8Array>()
  for (const [key, value] of Object.entries(node.properties ?? {})) {
    properties.set(key, encodeProperty(value, phandles))
  }
  const phandle = node.label === undefined ? undefined : phandles.get(node.label)
  if (phandle !== undefined && !properties.has('phandle')) properties.set('phandle', cells([phandle]))
  const children = Object.entries(node.children ?? {}).map(([child, source]) => encodeNode(child, source, phandles))
  return { name, properties, children }
}

function encodeProperty(value: PropertySource, phandles: ReadonlyMap<string, number>): Uint8Array {
  if (value === true) return new Uint8Array()
  if (typeof value === 'number') return cells([value])
  if (typeof value === 'string') return encoder.encode(`${value}\0`)
  if ('bytes' in value) return bytesOfHex(value.bytes)
  const isCells = value.some((item) => typeof item === 'number' || item.startsWith('&'))
  if (!isCells) return concatenate(value.map((item) => encoder.encode(`${item}\0`)))
  return cells(
    value.map((item) => {
      if (typeof item === 'number') return item
      const phandle = phandles.get(item.slice(1))
      if (phandle === undefined) throw new RangeError(`device tree: no node has the label "${item}"`)
      return phandle
    }),
  )
}

function cells(values: readonly number[]): Uint8Array {
  const record = new ByteRecord(values.length * 4, 'big')
  values.forEach((value, index) => record.u32(index * 4, value))
  return record.bytes
}

/** A 64-bit number as two cells, most significant first. */
export function wideCells(value: IntegerLike): readonly [number, number] {
  const integer = toInteger(value)
  return [Number(integer >> 32n), Number(integer & 0xffffffffn)]
}
