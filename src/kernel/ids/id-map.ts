import type { DeviceTreeNode } from '../../machine/devicetree.js'
import type { Provenance } from '../../machine/fact.js'
import type { PciFunction } from '../../machine/pci.js'
import type { KernelContext } from '../context.js'
import { hostBridgeNodeOf } from '../devicetree/host-bridge.js'
import { newestIortRulesOf } from '../iort/iort-rules.js'
import { deviceTableOf, type MsiController } from '../msi/msi-controller.js'
import { collisionsOf, type Collision } from './collisions.js'
import type { IdWay } from './id-way.js'
import { iortIds, type IortIds } from './iort-ids.js'
import { busesBySegment } from './mcfg-buses.js'
import { treeIds, type TreeIds } from './tree-ids.js'

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
  /** Key of the owner of a function's ids; undefined for a function that neither description has. */
  readonly ownerOf: (fn: PciFunction) => string | undefined
  /** Below which host bridge of the tree a function is. */
  readonly bridgeOf: (fn: PciFunction) => DeviceTreeNode | undefined
  /** Who has ids that somebody else has, of all that one description says. */
  readonly collisions: () => readonly Collision[]
}

const IORT = 'sys/firmware/acpi/tables/IORT'

/** The ids of all that firmware describes. */
export function idMapOf(context: KernelContext, controllers: readonly MsiController[]): IdMap {
  const { deviceTree, acpi } = context.machine
  const bridges = new Map<PciFunction, DeviceTreeNode>()
  for (const fn of context.functions) {
    const node = hostBridgeNodeOf(context, fn)
    if (node.state === 'known') bridges.set(fn, node.value)
  }
  const isIts = ({ kind }: MsiController) => kind === 'its' || kind === 'gicv5-its'
  const byNode = new Map(controllers.flatMap((one) => (one.node && isIts(one) ? [[one.node, one] as const] : [])))
  const byItsId = new Map(controllers.flatMap((one) => (!one.node && isIts(one) ? [[one.id, one] as const] : [])))
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
  const ownerOf = (fn: PciFunction): string | undefined => {
    const rootComplex = iort?.bySegment.get(fn.address.segment)
    return bridges.get(fn)?.path ?? rootComplex?.owner.key
  }
  let found: readonly Collision[] | undefined
  const collisions = () => (found ??= collisionsOf([...(tree?.claims ?? []), ...(iort?.claims ?? [])]))
  return { iort, tree, ownerOf, bridgeOf: (fn) => bridges.get(fn), collisions }
}

/** Where the way of a range was read. */
export function placesOf(way: IdWay): readonly Provenance[] {
  return way.steps.flatMap((step): readonly Provenance[] =>
    'mapping' in step
      ? [{ path: IORT, at: { offset: step.mapping.offset, length: 20 } }]
      : (step.node.properties.get(step.property)?.from ?? [{ path: step.node.source }]),
  )
}
