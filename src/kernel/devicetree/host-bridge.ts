import { hostBridgeBindingOf } from '../../machine/devicetree-bindings.js'
import { cellsOf, property, stringsOf, type DeviceTreeNode } from '../../machine/devicetree.js'
import { known, unreadable, type Fact } from '../../machine/fact.js'
import type { PciFunction } from '../../machine/pci.js'
import type { KernelContext } from '../context.js'
import type { IdRange } from '../ids/id-ranges.js'

/** The device-tree node of the host bridge above a function; absent on a machine that booted without a tree. */
export function hostBridgeNodeOf(context: KernelContext, fn: PciFunction): Fact<DeviceTreeNode> {
  const { rootBus } = fn
  if (rootBus.state !== 'known') return rootBus
  const path = rootBus.value.deviceTreeNode
  if (path.state !== 'known') return path
  const tree = context.machine.deviceTree
  if (tree.state !== 'known') return unreadable(tree.state === 'unreadable' ? tree.reason : 'io', ...tree.from)
  const node = tree.value.byPath.get(path.value)
  return node ? known(node, ...path.from) : unreadable('io', ...path.from, ...tree.from)
}

function isPci(node: DeviceTreeNode | undefined): boolean {
  if (!node) return false
  const type = stringsOf(property(node, 'device_type'))
  return type.state === 'known' && type.value[0] === 'pci'
}

/** `device_type = "pci"` below what is no PCI node, or a host bridge that Linux knows by name. */
export function isHostBridge(node: DeviceTreeNode): boolean {
  if (isPci(node)) return !isPci(node.parent)
  const binding = hostBridgeBindingOf(node)
  return binding.state === 'known' && binding.value !== 'none'
}

/**
 * RequesterIDs of the buses that a host bridge numbers: `bus-range`, cut off behind bus 255; all 256 without it or where
 * it cannot be read or says nothing.
 * Source: K: drivers/pci/of.c, `of_pci_parse_bus_range`, `devm_of_pci_get_host_bridge_resources`.
 */
export function requesterIdsOfBridge(node: DeviceTreeNode): IdRange {
  const buses = cellsOf(property(node, 'bus-range'))
  const [first, last] = buses.state === 'known' ? buses.value : []
  if (first === undefined || last === undefined || first > last || first > 0xff) return { first: 0, last: 0xffff }
  return { first: first << 8, last: (Math.min(last, 0xff) << 8) | 0xff }
}
