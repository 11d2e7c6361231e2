import type { IdMapping, IortNode, IortTable } from '../../machine/iort.js'
import { hasHisiIdCountBug, type IortRules } from '../iort/iort-rules.js'
import { specialMappingIndex, takesSingleMappings } from '../iort/iort-walk.js'
import { firstHolders, joined, within, type HeldRange, type IdRange } from './id-ranges.js'
import { EVERY_ID, type StuckWhy } from './id-way.js'
import { inputRangeOf } from './translations.js'

/** Which mapping of a node takes which ids. */
export interface NodeMatches {
  /** In ascending order; `index` is the mapping's. */
  readonly matches: readonly HeldRange[]
  /** What becomes of the others. */
  readonly rest: StuckWhy
  /** Last ids of ranges that this release leaves to nobody, in ascending order. */
  readonly rangeEnds: readonly IdRange[]
}

const NOTHING: Pick<NodeMatches, 'matches' | 'rangeEnds'> = { matches: [], rangeEnds: [] }

/** The ids that a mapping takes for good, whatever stands behind it. K: `iort_id_map`; iort-walk.md section 2. */
function takenForGood(mapping: IdMapping, { upperBound }: IortRules, hisi: boolean): IdRange | undefined {
  const { inputBase: first, idCount } = mapping
  const end = (first + idCount) >>> 0
  const last =
    upperBound === 'exclusive' || (upperBound === 'inclusive-last' && idCount > 0)
      ? end - 1
      : upperBound === 'inclusive-hisi' && hisi
        ? (end - 1) >>> 0
        : end
  return last >= first ? { first, last } : undefined
}

/** The last id of a range, and the mapping that takes it. */
interface LastId {
  readonly id: number
  readonly index: number
  /** Whether it is so whatever mappings follow. */
  readonly settled: boolean
}

/**
 * Who takes the last id of each range from 5.8 on: the first mapping that holds it, unless that one ends with it and a
 * later one begins with it.
 */
function lastIdsOf(mappings: readonly (IdMapping | undefined)[], held: readonly HeldRange[]): readonly LastId[] {
  const ends = new Map<number, number>()
  const beginning = new Map<number, number>()
  for (const [index, mapping] of mappings.entries()) {
    const end = mapping ? mapping.inputBase + mapping.idCount : Infinity
    if (!mapping || mapping.singleMapping || end > 0xffffffff) continue
    if (!beginning.has(mapping.inputBase)) beginning.set(mapping.inputBase, index)
    // A zero reference is how Linux marks that nothing was found yet.
    if (mapping.idCount > 0 && mapping.outputReference !== 0 && !ends.has(end)) ends.set(end, index)
  }
  const [single = Infinity] = mappings.flatMap((mapping, index) => (mapping?.singleMapping === true ? [index] : []))
  return [...ends].map(([id, provisional]) => {
    const [holder = Infinity] = [...within(held, { first: id, last: id })].map(([{ index }]) => index)
    // A mapping that begins with the id, or takes every one, is its holder where it stands before the provisional one.
    const index = holder < provisional ? holder : Math.min(beginning.get(id) ?? Infinity, single)
    return index === Infinity ? { id, index: provisional, settled: false } : { id, index, settled: true }
  })
}

/**
 * Which mapping takes which ids at a node: the first in the array that matches, with ends as the release counts them.
 * Source: K: drivers/acpi/arm64/iort.c, `iort_node_map_id`, `iort_id_map`; iort-walk.md sections 2 to 4.
 */
export function nodeMatches(iort: IortTable, node: IortNode, rules: IortRules): NodeMatches {
  if (node.mappingCount === 0) return { ...NOTHING, rest: 'no-mappings' }
  // Linux gives a node up whose first mapping has no reference.
  if (node.mappings[0]?.outputReference === 0) return { ...NOTHING, rest: 'null-reference' }
  const special = specialMappingIndex(node, rules, () => undefined)
  if (special === 'too-short') return { ...NOTHING, rest: 'node-too-short' }
  const takesSingle = takesSingleMappings(node.type, rules)
  const mappings = node.mappings.map((mapping, index) =>
    index === special || (mapping.singleMapping && !takesSingle) ? undefined : mapping,
  )
  const hisi = hasHisiIdCountBug(iort)
  const forGood = mappings.map(
    (mapping) => mapping && (mapping.singleMapping ? EVERY_ID : takenForGood(mapping, rules, hisi)),
  )
  const rest = node.mappings.length < node.mappingCount ? 'mappings-incomplete' : 'no-match'
  const held = firstHolders(forGood)
  if (rules.upperBound !== 'inclusive-last') {
    // A mapping that is missing may take the last ids too.
    if (rest === 'mappings-incomplete') return { matches: held, rest, rangeEnds: [] }
    const lost = mappings.map((mapping) => (mapping && !mapping.singleMapping ? inputRangeOf(mapping) : undefined))
    const rangeEnds = firstHolders(lost.map((range) => range && { first: range.last, last: range.last }))
    return { matches: held, rest, rangeEnds }
  }
  const lastIds = lastIdsOf(mappings, held)
  const points = lastIds.map(({ id }) => ({ first: id, last: id }))
  const matches = firstHolders([...points, ...forGood]).flatMap(({ first, last, index }): HeldRange[] => {
    const lastId = lastIds[index]
    if (!lastId) return [{ first, last, index: index - points.length }]
    // In an array that is not all there it may be superseded by what is missing.
    return lastId.settled || rest === 'no-match' ? [{ first, last, index: lastId.index }] : []
  })
  // The last id of a range belongs to it again.
  return { matches: joined(matches), rest, rangeEnds: [] }
}
