import type { DeviceTreeNode } from '../../machine/devicetree.js'
import type { Fact } from '../../machine/fact.js'
import type { McfgTable } from '../../machine/mcfg.js'
import type { PciFunction } from '../../machine/pci.js'
import type { KernelContext } from '../context.js'
import { hostBridgeNodeOf } from '../devicetree/host-bridge.js'
import { newestIortRulesOf } from '../iort/iort-rules.js'
import type { ControllerList } from '../msi/controller-list.js'
import { once } from '../once.js'
import { deviceTableOf } from '../msi/msi-controller.js'
import { collisionsOf, type Collision } from './collisions.js'
import { merged, type IdRange } from './id-ranges.js'
import { REQUESTER_IDS, type HostIds } from './id-way.js'
import { iortIds, type IortIds } from './iort-ids.js'
import { treeIds, type BridgeIds, type TreeIds } from './tree-ids.js'

/**
 * Which ids leave where, where they arrive, and who shares them: the one answer for a machine under one release.
 *
 * It says of every id what `walkIortAs` and `ofMapId` say of it alone; a property test holds it to that. Ends of ranges
 * are those of the release: up to 5.4 the last id of a range is nobody's, from 5.8 on it goes to the next range where
 * that one starts with it. Where a release may apply several rules the newest are taken.
 */
export interface IdMap {
  readonly iort: IortIds | undefined
  readonly tree: TreeIds | undefined
  /** The host bridge of the tree that a function is below. */
  readonly bridgeOf: (fn: PciFunction) => BridgeIds | undefined
  /** That, else the root complex of its segment; undefined for a function that neither description has. */
  readonly hostOf: (fn: PciFunction) => HostIds | undefined
  /** Who has ids that somebody else has, of all that one description says. */
  readonly collisions: () => readonly Collision[]
}

/** The ids of all that firmware describes. */
export function idMapOf(context: KernelContext, controllers: ControllerList): IdMap {
  const { deviceTree, acpi } = context.machine
  const bridges = new Map<PciFunction, DeviceTreeNode>()
  for (const fn of context.functions) {
    const node = hostBridgeNodeOf(context, fn)
    if (node.state === 'known') bridges.set(fn, node.value)
  }
  const { its } = controllers
  const byNode = new Map(its.flatMap((one) => (one.node ? [[one.node, one] as const] : [])))
  const byItsId = new Map(its.flatMap((one) => (one.node ? [] : [[one.id, one] as const])))
  const iort =
    acpi.iort.state === 'known'
      ? iortIds(acpi.iort.value, newestIortRulesOf(context.release), {
          busesOf: busesBySegment(acpi.mcfg),
          deviceTableOf: (itsId) => {
            const controller = byItsId.get(String(itsId))
            return controller ? deviceTableOf(controller) : `ITS ${itsId}`
          },
        })
      : undefined
  const tree =
    deviceTree.state === 'known'
      ? treeIds(deviceTree.value, {
          release: context.release,
          inUse: new Set(bridges.values()),
          deviceTableOf: (node) => {
            const controller = byNode.get(node)
            return controller ? deviceTableOf(controller) : node.path
          },
        })
      : undefined
  const byBridge = new Map(tree?.bridges.map((bridge) => [bridge.node, bridge]))
  const bridgeOf = (fn: PciFunction): BridgeIds | undefined => {
    const node = bridges.get(fn)
    return node && byBridge.get(node)
  }
  const hostOf = (fn: PciFunction) => bridgeOf(fn) ?? iort?.bySegment.get(fn.address.segment)
  const collisions = once(() => collisionsOf([...(tree?.claims ?? []), ...(iort?.claims ?? [])]))
  return { iort, tree, bridgeOf, hostOf, collisions }
}

/** RequesterIDs of the buses that MCFG gives each segment; all of them where it says nothing of one. */
export function busesBySegment(mcfg: Fact<McfgTable>): (segment: number) => readonly IdRange[] {
  const bySegment = new Map<number, IdRange[]>()
  for (const { segment, startBus, endBus } of mcfg.state === 'known' ? mcfg.value.allocations : []) {
    if (endBus < startBus) continue
    const buses = bySegment.get(segment) ?? []
    bySegment.set(segment, buses)
    buses.push({ first: startBus << 8, last: (endBus << 8) | 0xff })
  }
  return (segment) => merged(bySegment.get(segment) ?? [REQUESTER_IDS])
}
