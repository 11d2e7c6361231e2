import type { Budget } from '../../budget/budget.js'

/** Properties that give ids to functions, with the bytes of their shortest entries: id, target, output, length. */
const ID_MAPS: ReadonlySet<string> = new Set(['iommu-map', 'msi-map'])
const ENTRY_BYTES = 16

/**
 * Charges a property of a device tree before its value is kept: its bytes, and for a map of ids the entries that every
 * function and every other map is compared with. False where the value is more than trees of machines have.
 */
export function takesProperty(name: string, length: number, budget: Budget): boolean {
  if (!budget.take('propertyBytes', length)) return false
  if (!ID_MAPS.has(name)) return true
  return budget.take('idMaps') && budget.take('idMapEntries', Math.ceil(length / ENTRY_BYTES))
}
