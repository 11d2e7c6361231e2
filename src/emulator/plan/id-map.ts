import { toInteger } from '../byte-record.js'
import type { Integer, MapEntryDescription, RootComplexDescription } from '../machine-description.js'

/** A map entry with its defaults filled in: ids `from` to `from + count - 1` become `outputBase` and up. */
export interface MapEntry {
  readonly from: number
  readonly count: number
  readonly to: string
  readonly outputBase: number
  readonly single: boolean
}

/** The number that a description means; addresses up to 2^53. */
export function numberOf(value: Integer): number {
  return Number(toInteger(value))
}

function entryOf(entry: MapEntryDescription): MapEntry {
  return {
    from: numberOf(entry.from ?? 0),
    count: numberOf(entry.count ?? 0x10000),
    to: entry.to,
    outputBase: numberOf(entry.outputBase ?? 0),
    single: entry.single ?? false,
  }
}

/** The way to the IOMMU: `iommuMap`, else all of `iommu`, else nothing. */
export function iommuMapOf(complex: RootComplexDescription): readonly MapEntry[] {
  return (complex.iommuMap ?? (complex.iommu === undefined ? [] : [{ to: complex.iommu }])).map(entryOf)
}

/** The way of the MSIs: `msiMap`, else all of `msi` or of `msiParent`, else nothing. */
export function msiMapOf(complex: RootComplexDescription): readonly MapEntry[] {
  const to = complex.msi ?? complex.msiParent?.to
  return (complex.msiMap ?? (to === undefined ? [] : [{ to }])).map(entryOf)
}

/** The first entry that holds `id` after masking, with the id it gives. */
export function lookUp(
  map: readonly MapEntry[],
  mask: Integer | undefined,
  id: number,
): { readonly to: string; readonly output: number } | undefined {
  const masked = mask === undefined ? id : (id & numberOf(mask)) >>> 0
  const entry = map.find(({ from, count, single }) => single || (masked >= from && masked < from + count))
  return entry && { to: entry.to, output: entry.single ? entry.outputBase : masked - entry.from + entry.outputBase }
}
