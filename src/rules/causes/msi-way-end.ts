import { lpisDisabled, missingItsOption } from '../../kernel/msi/gic-bring-up.js'
import { hostBridgeNodeOf } from '../../kernel/devicetree/host-bridge.js'
import { iortMsiTarget } from '../../kernel/iort/iort-msi.js'
import { msiRequesterIdOf } from '../../kernel/msi/described-msi.js'
import { ofMapId } from '../../kernel/devicetree/of-map-id.js'
import { msiParentsOf, namesMsiController } from '../../kernel/devicetree/of-msi-parent.js'
import type { KernelContext } from '../../kernel/context.js'
import { compatibleOf, hasProperty, isEnabled, type DeviceTree, type DeviceTreeNode } from '../../machine/devicetree.js'
import { isIts } from '../../machine/kinds.js'
import type { Route, RouteMap } from '../../routes/route.js'

/** Where the way from a function to an MSI controller ends, as Linux follows it. */
export type MsiWayEnd =
  | 'none-described'
  | 'no-iort'
  | 'segment-not-described'
  | 'not-mapped-by-iort'
  | 'empty-its-group'
  | 'its-not-in-madt'
  | 'lpis-disabled'
  | 'its-not-built'
  | 'its-failed'
  | 'no-map'
  | 'not-mapped-by-tree'
  | 'map-refused'
  | 'parent-unusable'
  | 'controller-disabled'
  | 'controller-unused'
  | 'not-msi-controller'

export interface EndedMsiWay {
  readonly end: MsiWayEnd
  /** Names of what stands there. */
  readonly details?: Readonly<Record<string, string>>
}

/** Why an ITS that is described gives no MSI domain. */
function unusable(context: KernelContext, its: string): EndedMsiWay {
  const details = { its }
  if (lpisDisabled(context) === 'yes') return { end: 'lpis-disabled', details }
  const option = missingItsOption(context)
  return option === undefined ? { end: 'its-failed', details } : { end: 'its-not-built', details: { its, option } }
}

function underAcpi(map: RouteMap, route: Route, requesterId: number): EndedMsiWay {
  const { context } = map
  const { iort } = context.machine.acpi
  if (context.architecture !== 'arm64' && context.architecture !== 'arm') return { end: 'none-described' }
  if (iort.state !== 'known') return { end: 'no-iort' }
  const { segment } = route.fn.address
  const target = iortMsiTarget(iort.value, segment, requesterId, context.release)
  switch (target.kind) {
    case 'unknown':
      return { end: 'none-described' }
    case 'none':
      switch (target.reason) {
        case 'no-root-complex':
          return { end: 'segment-not-described', details: { segment: String(segment) } }
        case 'empty-its-group':
          return { end: 'empty-its-group' }
        case 'no-mappings':
        case 'null-reference':
        case 'no-match':
          return { end: 'not-mapped-by-iort' }
      }
    case 'its': {
      const id = String(target.itsId)
      const known = map.controllers.isInTable(id)
      return known ? unusable(context, id) : { end: 'its-not-in-madt', details: { its: id } }
    }
  }
}

function ofController({ context, controllers }: RouteMap, node: DeviceTreeNode): EndedMsiWay {
  const details = { its: node.path }
  const kind = controllers.at(node)?.kind
  const enabled = isEnabled(node)
  if (enabled.state === 'known' && !enabled.value) return { end: 'controller-disabled', details }
  const controller = hasProperty(node, 'msi-controller')
  if (controller.state === 'known' && !controller.value) return { end: 'not-msi-controller', details }
  return kind !== undefined && isIts(kind) ? unusable(context, node.path) : { end: 'controller-unused', details }
}

function underTree(map: RouteMap, tree: DeviceTree, bridge: DeviceTreeNode, requesterId: number): EndedMsiWay {
  const { release, mapReadings: readings } = map.context
  const entry = ofMapId(tree, bridge, requesterId, 'msi-map', release, { readings })
  const details = { bridge: bridge.path }
  switch (entry.kind) {
    case 'matched':
      return ofController(map, entry.target)
    case 'no-match':
      return { end: 'not-mapped-by-tree', details }
    case 'error':
    case 'unreadable':
      return { end: 'map-refused', details }
    case 'absent':
      return ofParent(map, tree, bridge)
  }
}

/** Whether a node is an MSI controller, or an ITS that would be one if it had `msi-controller`. */
function isController({ controllers }: RouteMap, node: DeviceTreeNode): boolean {
  const compatible = compatibleOf(node)
  return (
    controllers.at(node) !== undefined || (compatible.state === 'known' && compatible.value.includes('arm,gic-v3-its'))
  )
}

/** Without msi-map: the first controller that msi-parent names, as far as this release follows it. */
function ofParent(map: RouteMap, tree: DeviceTree, bridge: DeviceTreeNode): EndedMsiWay {
  const details = { bridge: bridge.path }
  if (namesMsiController(bridge) !== 'yes') return { end: 'no-map', details }
  const { parents } = msiParentsOf(tree, bridge, map.context.release)
  const controller = parents.find(({ node }) => isController(map, node))
  return controller ? ofController(map, controller.node) : { end: 'parent-unusable', details }
}

/** Why Linux finds no MSI domain for a function that is known to have none. */
export function msiWayEnd(map: RouteMap, route: Route): EndedMsiWay {
  const { context } = map
  const requesterId = msiRequesterIdOf(context, route.fn)
  if (requesterId.state === 'undecided') return { end: 'none-described' }
  const bridge = hostBridgeNodeOf(context, route.fn)
  if (bridge.state === 'absent') return underAcpi(map, route, requesterId.value)
  const tree = context.machine.deviceTree
  if (bridge.state !== 'known' || tree.state !== 'known') return { end: 'none-described' }
  return underTree(map, tree.value, bridge.value, requesterId.value)
}
