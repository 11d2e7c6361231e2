import { describe, expect, it } from 'vitest'
import { assert, array, constantFrom, nat, property, record } from 'fast-check'
import { collisionsOf, isWithinOwner } from '../../../../src/kernel/ids/collisions.js'
import { outputRangeOf, type IdOwner, type IdWay } from '../../../../src/kernel/ids/id-way.js'
import { group, mapping, rc } from '../iort/iort-nodes.js'

const NODE = rc([])
const ITS = group(100, [0])
type Kind = IdOwner['kind']
interface Claim {
  readonly owner: string
  readonly kind?: Kind
  readonly first: number
  readonly count: number
  readonly space?: string
  readonly collapsed?: boolean
  readonly steps?: IdWay['steps']
}

function way({ owner, kind = 'pci', first, count, space = 'ITS 0', collapsed = false, steps = [] }: Claim): IdWay {
  return {
    owner: { key: owner, kind, name: owner, node: NODE },
    mask: 0xffffffff,
    space: { kind: 'DeviceID', key: space, target: ITS, tellsApart: true },
    first: 0,
    last: count - 1,
    output: first,
    collapsed,
    steps,
  }
}

const said = (...claims: readonly Claim[]) =>
  collisionsOf(claims.map(way)).map((one) => [
    [one.left.owner.key, one.right.owner.key].sort().join(' '),
    ...one.shared.map(({ first, last }) => `${first}-${last}`),
  ])

const step = (at: IdWay['steps'][number]) => [at]
const one = step({ node: NODE, mapping: mapping({}), input: 0 })

describe('ids that two owners have', () => {
  it('are those of one space, both ends included', () => {
    expect(said({ owner: 'a', first: 0, count: 8 }, { owner: 'b', first: 7, count: 8 })).toEqual([['a b', '7-7']])
    expect(said({ owner: 'a', first: 0, count: 8 }, { owner: 'b', first: 8, count: 8 })).toEqual([])
    const other = { owner: 'b', first: 0, count: 8, space: 'ITS 1' }
    expect(said({ owner: 'a', first: 0, count: 8 }, other)).toEqual([])
  })
  it('are one id where a step gives all the same', () => {
    const single = { owner: 'a', first: 4, count: 8, collapsed: true }
    expect(said(single, { owner: 'b', first: 5, count: 8 })).toEqual([])
    expect(said(single, { owner: 'b', first: 0, count: 8 })).toEqual([['a b', '4-4']])
  })
  it('may be those of several devices outside PCI, but not of one and a root complex', () => {
    const device = (owner: string) => ({ owner, kind: 'device' as const, first: 0, count: 4 })
    expect(said(device('x'), device('y'))).toEqual([])
    expect(said(device('x'), device('y'), { owner: 'a', first: 3, count: 4 })).toEqual([
      ['a x', '3-3'],
      ['a y', '3-3'],
    ])
  })
  it('are told of two devices of a kind, those that reach furthest: no more are needed to tell of every id', () => {
    const device = (owner: string, first: number, count: number) => ({ owner, kind: 'device' as const, first, count })
    const pairs = (...claims: readonly Claim[]) => said(...claims).map(([pair]) => pair)
    const root = { owner: 'a', first: 10, count: 10 }
    expect(pairs(device('x', 0, 100), device('y', 1, 90), device('z', 2, 80), root)).toEqual(['a x', 'a y'])
    expect(pairs(device('x', 0, 100), device('x', 1, 90), device('y', 2, 50), root)).toEqual(['a x', 'a y'])
  })
  it('are not hidden by nodes with MSIs of their own', () => {
    const own = (owner: string) => ({ owner, kind: 'own' as const, first: 0, count: 100 })
    const device = { owner: 'x', kind: 'device' as const, first: 0, count: 4 }
    expect(said(own('s'), own('t'), device, { owner: 'a', first: 2, count: 4 })).toContainEqual(['a x', '2-3'])
  })
  it('count within one owner, but not one range seen twice', () => {
    const twice = collisionsOf([way({ owner: 'a', first: 0, count: 8 }), way({ owner: 'a', first: 4, count: 8 })])
    expect(twice.map(isWithinOwner)).toEqual([true])
    const seen = { owner: 'a', first: 0, count: 8, steps: one }
    expect(said(seen, seen)).toEqual([])
    // The range that reaches furthest is what a later one meets, not the first one.
    const ranges = [
      { owner: 'a', first: 0, count: 2 },
      { owner: 'a', first: 2, count: 8 },
      { owner: 'a', first: 5, count: 2 },
    ]
    expect(said(...ranges)).toEqual([['a a', '5-6']])
    const inside = [
      { owner: 'a', first: 0, count: 20 },
      { owner: 'a', first: 2, count: 2 },
      { owner: 'a', first: 10, count: 2 },
    ]
    expect(said(...inside)).toEqual([['a a', '2-3', '10-11']])
    // One mapping seen twice is one way of steps; two mappings are two.
    const other = step({ node: NODE, mapping: mapping({}), input: 0 })
    expect(said(seen, { ...seen, first: 4, steps: other })).toEqual([['a a', '4-7']])
  })
  it('follow where one mapping takes both on', () => {
    const claims = [
      way({ owner: 'a', first: 0, count: 8, steps: one }),
      way({ owner: 'b', first: 0, count: 8, steps: one }),
    ]
    expect(collisionsOf(claims).map(({ follows }) => follows)).toEqual([true])
    const apart = [way({ owner: 'a', first: 0, count: 8, steps: one }), way({ owner: 'b', first: 0, count: 8 })]
    expect(collisionsOf(apart).map(({ follows }) => follows)).toEqual([false])
    const unmapped = [way({ owner: 'a', first: 0, count: 8 }), way({ owner: 'b', first: 0, count: 8 })]
    expect(collisionsOf(unmapped).map(({ follows }) => follows)).toEqual([false])
  })
  it('grow into one range from a limit on, and none is lost', () => {
    const many = Array.from({ length: 100 }, (_, at) => ({ owner: 'b', first: at * 10, count: 2 }))
    const [found] = said({ owner: 'a', first: 0, count: 1000 }, ...many)
    expect(found?.[0]).toBe('a b')
    expect(found).toHaveLength(65)
    expect(found?.at(-1)).toBe('630-991')
  })
})

it('every id that two owners have, one of them PCI, is in a pair that names two who have it', () => {
  const claim = record({
    owner: constantFrom('a', 'b', 'c', 'd'),
    kind: constantFrom<Kind>('pci', 'pci', 'device', 'own'),
    first: nat(30),
    count: nat(8).map((count) => count + 1),
  })
  assert(
    property(array(claim, { maxLength: 9 }), (claims) => {
      const ways = claims.map((at) => way({ ...at, owner: `${at.owner} ${at.kind}` }))
      const collisions = collisionsOf(ways)
      const holds = (id: number) => (at: IdWay) => id >= outputRangeOf(at).first && id <= outputRangeOf(at).last
      for (let id = 0; id < 40; id++) {
        const owners = new Map(ways.filter(holds(id)).map(({ owner }) => [owner.key, owner]))
        const shared = owners.size > 1 && [...owners.values()].some(({ kind }) => kind === 'pci')
        const pairs = collisions.filter(
          (at) => !isWithinOwner(at) && at.shared.some(({ first, last }) => id >= first && id <= last),
        )
        const named = pairs.filter(({ left, right }) => owners.has(left.owner.key) && owners.has(right.owner.key))
        expect(named.length > 0, `id ${id}`).toBe(shared)
      }
    }),
  )
})
