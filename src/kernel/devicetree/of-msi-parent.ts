import { hasProperty, type DeviceTree, type DeviceTreeNode } from '../../machine/devicetree.js'
import { filledCells, firstCell, nodeByPhandle, type OfDoubt } from './of-property.js'
import type { Answer } from '../../machine/kinds.js'
import { atLeast, mayCarryLaterCode, type KernelRelease } from '../release.js'

/** One entry of `msi-parent`. */
export interface MsiParent {
  readonly node: DeviceTreeNode
  /** Cells behind the phandle. For PCI they mean nothing; for a platform device the first is the DeviceID. */
  readonly specifier: readonly number[]
}

/**
 * Controllers that `msi-parent` names, in the order the kernel tries them; the first with a domain that serves the bus
 * wins. `end` tells what stands behind the last of them.
 */
export type MsiParents =
  | {
      readonly parents: readonly MsiParent[]
      /** `error`: the property does not parse from here on; the kernel stops without one. */
      readonly end: 'absent' | 'complete' | 'error'
    }
  | { readonly parents: readonly MsiParent[]; readonly end: 'unreadable'; readonly reason: OfDoubt }

type Entry =
  | { readonly kind: 'entry'; readonly node: DeviceTreeNode; readonly cells: number; readonly declared: boolean }
  | { readonly kind: 'empty' }
  | { readonly kind: 'error' }
  | { readonly kind: 'unreadable'; readonly reason: OfDoubt }

function entryOf(tree: DeviceTree, phandle: number): Entry {
  if (phandle === 0) return { kind: 'empty' }
  const node = nodeByPhandle(tree, phandle)
  if (node === 'missing') return { kind: 'error' }
  if (node === 'tree-incomplete') return { kind: 'unreadable', reason: node }
  const cells = firstCell(node, '#msi-cells')
  if (cells.state === 'unreadable') return { kind: 'unreadable', reason: cells.reason }
  return { kind: 'entry', node, cells: cells.state === 'known' ? cells.value : 0, declared: cells.state === 'known' }
}

/** 6.12 and later: every phandle, each with as many cells as its target declares (none by default). */
function allParents(tree: DeviceTree, cells: readonly number[], mustDeclare: boolean): MsiParents {
  const parents: MsiParent[] = []
  for (let at = 0; at < cells.length;) {
    const entry = entryOf(tree, cells[at] ?? 0)
    at += 1
    if (entry.kind === 'unreadable') return { parents, end: 'unreadable', reason: entry.reason }
    if (entry.kind === 'error') return { parents, end: 'error' }
    if (entry.kind === 'empty') continue
    if (at + entry.cells > cells.length || (mustDeclare && !entry.declared)) return { parents, end: 'error' }
    parents.push({ node: entry.node, specifier: cells.slice(at, at + entry.cells) })
    at += entry.cells
  }
  return { parents, end: 'complete' }
}

/** Up to 6.8: the first phandle, and only if its target has no `#msi-cells`; platform devices may have the long form. */
function oldParents(tree: DeviceTree, cells: readonly number[], bus: 'pci' | 'platform'): MsiParents {
  const entry = entryOf(tree, cells[0] ?? 0)
  if (entry.kind === 'unreadable') return { parents: [], end: 'unreadable', reason: entry.reason }
  if (entry.kind === 'entry' && !entry.declared)
    return { parents: [{ node: entry.node, specifier: [] }], end: 'complete' }
  if (bus === 'platform') return allParents(tree, cells, true)
  return { parents: [], end: entry.kind === 'entry' ? 'complete' : 'error' }
}

/** Series before 6.12 and their first update that reads all phandles too. */
const ALL_SINCE_UPDATE: readonly (readonly [major: number, minor: number, patch: number])[] = [
  [4, 19, 323],
  [5, 4, 285],
  [5, 10, 227],
  [5, 15, 168],
  [6, 1, 113],
  [6, 6, 55],
  [6, 10, 14],
  [6, 11, 3],
]

