import type { DecodedNode, DecodedProperty, DecodedValue } from '../decode/decoded-devicetree.js'
import type { DecodedTree } from './diff-types.js'

/** A node or property that two trees have otherwise; undefined on the side that has it not. */
export interface TreeChange {
  readonly node: string
  /** Absent where the node as such came or went. */
  readonly field?: string
  readonly before: string | undefined
  readonly after: string | undefined
}

/** Entries of a value, each in words: what differs is then told by entry. */
function entriesOf({ value, leftOut }: DecodedProperty): readonly string[] {
  const cut = leftOut === undefined ? [] : [`${leftOut} more bytes`]
  return [...wordsOf(value), ...cut]
}

function wordsOf(value: DecodedValue): readonly string[] {
  switch (value.type) {
    case 'empty':
      return ['there']
    case 'strings':
      return [value.strings.join(', ')]
    case 'cells':
      return [value.cells.join(', ')]
    case 'bytes':
      return [value.hex]
    case 'unreadable':
      return ['unreadable']
    case 'reg':
      return value.entries.map(({ address, size }) => `${address} ${size}`)
    case 'ranges':
      return value.entries.map(({ flags, child, parent, size }) =>
        [...(flags === undefined ? [] : [flags]), child, parent, size].join(' '),
      )
    case 'references':
      return value.entries.map(({ node, phandle, arguments: cells }) => [nodeOr(node, phandle), ...cells].join(' '))
    case 'id-map':
      return value.entries.map(({ idBase, controller, out, length }) =>
        [idBase, nodeOr(controller.node, controller.phandle), ...out, length].join(' '),
      )
  }
}

/** The node that a phandle leads to: its number is another in each build of a tree. */
const nodeOr = (node: string, phandle: string): string => (node === 'none' || node === 'unknown' ? phandle : node)

function* propertyChanges(node: string, was?: DecodedProperty, is?: DecodedProperty): Generator<TreeChange> {
  const name = was?.name ?? is?.name ?? ''
  const [before, after] = [was, is].map((property) => (property ? entriesOf(property) : []))
  if (before === undefined || after === undefined) return
  // Values of one entry, and properties that came or went, are told as such.
  const isWhole = was === undefined || is === undefined || (before.length <= 1 && after.length <= 1)
  if (isWhole) {
    const [one, other] = [was && before.join(', '), is && after.join(', ')]
    if (one !== other) yield { node, field: name, before: one, after: other }
    return
  }
  for (let index = 0; index < Math.max(before.length, after.length); index++) {
    const [one, other] = [before[index], after[index]]
    if (one !== other) yield { node, field: `${name}[${index}]`, before: one, after: other }
  }
}

/** What differs in one node; the command line in /chosen is told word by word elsewhere. */
function* nodeChanges(was: DecodedNode, is: DecodedNode): Generator<TreeChange> {
  const node = was.path
  const facts = ({ roles, incomplete }: DecodedNode) => ({ roles: roles.join(', ') || 'none', incomplete })
  const [before, after] = [facts(was), facts(is)]
  for (const field of ['roles', 'incomplete'] as const) {
    if (before[field] !== after[field]) yield { node, field, before: before[field], after: after[field] }
  }
  const now = new Map(is.properties.map((property) => [property.name, property]))
  const old = new Map(was.properties.map((property) => [property.name, property]))
  for (const name of new Set([...old.keys(), ...now.keys()])) {
    // What a side has not may be among what is not decoded of it.
    const isUntold =
      (!old.has(name) && was.propertiesLeftOut !== undefined) || (!now.has(name) && is.propertiesLeftOut !== undefined)
    if (name !== 'bootargs' && !isUntold) yield* propertyChanges(node, old.get(name), now.get(name))
  }
}

/** What two trees have otherwise, in the order of the first; of a subtree that came or went its topmost node. */
export function* treeChanges(was: DecodedTree, is: DecodedTree): Generator<TreeChange> {
  const old = new Map(was.nodes.map((node) => [node.path, node]))
  const now = new Map(is.nodes.map((node) => [node.path, node]))
  for (const path of new Set([...old.keys(), ...now.keys()])) {
    const [before, after] = [old.get(path), now.get(path)]
    if (before && after) yield* nodeChanges(before, after)
    else if ((before ? is : was).nodesLeftOut === undefined) {
      const parent = path.slice(0, Math.max(1, path.lastIndexOf('/')))
      const isTopmost = old.has(parent) === now.has(parent)
      if (isTopmost) yield { node: path, before: before && 'there', after: after && 'there' }
    }
  }
}
