import { cellOf, placeOfNode, property, walkNodes, type DeviceTree, type DeviceTreeNode } from './devicetree.js'
import { absent, known, unreadable, type Fact } from './fact.js'

/** K: include/linux/of.h, MAX_PHANDLE_ARGS: no specifier is wider. */
const MAXIMUM_CELLS = 16

/**
 * The node with a phandle. In a tree that was not read in whole, or where two nodes claim the number, a missing one
 * proves nothing and the fact is unreadable.
 * Source: K: drivers/of/base.c, of_find_node_by_phandle.
 */
export function lookupPhandle(tree: DeviceTree, phandle: number): Fact<DeviceTreeNode> {
  const node = tree.byPhandle.get(phandle)
  const from = placeOfNode(tree.root)
  if (node) return known(node, placeOfNode(node))
  return tree.complete ? absent(from) : unreadable('io', from)
}

/** `#iommu-cells` or `#msi-cells`: width of a specifier for `node`, 0 to 16 cells. */
export function specifierCells(node: DeviceTreeNode, name: '#iommu-cells' | '#msi-cells'): Fact<number> {
  const cells = cellOf(property(node, name))
  return cells.state === 'known' && cells.value > MAXIMUM_CELLS ? unreadable('malformed', ...cells.from) : cells
}

/** Nodes that a machine without a device tree has too: they hold parameters, no devices. */
const PARAMETERS = /^\/(?:chosen|aliases|options|reserved-memory|memory(?:@[^/]*)?|__symbols__)(?:\/|$)/

/**
 * False for the nearly empty tree of a machine that booted with ACPI: no node but `/chosen` and its like describes
 * hardware. A tree that was not read in whole counts as populated.
 */
export function isPopulated(tree: DeviceTree): boolean {
  if (!tree.complete) return true
  for (const node of walkNodes(tree.root)) {
    if (node.parent === undefined || PARAMETERS.test(node.path)) continue
    if (node.properties.has('compatible') || node.properties.has('device_type')) return true
  }
  return false
}
