import {
  ancestorsAndSelf,
  placeOfNode,
  placeOfProperty,
  type DeviceTree,
  type DeviceTreeNode,
} from '../../machine/devicetree.js'
import { known, unreadable, type Fact, type Provenance } from '../../machine/fact.js'
import type { PciFunction } from '../../machine/pci.js'
import type { KernelContext } from '../context.js'
import { undecided } from '../decision.js'
import { none, served, type Described, type DeviceIdAt } from './described-msi.js'
import type { ControllerList } from './controller-list.js'
import type { MsiController } from './msi-controller.js'
import { msiParentsOf } from '../devicetree/of-msi-parent.js'
import { bridgesAbove } from '../pci/pci-topology.js'
import { ofMsiDeviceId, ofMsiXlate } from '../devicetree/of-msi.js'
import type { OfDoubt } from '../devicetree/of-property.js'

/**
 * The function's own node, the bridges' above it, then the host bridge and its parents: what of_msi_xlate walks. The root
 * node is no device's parent (K: drivers/of/platform.c, of_device_alloc: it is the platform bus).
 */
function nodeChain(
  context: KernelContext,
  tree: DeviceTree,
  fn: PciFunction,
  bridge: DeviceTreeNode,
): readonly Fact<DeviceTreeNode>[] {
  const nodeOf = (path: Fact<string>): Fact<DeviceTreeNode> => {
    if (path.state !== 'known') return path
    const node = tree.byPath.get(path.value)
    return node ? known(node, ...path.from) : unreadable('io', ...path.from)
  }
  const bridges = bridgesAbove(context.topology, fn)
  const chain = [fn, ...(bridges ?? [])].map((at) => nodeOf(at.deviceTreeNode))
  if (!bridges) chain.push(unreadable('io', ...fn.upstream.from))
  const above = [...ancestorsAndSelf(bridge)].filter((node) => node.parent !== undefined)
  return [...chain, ...above.map((node) => known(node))]
}

const doubtOfTree = (reason: OfDoubt, from: readonly Provenance[]) =>
  undecided(reason === 'release-undetermined' ? 'kernel-unknown' : 'unreadable', from)

/** Linux's use of the controller that a map or `msi-parent` names; undefined where it has no domain of it. */
function servedBy(
  controllers: ControllerList,
  node: DeviceTreeNode,
  deviceId: DeviceIdAt,
  places: readonly Provenance[],
): Described | undefined {
  const controller = controllers.ofNode(node)
  if (!controller) return undefined
  const described = served(controller, deviceId, places)
  return described.state === 'decided' && described.value.controller === undefined ? undefined : described
}

/** What msi-map, and from 6.18 on msi-parent, on the function's way up name; undefined where none names a domain. */
export function mappedByTree(
  context: KernelContext,
  tree: DeviceTree,
  bridge: DeviceTreeNode,
  fn: PciFunction,
  requesterId: number,
  controllers: ControllerList,
): Described | undefined {
  const chain = nodeChain(context, tree, fn, bridge)
  const from = [placeOfProperty(bridge, 'msi-map')]
  const mapped = ofMsiXlate(tree, chain, requesterId, context.release, { readings: context.mapReadings })
  if (mapped.kind === 'unreadable') return doubtOfTree(mapped.reason, from)
  if (mapped.kind !== 'mapped') return undefined
  // The walk for the DeviceID, which entries for other controllers do not end, gets to the same entry.
  return servedBy(controllers, mapped.controller, { id: mapped.id, guessed: false }, from)
}

/** A controller that was chosen without a mapping of the function's own, with the DeviceID the function has there. */
export function inheritedUnderTree(
  context: KernelContext,
  tree: DeviceTree,
  bridge: DeviceTreeNode,
  fn: PciFunction,
  requesterId: number,
  controller: MsiController,
): Described {
  const from = [placeOfProperty(bridge, 'msi-map')]
  if (!controller.node) return served(controller, { id: requesterId, guessed: true }, from)
  const chain = nodeChain(context, tree, fn, bridge)
  const deviceId = ofMsiDeviceId(tree, chain, requesterId, context.release, controller.node, context.mapReadings)
  return deviceId.kind === 'unreadable'
    ? doubtOfTree(deviceId.reason, from)
    : served(controller, deviceId, [...from, placeOfNode(controller.node)])
}

/** The bus default: msi-parent of the host bridge, then a domain that the bridge registered itself. */
export function treeBusDefault(
  context: KernelContext,
  tree: DeviceTree,
  bridge: DeviceTreeNode,
  fn: PciFunction,
  requesterId: number,
  controllers: ControllerList,
): Described {
  const chain = nodeChain(context, tree, fn, bridge)
  const from = [placeOfProperty(bridge, 'msi-map')]
  const parents = msiParentsOf(tree, bridge, context.release)
  const parentPlace = [placeOfProperty(bridge, 'msi-parent')]
  for (const parent of parents.parents) {
    const deviceId = ofMsiDeviceId(tree, chain, requesterId, context.release, parent.node, context.mapReadings)
    if (deviceId.kind === 'unreadable') return doubtOfTree(deviceId.reason, parentPlace)
    const described = servedBy(controllers, parent.node, deviceId, parentPlace)
    if (described) return described
  }
  if (parents.end === 'unreadable') return doubtOfTree(parents.reason, parentPlace)
  const own = controllers.at(bridge)
  return own ? served(own, undefined, [placeOfNode(bridge)]) : none([...from, ...parentPlace])
}
