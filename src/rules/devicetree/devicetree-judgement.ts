import { lookupTableOf } from '../../kernel/ids/lookup-table.js'
import type { BridgeIds, BridgeMap, TreeIds } from '../../kernel/ids/tree-ids.js'
import type { KernelRelease } from '../../kernel/release.js'
import { cellsOf, property, type DeviceTree, type DeviceTreeNode } from '../../machine/devicetree.js'
import { hex } from '../../machine/identifiers.js'
import { evidenceOf } from '../evidence.js'
import { presentIdsOf, type IdCase } from '../present-ids.js'
import { NOT_APPLICABLE, type Evidence, type Outcome, type OutcomeItem, type Reference, type Subject } from '../rule.js'

/** A PCI host bridge of the tree that Linux starts, with the functions below it. */
export interface TreeBridge extends BridgeIds {
  /** Names of the present functions. */
  readonly functions: readonly string[]
}

/** One of the maps of a host bridge. */
export interface TreeMap extends BridgeMap {
  readonly bridge: TreeBridge
}

/** A device tree with what its rules look at. */
export interface TreeCase extends IdCase {
  readonly tree: DeviceTree
  /** The release asked about; undefined: what holds for all is said. */
  readonly release: KernelRelease | undefined
  readonly bridges: readonly TreeBridge[]
  readonly maps: readonly TreeMap[]
}

export interface TreeJudgement {
  readonly failed: readonly OutcomeItem[]
  readonly unknown?: readonly OutcomeItem[]
  /** False when the tree has nothing that the rule is about. */
  readonly applicable?: boolean
}

/** Items that one rule reports of one tree; more of the same help nobody. */
const ITEM_LIMIT = 100

/** Messages that every rule about the device tree has. */
export const TREE_MESSAGES = {
  unreadable: 'The device tree cannot be read, so this cannot be told.',
  more: '{count} more of the same are not listed.',
} as const

function caseOf(subject: Subject, tree: DeviceTree, ids: TreeIds): TreeCase {
  const { context, routes, ids: map } = subject.routes
  const functions = new Map<BridgeIds, string[]>(ids.bridges.map((bridge) => [bridge, []]))
  for (const { fn } of routes) {
    const bridge = map.bridgeOf(fn)
    if (bridge) functions.get(bridge)?.push(fn.name)
  }
  const bridges = [...functions].map(([bridge, names]) => ({ ...bridge, functions: names }))
  const maps = bridges.flatMap((bridge) => bridge.maps.map((one) => ({ ...one, bridge })))
  return { ...subject, tree, release: context.release, bridges, maps, present: presentIdsOf(subject, map.bridgeOf) }
}

function cut(items: readonly OutcomeItem[]): readonly OutcomeItem[] {
  if (items.length <= ITEM_LIMIT) return items
  const count = String(items.length - ITEM_LIMIT)
  const more = { subject: 'device tree', devices: [], message: 'more', details: { count }, evidence: [] }
  return [...items.slice(0, ITEM_LIMIT), { ...more, effect: 'none' }]
}

/**
 * Runs a judgement over the machine's device tree. Without one, or on x86, the rule does not apply; one that cannot be
 * read leaves the answer unknown, for every function where `lowers` says that the rule can hold a verdict down.
 */
export function judgeTree(subject: Subject, lowers: boolean, judge: (at: TreeCase) => TreeJudgement): Outcome {
  const fact = subject.machine.deviceTree
  // Whatever a tree says there, x86 takes PCI's MSIs to its vectors (K: arch/x86/kernel/apic/msi.c).
  if (fact.state === 'absent' || subject.routes.context.architecture === 'x86_64') return NOT_APPLICABLE
  if (fact.state === 'unreadable') {
    const devices = lowers ? subject.routes.routes.map((route) => route.fn.name) : []
    const item = { subject: 'device tree', devices, message: 'unreadable', details: {}, evidence: evidenceOf(fact) }
    return { failed: [], unknown: [item], applicable: true }
  }
  const { ids } = subject.routes
  if (!ids.tree) return NOT_APPLICABLE
  const { failed, unknown = [], applicable = true } = judge(caseOf(subject, fact.value, ids.tree))
  return applicable ? { failed: cut(failed), unknown: cut(unknown), applicable } : NOT_APPLICABLE
}

/** Whether the maps of a node are what a boot loader writes anew: in a blob that nothing was started with. */
export function isPlaceholder(at: TreeCase, node: DeviceTreeNode): boolean {
  return at.machine.functions.state !== 'known' && lookupTableOf(node)?.filledBy === 'boot loader'
}

const CELLS_SHOWN = 16

/** A property as people write it: `/pcie@0 msi-map = <0x0 0x1 0x0 0x10000>`. */
export function propertyEvidence(node: DeviceTreeNode, name: string): Evidence {
  const raw = property(node, name)
  const from = raw.from[0] ?? { path: node.source }
  const cells = cellsOf(raw)
  const shown = cells.state === 'known' ? cells.value.slice(0, CELLS_SHOWN).map((cell) => hex(cell)) : []
  if (cells.state === 'known' && cells.value.length > CELLS_SHOWN) shown.push('…')
  const value =
    cells.state === 'known'
      ? cells.value.length === 0
        ? `${node.path} ${name}`
        : `${node.path} ${name} = <${shown.join(' ')}>`
      : raw.state === 'known'
        ? `${node.path} ${name}, ${raw.value.length} bytes`
        : `${node.path} ${name}: ${raw.state}`
  return { from, node: node.path, value }
}

/** A node as such. */
export function treeNodeEvidence(node: DeviceTreeNode, value: string = node.path): Evidence {
  const at = node.offset === undefined ? {} : { at: { offset: node.offset, length: 4 } }
  return { from: { path: node.source, ...at }, node: node.path, value }
}

/** A binding document of Linux. */
export function binding(locator: string): Reference {
  return { kind: 'binding', title: 'Device tree bindings', locator: `Documentation/devicetree/bindings/${locator}` }
}

/** A function of Linux's device-tree code. */
export function linuxOf(locator: string): Reference {
  return { kind: 'linux', title: 'Linux, device tree', locator }
}
