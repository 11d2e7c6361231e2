import { hostBridgeBindingOf } from '../../machine/devicetree-bindings.js'
import {
  ancestorsAndSelf,
  cellsOf,
  isEnabled,
  property,
  stringsOf,
  type DeviceTreeNode,
} from '../../machine/devicetree.js'
import type { IdRange } from './id-ranges.js'

/** Enabled as far as can be told, the nodes above it too: Linux passes over all that is below a disabled node. */
export function isAvailable(node: DeviceTreeNode): boolean {
  for (const at of ancestorsAndSelf(node)) {
    const enabled = isEnabled(at)
    if (enabled.state === 'known' && !enabled.value) return false
  }
  return true
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
