import {
  cellOf,
  property,
  walkNodes,
  type DeviceTree,
  type DeviceTreeNode,
  type TreeDisagreement,
} from './devicetree.js'
import type { Fact, ReadFailure } from './fact.js'

/** A node while its tree is being read. */
export class DraftNode implements DeviceTreeNode {
  readonly path: string
  readonly name: string
  readonly source: string
  readonly parent: DraftNode | undefined
  readonly properties = new Map<string, Fact<Uint8Array>>()
  readonly children: DraftNode[] = []
  readonly unread = new Set<string>()
  readonly offset?: number
  incomplete: ReadFailure | undefined = undefined
  isMadeByKernel = false

  /** Appends itself to the children of `parent`. */
  constructor(parent: DraftNode | undefined, name: string, source: string, offset?: number) {
    this.parent = parent
    this.name = name
    this.source = source
    this.path = parent === undefined ? '/' : parent.parent === undefined ? `/${name}` : `${parent.path}/${name}`
    if (offset !== undefined) this.offset = offset
    parent?.children.push(this)
  }
}

/** Phandles 0 and 0xffffffff name no node (devicetree specification 0.4, section 2.3.3; K: drivers/of/fdt.c). */
function isPhandle(value: number): boolean {
  return value !== 0 && value !== 0xffffffff
}

/** The number a node answers to, from `phandle` and its old name `linux,phandle`; both together have to agree. */
function phandleOf(node: DeviceTreeNode): number | 'none' | 'unreadable' {
  let phandle: number | 'none' = 'none'
  for (const name of ['phandle', 'linux,phandle']) {
    if (!node.properties.has(name)) continue
    const cell = cellOf(property(node, name))
    if (cell.state !== 'known') return 'unreadable'
    if (phandle !== 'none' && phandle !== cell.value) return 'unreadable'
    phandle = cell.value
  }
  return phandle !== 'none' && isPhandle(phandle) ? phandle : 'none'
}

/**
 * The tree below `root` with its indexes. A phandle that two nodes claim names neither of them: which one the kernel
 * finds depends on order and cache, so that the tree counts as incomplete.
 *
 * @param ordered whether siblings stand in the kernel's order
 */
export function finishTree(
  root: DeviceTreeNode,
  ordered: boolean,
  disagreements: readonly TreeDisagreement[] = [],
): DeviceTree {
  const byPath = new Map<string, DeviceTreeNode>()
  const byPhandle = new Map<number, DeviceTreeNode>()
  const ambiguous = new Set<number>()
  let complete = true
  for (const node of walkNodes(root)) {
    if (!byPath.has(node.path)) byPath.set(node.path, node)
    if (node.incomplete !== undefined) complete = false
    const phandle = phandleOf(node)
    if (phandle === 'unreadable') complete = false
    else if (phandle !== 'none') {
      if (byPhandle.has(phandle)) ambiguous.add(phandle)
      else byPhandle.set(phandle, node)
    }
  }
  for (const phandle of ambiguous) byPhandle.delete(phandle)
  return { root, byPath, byPhandle, complete: complete && ambiguous.size === 0, ordered, disagreements }
}
