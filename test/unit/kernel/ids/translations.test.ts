import { describe, expect, it } from 'vitest'
import { overlapsOf, type Translation } from '../../../../src/kernel/ids/translations.js'

const TARGET = 7

/** A translation gives its ids as they are, unless said otherwise. */
type Row = readonly [first: number, last: number, output?: number, target?: number]
const translations = (...rows: readonly Row[]) =>
  rows.map(([first, last, output = first, target = TARGET], index): Translation<string> => ({
    of: `row ${index}`,
    index,
    first,
    last,
    output,
    target,
  }))

const said = (...rows: readonly Row[]) =>
  overlapsOf(translations(...rows)).map(({ earlier, later, ids, says, touching }) => [
    `${earlier.of}, ${later.of}`,
    ids.first,
    ids.last,
    says,
    touching ? 'touch' : 'overlap',
  ])

describe('ids that two translations of one array hold', () => {
  it('are none where ranges follow each other', () => {
    expect(said([0, 9], [10, 19], [30, 39])).toEqual([])
  })
  it('say the same, another id or another target', () => {
    expect(said([0, 9], [5, 14])).toEqual([['row 0, row 1', 5, 9, 'same', 'overlap']])
    expect(said([0, 9], [5, 14, 6])).toEqual([['row 0, row 1', 5, 9, 'other-output', 'overlap']])
    expect(said([0, 9], [5, 14, 5, 8])).toEqual([['row 0, row 1', 5, 9, 'other-target', 'overlap']])
  })
  it('belong to what stands first in the array, wherever it begins', () => {
    expect(said([5, 14], [0, 9])).toEqual([['row 0, row 1', 5, 9, 'same', 'overlap']])
  })
  it('are found in all that lie inside a wide one', () => {
    expect(said([0, 100], [10, 19], [30, 39]).map(([pair]) => pair)).toEqual(['row 0, row 1', 'row 0, row 2'])
  })
  it('are all of those with one range', () => {
    expect(said([3, 4], [3, 4])).toEqual([['row 0, row 1', 3, 4, 'same', 'overlap']])
  })
})

describe('a range that ends with the first id of another (off by one)', () => {
  it('touches it, and overlaps it in nothing else', () => {
    expect(said([0, 10], [10, 19])).toEqual([['row 0, row 1', 10, 10, 'same', 'touch']])
    expect(said([10, 19, 11], [0, 10])).toEqual([['row 0, row 1', 10, 10, 'other-output', 'touch']])
  })
  it('does so inside a wider one too, which both overlap', () => {
    const pairs = said([0, 10], [10, 19], [0, 99]).map(([pair, , , , how]) => [pair, how])
    expect(pairs).toContainEqual(['row 0, row 1', 'touch'])
    expect(pairs).toContainEqual(['row 0, row 2', 'overlap'])
    expect(pairs).toContainEqual(['row 1, row 2', 'overlap'])
  })
  it('has to hold more than that id', () => {
    expect(said([10, 10], [10, 19])).toEqual([['row 0, row 1', 10, 10, 'same', 'overlap']])
  })
})
