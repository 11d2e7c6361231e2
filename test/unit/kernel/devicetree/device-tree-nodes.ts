import type { DeviceTree, DeviceTreeNode } from '../../../../src/machine/devicetree.js'
import { known, unreadable, type Fact } from '../../../../src/machine/fact.js'

/** Cells, a string, raw bytes; the string `UNREADABLE` is a property that could not be read, `incomplete` a node read in part. */
export type PropertyValue = readonly number[] | string | Uint8Array
export type NodeLiteral = { readonly [name: string]: PropertyValue | NodeLiteral }

function fact(path: string, value: PropertyValue): Fact<Uint8Array> {
  if (value === 'UNREADABLE') return unreadable('permission', { path })
  if (value instanceof Uint8Array) return known(value, { path })
  if (typeof value === 'string') return known(new TextEncoder().encode(`${value}\0`), { path })
  const bytes = new Uint8Array(value.length * 4)
  const view = new DataView(bytes.buffer)
  for (const [index, cell] of value.entries()) view.setUint32(index * 4, cell)
  return known(bytes, { path })
}

function isProperty(value: PropertyValue | NodeLiteral): value is PropertyValue {
  return typeof value === 'string' || value instanceof Uint8Array || Array.isArray(value)
}

function build(name: string, parent: DeviceTreeNode | undefined, literal: NodeLiteral): DeviceTreeNode {
  const path = parent ? `${parent.path === '/' ? '' : parent.path}/${name}` : '/'
  const source = `sys/firmware/devicetree/base${path === '/' ? '' : path}`
  const properties = new Map<string, Fact<Uint8Array>>()
  const children: DeviceTreeNode[] = []
  const incomplete = 'incomplete' in literal ? ('malformed' as const) : undefined
  const node = { path, name, source, parent, properties, children, incomplete }
  for (const [key, value] of Object.entries(literal)) {
    if (key === 'incomplete') continue
    if (isProperty(value)) properties.set(key, fact(`${source}/${key}`, value))
    else children.push(build(key, node, value))
  }
  return node
}

/** A tree from a literal: arrays are cells, text is a string, objects are nodes. `phandle` is indexed. */
export function deviceTree(literal: NodeLiteral, complete = true): DeviceTree {
  const root = build('', undefined, literal)
  const byPath = new Map<string, DeviceTreeNode>()
  const byPhandle = new Map<number, DeviceTreeNode>()
  const index = (node: DeviceTreeNode): void => {
    byPath.set(node.path, node)
    const raw = node.properties.get('phandle')
    if (raw?.state === 'known') byPhandle.set(new DataView(raw.value.buffer).getUint32(0), node)
    node.children.forEach(index)
  }
  index(root)
  return { root, byPath, byPhandle, complete }
}

export function nodeAt(tree: DeviceTree, path: string): DeviceTreeNode {
  const node = tree.byPath.get(path)
  if (!node) throw new Error(`no node ${path}`)
  return node
}
