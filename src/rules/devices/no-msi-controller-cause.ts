import { lpisDisabled } from '../../kernel/msi/gic-bring-up.js'
import { hostBridgeNodeOf } from '../../kernel/devicetree/host-bridge.js'
import { iortMsiTarget } from '../../kernel/iort/iort-msi.js'
import { msiRequesterIdOf } from '../../kernel/msi/described-msi.js'
import { ofMapId } from '../../kernel/devicetree/of-map-id.js'
import { namesMsiController } from '../../kernel/devicetree/of-msi-parent.js'
import type { KernelContext } from '../../kernel/context.js'
import { hasProperty, isEnabled, type DeviceTree, type DeviceTreeNode } from '../../machine/devicetree.js'
import type { Route, RouteMap } from '../../routes/route.js'
import type { DeviceRemark } from '../device-items.js'

const FIRMWARE = { actor: 'firmware' } as const

/** Why an ITS that is described gives no MSI domain. */
function unusable(context: KernelContext, its: string): DeviceRemark {
  const details = { its }
  if (lpisDisabled(context) === 'yes') return { message: 'lpis-disabled', actor: 'configuration', details }
  const { configuration } = context.machine.kernel
  const built = configuration.state === 'known' ? configuration.value.get('CONFIG_ARM_GIC_V3_ITS') : undefined
  return built === 'n'
    ? { message: 'its-not-built', actor: 'kernel', details }
    : { message: 'its-failed', actor: 'hardware', details }
}

function underAcpi(map: RouteMap, route: Route, requesterId: number): DeviceRemark {
  const { context } = map
  const { iort } = context.machine.acpi
  if (context.architecture !== 'arm64' && context.architecture !== 'arm')
    return { message: 'none-described', ...FIRMWARE }
  if (iort.state !== 'known') return { message: 'no-iort', ...FIRMWARE }
  const { segment } = route.fn.address
  const target = iortMsiTarget(iort.value, segment, requesterId, context.release)
  switch (target.kind) {
    case 'unknown':
      return { message: 'none-described', ...FIRMWARE }
    case 'none':
      switch (target.reason) {
        case 'no-root-complex':
          return { message: 'segment-not-described', details: { segment: String(segment) }, ...FIRMWARE }
        case 'empty-its-group':
          return { message: 'empty-its-group', ...FIRMWARE }
        case 'no-mappings':
        case 'null-reference':
        case 'no-match':
          return { message: 'not-mapped-by-iort', ...FIRMWARE }
      }
    case 'its': {
      const id = String(target.itsId)
      const known = map.controllers.some((controller) => controller.node === undefined && controller.id === id)
      return known ? unusable(context, id) : { message: 'its-not-in-madt', details: { its: id }, ...FIRMWARE }
    }
  }
}

function ofController({ context, controllers }: RouteMap, node: DeviceTreeNode): DeviceRemark {
  const details = { its: node.path }
  const kind = controllers.find((controller) => controller.node?.path === node.path)?.kind
  const enabled = isEnabled(node)
  if (enabled.state === 'known' && !enabled.value) return { message: 'controller-disabled', details, ...FIRMWARE }
  const controller = hasProperty(node, 'msi-controller')
  if (controller.state === 'known' && !controller.value) return { message: 'not-msi-controller', details, ...FIRMWARE }
  return kind === 'its' || kind === 'gicv5-its'
    ? unusable(context, node.path)
    : { message: 'controller-unused', details, ...FIRMWARE }
}

function underTree(map: RouteMap, tree: DeviceTree, bridge: DeviceTreeNode, requesterId: number): DeviceRemark {
  const entry = ofMapId(tree, bridge, requesterId, 'msi-map', map.context.release)
  const details = { bridge: bridge.path }
  switch (entry.kind) {
    case 'matched':
      return ofController(map, entry.target)
    case 'no-match':
      return { message: 'not-mapped-by-tree', details, ...FIRMWARE }
    case 'error':
    case 'unreadable':
      return { message: 'map-refused', details, ...FIRMWARE }
    case 'absent':
      return { message: namesMsiController(bridge) === 'yes' ? 'parent-unusable' : 'no-map', details, ...FIRMWARE }
  }
}

/** Why Linux finds no MSI domain for a function that is known to have none. */
export function noMsiControllerCause(map: RouteMap, route: Route): DeviceRemark {
  const { context } = map
  const requesterId = msiRequesterIdOf(context, route.fn)
  if (requesterId.state === 'undecided') return { message: 'none-described', ...FIRMWARE }
  const bridge = hostBridgeNodeOf(context, route.fn)
  if (bridge.state === 'absent') return underAcpi(map, route, requesterId.value)
  const tree = context.machine.deviceTree
  if (bridge.state !== 'known' || tree.state !== 'known') return { message: 'none-described', ...FIRMWARE }
  return underTree(map, tree.value, bridge.value, requesterId.value)
}