/**
 * Whether a kernel reads all phandles of `msi-parent`. Distributions that number their builds (`6.1.0-28-arm64`) do not
 * say which update they are.
 * Source: K: drivers/of/irq.c, `of_msi_get_domain`; commit db8e81132cf0 and its backports of October 2024.
 */
function readsAllPhandles(release: KernelRelease | undefined): Answer {
  if (!release) return 'unknown'
  if (atLeast(release, 6, 12)) return 'yes'
  const series = ALL_SINCE_UPDATE.find(([major, minor]) => major === release.major && minor === release.minor)
  if (series && release.patch >= series[2]) return 'yes'
  const hidesUpdate = release.patch === 0 && /-\d/.test(release.text)
  return hidesUpdate || mayCarryLaterCode(release) || (!series && atLeast(release, 6, 9)) ? 'unknown' : 'no'
}

function sameParents(left: MsiParents, right: MsiParents): boolean {
  return (
    left.end !== 'unreadable' &&
    right.end !== 'unreadable' &&
    left.parents.length === right.parents.length &&
    left.parents.every((parent, index) => parent.node.path === right.parents[index]?.node.path)
  )
}

/**
 * Controllers that `msi-parent` of a host bridge or platform device names. From 6.12 on, and in updates of older series,
 * all phandles count, before that only the first and only without `#msi-cells`; where it is not sure the two have to agree.
 *
 * @param bus `platform` also reads the long form before 6.12
 *
 * Source: K: drivers/of/irq.c, `of_msi_get_domain`; drivers/of/base.c, `of_phandle_iterator_next`; devicetree.md
 * section 3.
 */
export function msiParentsOf(
  tree: DeviceTree,
  node: DeviceTreeNode,
  release: KernelRelease | undefined,
  bus: 'pci' | 'platform' = 'pci',
): MsiParents {
  const cells = filledCells(node, 'msi-parent')
  if (cells.state === 'absent') return { parents: [], end: 'absent' }
  if (cells.state === 'unreadable') return { parents: [], end: 'unreadable', reason: cells.reason }
  const all = readsAllPhandles(release)
  if (all === 'yes') return allParents(tree, cells.value, false)
  const old = oldParents(tree, cells.value, bus)
  if (all === 'no') return old
  return sameParents(old, allParents(tree, cells.value, false))
    ? old
    : { parents: [], end: 'unreadable', reason: 'release-undetermined' }
}

/**
 * First entry of `msi-parent` as `of_msi_xlate` looks at it; `none` when there is none, it does not parse, or has cells.
 * Source: K: 6.18 drivers/of/irq.c, `of_check_msi_parent`.
 */
export function firstMsiParent(
  tree: DeviceTree,
  node: DeviceTreeNode,
):
  | { readonly kind: 'parent'; readonly node: DeviceTreeNode }
  | { readonly kind: 'none' }
  | { readonly kind: 'unreadable'; readonly reason: OfDoubt } {
  const cells = filledCells(node, 'msi-parent')
  if (cells.state === 'absent') return { kind: 'none' }
  if (cells.state === 'unreadable') return { kind: 'unreadable', reason: cells.reason }
  const entry = entryOf(tree, cells.value[0] ?? 0)
  if (entry.kind === 'unreadable') return entry
  return entry.kind === 'entry' && entry.cells === 0 ? { kind: 'parent', node: entry.node } : { kind: 'none' }
}

/**
 * Whether a node has `msi-parent` or `msi-map` at all: what keeps a DesignWare host bridge from using its own MSI
 * controller.
 * Source: K: drivers/pci/controller/dwc/pcie-designware-host.c, `use_imsi_rx`.
 */
export function namesMsiController(node: DeviceTreeNode): 'yes' | 'no' | 'unknown' {
  const answers = ['msi-parent', 'msi-map'].map((name) => hasProperty(node, name))
  if (answers.some((answer) => answer.state === 'known' && answer.value)) return 'yes'
  return answers.some((answer) => answer.state === 'unreadable') ? 'unknown' : 'no'
}
