import type { CellList } from '../../machine/devicetree.js'

/** The map properties of a host bridge. */
export type OfMapName = 'iommu-map' | 'msi-map'

/** The property of a target that says how many output cells an entry for it has, from 7.2 on. */
export function cellsNameOf(mapName: OfMapName): '#iommu-cells' | '#msi-cells' {
  return mapName === 'iommu-map' ? '#iommu-cells' : '#msi-cells'
}

/** Most output cells of one entry. K: include/linux/of.h, MAX_PHANDLE_ARGS. */
export const MAXIMUM_CELLS = 16

/**
 * Whether a map is in the old form for a target of two cells: four-cell entries, all of length 1 and with one phandle.
 * Source: devicetree.md section 2a.
 */
export function isOldTwoCellMap(cells: CellList): boolean {
  // Of a part of an entry the phandle or the length is missing.
  for (let at = 0; at < cells.length; at += 4) {
    if (cells.at(at + 1) !== cells.at(1) || cells.at(at + 3) !== 1) return false
  }
  return true
}
