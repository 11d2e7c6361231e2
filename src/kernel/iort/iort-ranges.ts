import type { IdMapping, IortNode, IortTable, RootComplexNode } from '../../machine/iort.js'
import { intersection, without, type IdRange } from '../ids/id-ranges.js'
import { newestIortRulesOf, type IortRules } from './iort-rules.js'
import { iortNodeAt, specialMappingIndex, takesSingleMappings } from './iort-walk.js'
import type { KernelRelease } from '../release.js'

/** One mapping on the way of a range: `input` is what the first id of the range is there. */
export interface RangeStep {
  readonly node: IortNode
  readonly mapping: IdMapping
  readonly input: number
}

/** Ids of the start node that take the same mappings. */
export interface RoutedRange extends IdRange {
  /** What `first` becomes where the way ends. */
  readonly output: number
  /** A single mapping on the way gives every id the same output. */
  readonly collapsed: boolean
  /** The target, or the node that has no mapping for the range. */
  readonly node: IortNode
  readonly steps: readonly RangeStep[]
}

export interface RangeRouting {
  readonly reached: readonly RoutedRange[]
  /** Ranges that get stuck before a target. */
  readonly lost: readonly RoutedRange[]
}

/** Steps that one table may take; a hostile one could otherwise ask for millions. */
const STEP_LIMIT = 100_000

/** Counts down the work on one table. */
class Budget {
  left = STEP_LIMIT

  spend(): boolean {
    this.left--
    return this.left > 0
  }
}

/** Both ends of a mapping's input as the specification counts them; undefined where they leave 32 bits. */
export function inputRangeOf(mapping: IdMapping): IdRange | undefined {
  const last = mapping.inputBase + mapping.idCount
  return last > 0xffffffff ? undefined : { first: mapping.inputBase, last }
}

/** A range on its way: `output` is what its first id is at `node`. */
type Waiting = RoutedRange

/** The part `ids` (as `node` counts them) of a range, before a step. */
function part(range: Waiting, ids: IdRange): Waiting {
  if (range.collapsed) return range
  const first = range.first + (ids.first - range.output)
  return { ...range, first, last: first + (ids.last - ids.first), output: ids.first }
}

function idsAt(range: Waiting): IdRange {
  return { first: range.output, last: range.collapsed ? range.output : range.output + (range.last - range.first) }
}

interface Walk {
  readonly iort: IortTable
  readonly targets: ReadonlySet<IortNode['type']>
  readonly rules: IortRules
  readonly budget: Budget
  readonly reached: RoutedRange[]
  readonly lost: RoutedRange[]
}

/** One node: every mapping takes its share of the range in array order, as Linux takes the first that matches. */
function advance(walk: Walk, range: Waiting): readonly Waiting[] {
  const { node } = range
  const visited = range.steps.some((step) => step.node === node)
  // Linux gives a node up whose first mapping has no reference.
  if (visited || node.mappings[0]?.outputReference === 0) {
    walk.lost.push(range)
    return []
  }
  const special = specialMappingIndex(node, walk.rules, () => undefined)
  const takesSingle = takesSingleMappings(node.type, walk.rules)
  const onward: Waiting[] = []
  let left: readonly IdRange[] = [idsAt(range)]
  for (const [index, mapping] of node.mappings.entries()) {
    if (left.length === 0) break
    if (index === special || (mapping.singleMapping && !takesSingle)) continue
    const input = mapping.singleMapping ? { first: 0, last: 0xffffffff } : inputRangeOf(mapping)
    if (!input) continue
    const target = iortNodeAt(walk.iort, mapping.outputReference)
    for (const ids of left) {
      if (!walk.budget.spend()) return []
      const common = intersection(ids, input)
      if (!common) continue
      const piece = part(range, common)
      const steps = [...range.steps, { node, mapping, input: common.first }]
      const collapsed = range.collapsed || mapping.singleMapping
      const output = mapping.singleMapping
        ? mapping.outputBase
        : (mapping.outputBase + (common.first - mapping.inputBase)) >>> 0
      if (target) onward.push({ ...piece, output, collapsed, node: target, steps })
      else walk.lost.push({ ...piece, steps })
    }
    left = without(left, input)
  }
  for (const ids of left) walk.lost.push(part(range, ids))
  return onward
}

