import {
  cellsInPlace,
  cellsOf,
  property,
  type CellList,
  type DeviceTree,
  type DeviceTreeNode,
} from '../../machine/devicetree.js'
import { unreadable, type Fact, type ReadFailure } from '../../machine/fact.js'

/** Why a question to the device tree has no answer. */
export type OfDoubt = ReadFailure | 'tree-incomplete' | 'release-undetermined'

/** Errors of the kernel's device-tree functions, by their errno. */
export type OfError = 'EINVAL' | 'EFAULT' | 'ENODEV'

function filled<T extends CellList>(cells: Fact<T>): Fact<T> {
  return cells.state === 'known' && cells.value.length === 0 ? unreadable('malformed', ...cells.from) : cells
}

/** Cells of a property that has no empty form: an empty file is damage. */
export function filledCells(node: DeviceTreeNode, name: string): Fact<readonly number[]> {
  return filled(cellsOf(property(node, name)))
}

/** The same, read where they stand. */
export function filledCellsInPlace(node: DeviceTreeNode, name: string): Fact<CellList> {
  return filled(cellsInPlace(property(node, name)))
}

/**
 * First cell of a property, as `of_property_read_u32` takes it: what follows is not looked at.
 * Source: K: drivers/of/property.c, `of_property_read_u32`.
 */
export function firstCell(node: DeviceTreeNode, name: string): Fact<number> {
  const cells = filledCellsInPlace(node, name)
  return cells.state === 'known' ? { ...cells, value: cells.value.at(0) ?? 0 } : cells
}

/**
 * The node with a phandle. In a tree that was not read in whole a missing one proves nothing.
 * Source: K: drivers/of/base.c, `of_find_node_by_phandle`.
 */
export function nodeByPhandle(tree: DeviceTree, phandle: number): DeviceTreeNode | 'missing' | 'tree-incomplete' {
  return tree.byPhandle.get(phandle) ?? (tree.complete ? 'missing' : 'tree-incomplete')
}
