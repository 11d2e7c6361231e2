import type { DmarTable } from '../../machine/dmar.js'
import type { PciFunction } from '../../machine/pci.js'
import { realDmaDevice } from '../pci/dma-alias.js'
import type { PciTopology } from '../pci/pci-topology.js'

/**
 * Whether some remapping unit may stand before a function: one of its segment. Which of several it is, the scopes tell;
 * one of each segment takes what no scope names.
 * Source: K: drivers/iommu/intel/dmar.c, dmar_find_matched_drhd_unit.
 */
export function hasUnit(dmar: DmarTable, topology: PciTopology, fn: PciFunction): boolean {
  const { segment } = realDmaDevice(topology, fn).address
  return dmar.structures.some((structure) => structure.type === 'drhd' && structure.segment === segment)
}
