import type { IortNode, IortTable } from '../../machine/iort.js'
import type { IortRules } from '../iort/iort-rules.js'
import { iortNodeAt, isTypeOutOfRange } from '../iort/iort-walk.js'
import { gapsOf, within, type IdRange } from './id-ranges.js'
import { outputRangeOf, unwrapped, type IortStep, type StuckIds } from './id-way.js'
import { nodeMatches, type NodeMatches } from './iort-first-matches.js'

/** Steps that one table may take; a hostile one could otherwise ask for millions. */
const STEP_LIMIT = 500_000

/** Ids on their way: `output` is what the first of them is at `node`. */
export interface RoutedIds extends IdRange {
  readonly node: IortNode
  readonly output: number
  readonly collapsed: boolean
  readonly steps: readonly IortStep[]
}

/** Where ids were led, in no order. */
export interface IortRouting {
  readonly reached: readonly RoutedIds[]
  readonly stuck: readonly StuckIds[]
}

/** Follows ranges of ids through one table, under one set of rules. */
export class IortFollower {
  private left: number
  private readonly byNode = new Map<IortNode, NodeMatches>()
  private readonly iort: IortTable
  private readonly rules: IortRules

  constructor(iort: IortTable, rules: IortRules, stepLimit = STEP_LIMIT) {
    this.iort = iort
    this.rules = rules
    this.left = stepLimit
  }

  /** False once there were more steps than were followed: then what was found is not all there is. */
  get complete(): boolean {
    return this.left > 0
  }

  /** From where they are, until a node of one of `types`. */
  follow(starts: readonly RoutedIds[], types: ReadonlySet<IortNode['type']>): IortRouting {
    const reached: RoutedIds[] = []
    const stuck: StuckIds[] = []
    const waiting = [...starts]
    for (let ids = waiting.pop(); ids && this.left > 0; ids = waiting.pop()) {
      if (types.has(ids.node.type)) reached.push(ids)
      else this.advance(ids, waiting, stuck)
    }
    return { reached, stuck }
  }

  private matchesOf(node: IortNode): NodeMatches {
    const kept = this.byNode.get(node)
    if (kept) return kept
    const matches = nodeMatches(this.iort, node, this.rules)
    this.byNode.set(node, matches)
    return matches
  }

  private advance(ids: RoutedIds, waiting: RoutedIds[], stuck: StuckIds[]): void {
    const { node, steps } = ids
    const lose = ({ first, last }: IdRange, why: StuckIds['why'], path: readonly IortStep[] = steps) => {
      stuck.push({ first, last, why, steps: path })
    }
    if (steps.some((step) => step.node === node)) return lose(ids, 'loop')
    if (isTypeOutOfRange(node)) return lose(ids, 'type-out-of-range')
    const here = outputRangeOf(ids)
    const { matches, rest, rangeEnds } = this.matchesOf(node)
    for (const [match, common] of within(matches, here)) {
      this.left -= 1 + steps.length
      if (this.left <= 0) return
      const mapping = node.mappings[match.index]
      if (!mapping) continue
      const piece = partOf(ids, common)
      const onward = [...steps, { node, mapping, input: common.first }]
      const target = iortNodeAt(this.iort, mapping.outputReference)
      if (!target) {
        lose(piece, 'dangling-reference', onward)
      } else if (mapping.singleMapping) {
        waiting.push({ ...piece, node: target, output: mapping.outputBase, collapsed: true, steps: onward })
      } else {
        const output = (mapping.outputBase + (common.first - mapping.inputBase)) >>> 0
        const on = { ...piece, node: target, output, steps: onward }
        for (const part of on.collapsed ? [on] : unwrapped(on)) waiting.push(part)
      }
    }
    for (const gap of gapsOf(matches, here)) {
      for (const [, ends] of within(rangeEnds, gap)) lose(partOf(ids, ends), 'range-end')
      for (const lost of gapsOf(rangeEnds, gap)) lose(partOf(ids, lost), rest)
    }
  }
}

/** The part of a range whose ids, as its node counts them, are `ids`. */
function partOf(range: RoutedIds, ids: IdRange): RoutedIds {
  if (range.collapsed) return range
  const first = range.first + (ids.first - range.output)
  return { ...range, first, last: first + (ids.last - ids.first), output: ids.first }
}
