import { lookupTableOf } from '../../kernel/ids/lookup-table.js'
import type { BridgeIds, BridgeMap, TreeIds } from '../../kernel/ids/tree-ids.js'
import type { KernelRelease } from '../../kernel/release.js'
import {
  cellsOf,
  placeOfNode,
  placeOfProperty,
  property,
  type DeviceTree,
  type DeviceTreeNode,
} from '../../machine/devicetree.js'
import { hex } from '../../machine/identifiers.js'
import { evidenceOf } from '../evidence.js'
import { presentIdsOf, type IdCase } from '../present-ids.js'
import { firmwareRule, type FirmwareRow, type Remark } from '../firmware-rule.js'
import { NOT_APPLICABLE, type Evidence, type Outcome, type OutcomeItem, type Rule, type Subject } from '../rule.js'

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

const NAME = 'device tree'

/** Messages that every rule about the device tree has. */
const MESSAGES = {
  unreadable: 'The device tree cannot be read, so this cannot be told.',
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

/**
 * The device tree as its rules see it. Without one, or on x86, they do not apply; one that cannot be read leaves the
 * answer unknown.
 */
function open(subject: Subject, lowered: readonly string[]): TreeCase | Outcome {
  const fact = subject.machine.deviceTree
  // Whatever a tree says there, x86 takes PCI's MSIs to its vectors (K: arch/x86/kernel/apic/msi.c).
  if (fact.state === 'absent' || subject.routes.context.architecture === 'x86_64') return NOT_APPLICABLE
  if (fact.state === 'unreadable') {
    const unreadable = { subject: NAME, devices: lowered, message: 'unreadable', details: {} }
    return { failed: [], unknown: [{ ...unreadable, evidence: evidenceOf(fact) }], applicable: true }
  }
  const { tree } = subject.routes.ids
  return tree ? caseOf(subject, fact.value, tree) : NOT_APPLICABLE
}

/** A rule about the device tree. */
export const treeRule = (row: FirmwareRow<TreeCase>): Rule =>
  firmwareRule({ name: NAME, messages: MESSAGES, open }, row)

/** Whether the maps of a node are what a boot loader writes anew: in a blob that nothing was started with. */
export function isPlaceholder(at: TreeCase, node: DeviceTreeNode): boolean {
  return at.machine.functions.state !== 'known' && lookupTableOf(node)?.filledBy === 'boot loader'
}

const CELLS_SHOWN = 16

/** A property as people write it: `/pcie@0 msi-map = <0x0 0x1 0x0 0x10000>`. */
export function propertyEvidence(node: DeviceTreeNode, name: string): Evidence {
  const raw = property(node, name)
  const from = placeOfProperty(node, name)
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
  return { from, value }
}

/** An item about a map: `{bridge}` and `{map}` are in its details. */
export function mapItem(
  { bridge: { node }, name }: Pick<TreeMap, 'bridge' | 'name'>,
  { details, ...remark }: Remark,
): OutcomeItem {
  const evidence = [propertyEvidence(node, name)]
  return { devices: [], ...remark, subject: node.path, details: { bridge: node.path, map: name, ...details }, evidence }
}

/** A node as such. */
export function treeNodeEvidence(node: DeviceTreeNode, value: string = node.path): Evidence {
  return { from: placeOfNode(node), value }
}