function route(walk: Walk, start: IortNode, inputs: readonly IdRange[]): RangeRouting {
  const waiting: Waiting[] = inputs.map((range) => ({
    ...range,
    output: range.first,
    collapsed: false,
    node: start,
    steps: [],
  }))
  for (let range = waiting.pop(); range && walk.budget.left > 0; range = waiting.pop()) {
    if (walk.targets.has(range.node.type)) walk.reached.push(range)
    else for (const onward of advance(walk, range)) waiting.push(onward)
  }
  const inOrder = (ranges: readonly RoutedRange[]) => ranges.toSorted((left, right) => left.first - right.first)
  return { reached: inOrder(walk.reached), lost: inOrder(walk.lost) }
}

/** Where the RequesterIDs of a root complex go: to SMMUs, and to ITS groups. */
export interface RootComplexRouting {
  readonly rootComplex: RootComplexNode
  readonly toSmmu: RangeRouting
  readonly toIts: RangeRouting
}

/** The root complexes of a table. */
export interface IortRouting {
  /** Those that Linux uses: the first of each segment. */
  readonly rootComplexes: readonly RootComplexRouting[]
  /** False when the table has so many mappings that not all were followed. */
  readonly complete: boolean
}

const REQUESTER_IDS: IdRange = { first: 0, last: 0xffff }
const SMMUS = new Set<IortNode['type']>(['smmu', 'smmuv3'])
const ITS_GROUPS = new Set<IortNode['type']>(['its-group'])

const routings = new WeakMap<IortTable, Map<IortRules, IortRouting>>()

function computeRouting(iort: IortTable, rules: IortRules): IortRouting {
  const budget = new Budget()
  const seen = new Set<number>()
  const walkTo = (start: IortNode, targets: ReadonlySet<IortNode['type']>): RangeRouting =>
    route({ iort, targets, rules, budget, reached: [], lost: [] }, start, [REQUESTER_IDS])
  const rootComplexes = iort.nodes.flatMap((node): RootComplexRouting[] => {
    if (node.type !== 'root-complex' || seen.has(node.segment)) return []
    seen.add(node.segment)
    return [{ rootComplex: node, toSmmu: walkTo(node, SMMUS), toIts: walkTo(node, ITS_GROUPS) }]
  })
  return { rootComplexes, complete: budget.left > 0 }
}

/**
 * Where all 16-bit RequesterIDs of each root complex go, range by range, with ends as the specification counts them
 * (the count field is one less than the number of ids). Where mappings overlap the first in the array takes all.
 *
 * @param release decides which mapping of an SMMUv3 describes its own MSIs; unknown means the newest rule
 * Source: DEN 0049, ID mapping format; K: drivers/acpi/arm64/iort.c, `iort_node_map_id`; iort-walk.md sections 2 to 4.
 */
export function iortRouting(iort: IortTable, release: KernelRelease | undefined): IortRouting {
  const rules = newestIortRulesOf(release)
  const byRules = routings.get(iort) ?? new Map<IortRules, IortRouting>()
  routings.set(iort, byRules)
  const kept = byRules.get(rules)
  if (kept) return kept
  const routing = computeRouting(iort, rules)
  byRules.set(rules, routing)
  return routing
}

/** Outputs that a routed range gives, both ends included. */
export function outputRangeOf(range: RoutedRange): IdRange {
  const last = range.collapsed ? range.output : range.output + (range.last - range.first)
  return { first: range.output, last: Math.min(last, 0xffffffff) }
}

/** The part of a routed range whose inputs lie in `inputs`. */
export function narrowed(range: RoutedRange, inputs: IdRange): RoutedRange | undefined {
  const common = intersection(range, inputs)
  if (!common) return undefined
  return { ...range, ...common, output: range.collapsed ? range.output : range.output + (common.first - range.first) }
}
