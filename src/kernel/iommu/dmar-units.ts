import type { DmarTable } from '../../machine/dmar.js'
import type { Fact } from '../../machine/fact.js'
import type { PciFunction } from '../../machine/pci.js'
import { realDmaDevice } from '../pci/dma-alias.js'
import type { PciTopology } from '../pci/pci-topology.js'

/** Segments for which a DMAR has a unit; none where it is not known. */
export function segmentsWithUnit(dmar: Fact<DmarTable>): ReadonlySet<number> {
  const structures = dmar.state === 'known' ? dmar.value.structures : []
  return new Set(structures.flatMap((structure) => (structure.type === 'drhd' ? [structure.segment] : [])))
}

/**
 * Whether some remapping unit may stand before a function: one of its segment. Which of several it is, the scopes tell;
 * one of each segment takes what no scope names.
 *
 * @param segments with a unit
 *
 * Source: K: drivers/iommu/intel/dmar.c, dmar_find_matched_drhd_unit.
 */
export function hasUnit(segments: ReadonlySet<number>, topology: PciTopology, fn: PciFunction): boolean {
  return segments.has(realDmaDevice(topology, fn).address.segment)
}
