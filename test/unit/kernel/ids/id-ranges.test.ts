import { describe, expect, it } from 'vitest'
import { array, assert, nat, property, tuple } from 'fast-check'
import {
  commonRanges,
  firstHolders,
  gapsOf,
  intersection,
  joined,
  merged,
  within,
  type IdRange,
} from '../../../../src/kernel/ids/id-ranges.js'

const SPACE = 40
const ranges = array(
  tuple(nat(SPACE), nat(SPACE)).map(([left, right]): IdRange => ({
    first: Math.min(left, right),
    last: Math.max(left, right),
  })),
  { maxLength: 6 },
)
const ALL = Array.from({ length: SPACE + 1 }, (_, id) => id)
const holds = (list: readonly IdRange[], id: number) => list.some(({ first, last }) => id >= first && id <= last)
const idsOf = (list: readonly IdRange[]) => ALL.filter((id) => holds(list, id))

describe('ranges hold the ids that counting one by one finds', () => {
  it('merged: in ascending ranges with a gap between them', () => {
    assert(
      property(ranges, (list) => {
        const result = merged(list)
        expect(idsOf(result)).toEqual(idsOf(list))
        for (const [index, { first }] of result.entries()) {
          const before = result[index - 1]
          if (before) expect(first).toBeGreaterThan(before.last + 1)
        }
      }),
    )
  })
  it('in common, and one by one', () => {
    assert(
      property(ranges, ranges, (left, right) => {
        expect(idsOf(commonRanges(left, right))).toEqual(ALL.filter((id) => holds(left, id) && holds(right, id)))
        for (const taken of right) {
          for (const range of left) {
            const common = intersection(range, taken)
            expect(common ? idsOf([common]) : []).toEqual(ALL.filter((id) => holds([range], id) && holds([taken], id)))
          }
        }
      }),
    )
  })
  it('by the first of a list that holds them', () => {
    assert(
      property(ranges, (list) => {
        const held = firstHolders(list)
        for (const id of ALL) {
          const [piece] = [...within(held, { first: id, last: id })]
          const index = list.findIndex(({ first, last }) => id >= first && id <= last)
          expect(piece?.[0].index ?? -1).toBe(index)
        }
        for (const [at, { first, index }] of held.entries()) {
          const before = held[at - 1]
          if (before) expect(first > before.last + (before.index === index ? 1 : 0)).toBe(true)
        }
      }),
    )
  })
  it('joined: those of one range that follow each other', () => {
    const piece = (first: number, last: number, index: number) => ({ first, last, index })
    expect(joined([piece(0, 1, 0), piece(2, 3, 0), piece(5, 6, 0), piece(7, 8, 1)])).toEqual([
      piece(0, 3, 0),
      piece(5, 6, 0),
      piece(7, 8, 1),
    ])
  })
  it('that lie between those of an ascending list', () => {
    assert(
      property(ranges, ranges, (list, asked) => {
        for (const range of asked)
          expect(gapsOf(merged(list), range).every(({ first, last }) => first <= last)).toBe(true)
        for (const range of asked)
          expect(idsOf(gapsOf(merged(list), range))).toEqual(ALL.filter((id) => holds([range], id) && !holds(list, id)))
      }),
    )
  })
})
