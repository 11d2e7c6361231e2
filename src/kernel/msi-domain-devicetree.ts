import type { DeviceTree, DeviceTreeNode } from '../machine/devicetree.js'
import { absent, known, unreadable, type Fact, type Provenance } from '../machine/fact.js'
import type { PciFunction } from '../machine/pci.js'
import type { KernelContext } from './context.js'
import { undecided } from './decision.js'
import { none, served, type Described } from './described-msi.js'
import type { MsiController } from './msi-controller.js'
import { controllerOfNode, privateControllerOf } from './msi-controllers-devicetree.js'
import { msiParentsOf } from './of-msi-parent.js'
import { ofMsiDeviceId, ofMsiXlate } from './of-msi.js'

/** The function's own node, the bridges' above it, then the host bridge and its parents: what of_msi_xlate walks. */
function nodeChain(
  context: KernelContext,
  tree: DeviceTree,
  fn: PciFunction,
  bridge: DeviceTreeNode,
): readonly Fact<DeviceTreeNode>[] {
  const nodeOf = (path: Fact<string>): Fact<DeviceTreeNode> => {
    if (path.state !== 'known') return path.state === 'unreadable' ? path : absent(...path.from)
    const node = tree.byPath.get(path.value)
    return node ? known(node, ...path.from) : unreadable('io', ...path.from)
  }
  const above = fn.upstream.state === 'known' ? fn.upstream.value.toReversed() : []
  const functions = [fn, ...above.flatMap((name) => context.byName.get(name) ?? [])]
  const chain = functions.map((at) => nodeOf(at.deviceTreeNode))
  if (fn.upstream.state === 'unreadable') chain.push(unreadable(fn.upstream.reason, ...fn.upstream.from))
  return [...chain, known(bridge)]
}

/** With a device tree: msi-map on the way up, the bridge's msi-parent, then a domain that the bridge registered itself. */
export function underTree(
  context: KernelContext,
  tree: DeviceTree,
  bridge: DeviceTreeNode,
  fn: PciFunction,
  requesterId: number,
  controllers: readonly MsiController[],
): Described {
  const chain = nodeChain(context, tree, fn, bridge)
  const from = [{ path: `${bridge.source}/msi-map` }]
  const mapped = ofMsiXlate(tree, chain, requesterId, context.release)
  if (mapped.kind === 'unreadable')
    return undecided(mapped.reason === 'release-undetermined' ? 'kernel-unknown' : 'unreadable', from)
  const deviceIdAt = (node: DeviceTreeNode) => ofMsiDeviceId(tree, chain, requesterId, context.release, node)
  const take = (node: DeviceTreeNode, places: readonly Provenance[]): Described | undefined => {
    const controller = controllerOfNode(controllers, node)
    if (controller === 'unreadable') return undecided('unreadable', places)
    if (controller === 'none') return undefined
    const deviceId = deviceIdAt(node)
    if (deviceId.kind === 'unreadable') return undecided('unreadable', places)
    const described = served(controller, deviceId.id, places)
    return described.state === 'decided' && described.value.controller === undefined ? undefined : described
  }
  if (mapped.kind === 'mapped') {
    const described = take(mapped.controller, from)
    if (described) return described
  }
  // The bus default: msi-parent of the host bridge, then a domain that the bridge registered itself.
  const parents = msiParentsOf(tree, bridge, context.release)
  const parentPlace = [{ path: `${bridge.source}/msi-parent` }]
  for (const parent of parents.parents) {
    const described = take(parent.node, parentPlace)
    if (described) return described
  }
  if (parents.end === 'unreadable') {
    return undecided(parents.reason === 'release-undetermined' ? 'kernel-unknown' : 'unreadable', parentPlace)
  }
  const own = privateControllerOf(controllers, bridge)
  if (own === 'unreadable') return undecided('unreadable', from)
  return own === 'none' ? none([...from, ...parentPlace]) : served(own, undefined, [{ path: bridge.source }])
}
