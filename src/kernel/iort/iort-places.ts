import type { Provenance } from '../../machine/fact.js'
import type { IdMapping, RootComplexNode } from '../../machine/iort.js'
import type { IortStep } from './iort-walk.js'

export const IORT = 'sys/firmware/acpi/tables/IORT'
/** DEN 0049, ID mapping format: bytes of one mapping. */
const MAPPING_BYTES = 20

/** A way that was gone before. */
interface KnownWay {
  readonly rootComplex: RootComplexNode | undefined
  readonly path: readonly IortStep[]
  readonly places: readonly Provenance[]
}

/**
 * Where walks through an IORT went, as places in the table: its root complex and the mappings that were used. Most functions
 * of a machine go one of few ways, and share its places.
 */
export class IortPlaces {
  /** The way that was gone last, by the mapping at its end. */
  private readonly known = new Map<IdMapping | undefined, KnownWay>()

  of(rootComplex: RootComplexNode | undefined, path: readonly IortStep[]): readonly Provenance[] {
    const end = path.at(-1)?.mapping
    const before = this.known.get(end)
    if (before && before.rootComplex === rootComplex && isSame(before.path, path)) return before.places
    const places = placesOf(rootComplex, path)
    this.known.set(end, { rootComplex, path, places })
    return places
  }
}

function isSame(one: readonly IortStep[], other: readonly IortStep[]): boolean {
  return one.length === other.length && one.every(({ mapping }, index) => mapping === other[index]?.mapping)
}

function placesOf(rootComplex: RootComplexNode | undefined, path: readonly IortStep[]): readonly Provenance[] {
  const nodes = rootComplex ? [{ offset: rootComplex.offset, length: rootComplex.length }] : []
  const mappings = path.map(({ mapping }) => ({ offset: mapping.offset, length: MAPPING_BYTES }))
  return [...nodes, ...mappings].map((at) => ({ path: IORT, at }))
}
