import type { DeviceTreeNode } from '../../machine/devicetree.js'
import { absent, known, unreadable, type Fact } from '../../machine/fact.js'
import type { PciFunction } from '../../machine/pci.js'
import type { KernelContext } from '../context.js'

/** The device-tree node of the host bridge above a function; absent on a machine that booted without a tree. */
export function hostBridgeNodeOf(context: KernelContext, fn: PciFunction): Fact<DeviceTreeNode> {
  const { rootBus } = fn
  if (rootBus.state !== 'known') return rootBus.state === 'unreadable' ? rootBus : absent(...rootBus.from)
  const path = rootBus.value.deviceTreeNode
  if (path.state !== 'known') return path.state === 'unreadable' ? path : absent(...path.from)
  const tree = context.machine.deviceTree
  if (tree.state !== 'known') return unreadable(tree.state === 'unreadable' ? tree.reason : 'io', ...tree.from)
  const node = tree.value.byPath.get(path.value)
  return node ? known(node, ...path.from) : unreadable('io', ...path.from, ...tree.from)
}
