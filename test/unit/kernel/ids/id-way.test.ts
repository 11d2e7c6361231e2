import { describe, expect, it } from 'vitest'
import {
  EVERY_ID,
  findsNothing,
  hiddenBits,
  isLeftOut,
  maskedRanges,
  outputOf,
  outputRangeOf,
  REQUESTER_IDS,
  unwrapped,
  wayOf,
  waysOf,
  type HostIds,
  type IdsTo,
  type IdWay,
  type StuckIds,
  type StuckWhy,
} from '../../../../src/kernel/ids/id-way.js'
import { group, rc } from '../iort/iort-nodes.js'

const TOP = 0x8000_0000
const ITS = group(100, [0])
const OWNER = { key: 'a', kind: 'pci', name: 'a', node: rc([]) } as const
const way = (first: number, last: number, output: number, collapsed = false): IdWay => ({
  first,
  last,
  output,
  collapsed,
  owner: OWNER,
  mask: EVERY_ID.last,
  steps: [],
  space: { kind: 'DeviceID', key: 'ITS 0', target: ITS, tellsApart: true },
})
const lost = (first: number, last: number, why: StuckWhy): StuckIds => ({ first, last, why, steps: [] })
const to = (reached: readonly IdWay[], stuck: readonly StuckIds[] = [], mask = EVERY_ID.last): IdsTo => ({
  mask,
  reached,
  stuck,
})

describe('ids of 32 bits', () => {
  it.each<[string, number, readonly [number, number, number][]]>([
    ['that end at the last one are one range', 0xffff_ff00, [[0x10, 0x10f, 0xffff_ff00]]],
    [
      'that pass it go on at zero',
      0xffff_ff01,
      [
        [0x10, 0x10e, 0xffff_ff01],
        [0x10f, 0x10f, 0],
      ],
    ],
  ])('%s', (_, output, expected) => {
    const parts = [...unwrapped({ first: 0x10, last: 0x10f, output })]
    expect(parts.map((part) => [part.first, part.last, part.output])).toEqual(expected)
  })
  it('have the way that holds them after the mask, with the highest bit too', () => {
    const high = way(TOP, TOP + 0xf, 0x100)
    const ids = to([high], [lost(0, 0xf, 'no-match')], 0x8000_00ff)
    expect(wayOf(ids, 0xc000_0004)).toBe(high)
    expect(wayOf(ids, 0x4000_0004)).toMatchObject({ why: 'no-match' })
    expect(wayOf(ids, 0x10)).toBeUndefined()
    expect(outputOf({ ...high, mask: 0x8000_00ff }, 0xc000_0004)).toBe(0x104)
    expect(outputOf({ ...high, collapsed: true }, 0xc000_0004)).toBe(0x100)
    expect(outputRangeOf(high)).toEqual({ first: 0x100, last: 0x10f })
    expect(outputRangeOf({ ...high, collapsed: true })).toEqual({ first: 0x100, last: 0x100 })
  })
})

describe('what the ids of a range are after a mask', () => {
  it.each([
    [TOP, TOP, 0xffff_ffff, [[TOP, TOP]]],
    [0x2_0000, 0x5_ffff, 0xffff_ffff, [[0x2_0000, 0x5_ffff]]],
    [TOP, 0xffff_ffff, 0xffff_fff8, [[0, 0xffff_fff8]]],
    [
      0x7fff_ffff,
      TOP,
      TOP,
      [
        [0, 0],
        [TOP, TOP],
      ],
    ],
    [0, 0xffff, 0, [[0, 0]]],
    [0, 0xffff, 0xff00, Array.from({ length: 0x100 }, (_, bus) => [bus << 8, bus << 8])],
    // As many as there are RequesterIDs: each is looked at. One more: one range takes them in.
    [
      0,
      0xffff,
      0x10ff,
      [
        [0, 0xff],
        [0x1000, 0x10ff],
      ],
    ],
    [0, 0x1_0000, 0x10ff, [[0, 0x10ff]]],
  ])('%i to %i, mask %i', (first, last, mask, expected) => {
    expect(maskedRanges({ first, last }, mask).map((range) => [range.first, range.last])).toEqual(expected)
  })
})

describe('bits of the ids of a host that a mask hides', () => {
  it.each<[string, readonly (readonly [number, number])[], number, number]>([
    [
      'two buses of one device',
      [
        [0x100, 0x1ff],
        [0x300, 0x3ff],
      ],
      0xfdff,
      0x200,
    ],
    [
      'the bit that all have',
      [
        [0x100, 0x1ff],
        [0x300, 0x3ff],
      ],
      0xfeff,
      0,
    ],
    ['the bit that the only bus has', [[0x100, 0x1ff]], 0xfeff, 0],
    [
      'functions',
      [
        [0x100, 0x1ff],
        [0x300, 0x3ff],
      ],
      0xfff8,
      7,
    ],
    ['the only id', [[0x100, 0x100]], 0xfffe, 0],
    ['all of them', [[0, 0xffff_ffff]], 0, 0xffff_ffff],
  ])('%s', (_, buses, mask, expected) => {
    const host: HostIds = {
      owner: OWNER,
      toIommu: undefined,
      toMsi: undefined,
      toParents: [],
      unreadParents: [],
      looksUp: false,
      buses: buses.map(([first, last]) => ({ first, last })),
    }
    expect(hiddenBits(host, to([], [], mask))).toBe(expected)
  })
})

describe('ids that arrive nowhere', () => {
  // K: iort_node_map_id gives no node for the first row, of_map_id an error; of the others nobody can say what it finds.
  it.each<[StuckWhy, boolean]>([
    ...(['no-root-complex', 'no-mappings', 'null-reference', 'no-match', 'range-end'] as const).map(
      (why): [StuckWhy, boolean] => [why, true],
    ),
    ...(['ENODEV', 'EINVAL', 'EFAULT'] as const).map((why): [StuckWhy, boolean] => [why, true]),
    ...(['nodes-incomplete', 'dangling-reference', 'loop', 'mappings-incomplete', 'node-too-short'] as const).map(
      (why): [StuckWhy, boolean] => [why, false],
    ),
    ...(['type-out-of-range', 'release-undetermined', 'tree-incomplete', 'malformed', 'permission'] as const).map(
      (why): [StuckWhy, boolean] => [why, false],
    ),
  ])('by %s: Linux finds nothing: %s', (why, expected) => {
    expect(findsNothing(why)).toBe(expected)
    expect(isLeftOut(lost(0, 1, why))).toBe(expected)
  })
  it('are left out where nothing holds them, and not where a way does', () => {
    expect(isLeftOut(undefined)).toBe(true)
    expect(isLeftOut(way(0, 1, 0))).toBe(false)
  })
})

it('ways of some ids are the parts that hold them', () => {
  const said = (...ways: readonly IdWay[]) =>
    waysOf([{ first: 0x100, last: 0x1ff }], to(ways)).map(({ first, last, output }) => [first, last, output])
  expect(said(way(0, 0x10f, 0x1000), way(0x180, 0xffff, 5, true))).toEqual([
    [0x100, 0x10f, 0x1100],
    [0x180, 0x1ff, 5],
  ])
  expect(said(way(0, 0xffff, 5, true))).toEqual([[0x100, 0x1ff, 5]])
  expect(waysOf([REQUESTER_IDS], undefined)).toEqual([])
})
