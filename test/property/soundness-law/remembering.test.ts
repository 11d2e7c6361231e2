import { describe, expect, it } from 'vitest'
import { memorySysroot } from '../../../src/sysroot/memory-sysroot.js'
import type { Sysroot } from '../../../src/sysroot/sysroot.js'
import { Differences } from '../../support/differences.js'
import { Observation } from '../../support/observation.js'
import { RememberedProbes } from '../../support/remembered-probes.js'
import { sameContent } from '../../support/same-content.js'
import { WatchedValues } from '../../support/looks.js'
import { StructuralKeys } from '../../support/structural-keys.js'

describe('what the law remembers of a machine', () => {
  const machine = () => ({
    names: ['a', 'b'],
    byName: new Map([
      ['a', { value: 1, note: 'x', from: [{ path: 'one' }] }],
      ['b', { value: 2, note: 'y', from: [{ path: 'two' }] }],
    ]),
    bytes: Uint8Array.of(1, 2),
  })
  type Drawn = ReturnType<typeof machine>
  const look = ({ names, byName, bytes }: Drawn) => names.length > 0 && byName.get('a')?.value === 1 && bytes[0] === 1
  const changed = (change: (one: Drawn) => void) => {
    const other = machine()
    change(other)
    return other
  }

  it.each<[what: string, change: (one: Drawn) => void, same: boolean]>([
    ['nothing', () => undefined, true],
    ['what was not looked at', ({ byName }) => byName.set('b', { value: 3, note: 'y', from: [] }), true],
    ['another member of what was', ({ byName }) => byName.set('a', { value: 1, note: 'z', from: [] }), true],
    ['what was looked at', ({ byName }) => byName.set('a', { value: 4, note: 'x', from: [] }), false],
    ['that it is there', ({ byName }) => byName.delete('a'), false],
    ['the length of a list', ({ names }) => names.push('c'), false],
    ['bytes', ({ bytes }) => bytes.fill(0), false],
  ])('a judgement is the same after a change of %s: %#', (_, change, same) => {
    const observation = new Observation()
    const before = machine()
    expect(look(observation.of(before))).toBe(true)
    const differences = new Differences(before, observation, new StructuralKeys())
    expect(differences.of(changed(change)) === undefined).toBe(same)
  })

  it('a walk over a map looks at all of it', () => {
    const observation = new Observation()
    const before = machine()
    expect([...observation.of(before).byName.values()].map(({ value }) => value)).toEqual([1, 2])
    const differences = new Differences(before, observation, new StructuralKeys())
    expect(differences.of(changed(({ byName }) => byName.set('c', { value: 5, note: '', from: [] })))).toBeDefined()
    expect(differences.of(changed(({ byName }) => byName.set('b', { value: 2, note: '', from: [] })))).toBeUndefined()
  })

  it('differences are told in the same words where contents are the same, and in others where they are not', () => {
    const shared = { value: 1, more: [{ name: 'x' }, { name: 'y' }] }
    const draw = () => ({
      one: shared,
      other: shared,
      list: [
        { name: 'a', of: shared },
        { name: 'b', of: shared },
      ],
    })
    type Shared = ReturnType<typeof draw>
    const before = draw()
    const observation = new Observation()
    JSON.stringify(observation.of(before))
    const differences = new Differences(before, observation, new StructuralKeys())
    const anew = () => ({ value: 2, more: [{ name: 'x' }, { name: 'y' }] })
    const twice = anew()
    const machines: readonly (readonly [content: string, machine: Shared])[] = [
      { ...draw(), one: anew() },
      { ...draw(), one: anew() },
      { ...draw(), other: anew() },
      { ...draw(), one: anew(), other: anew() },
      { ...draw(), one: twice, other: twice },
      { ...draw(), one: { value: 1, more: [{ name: 'y' }, { name: 'x' }] } },
      { ...draw(), one: { value: 1, more: [{ name: 'y' }] } },
      { ...draw(), one: { value: 1, more: [] } },
      { ...draw(), list: [{ name: 'a', of: shared }] },
      { ...draw(), list: [{ name: 'b', of: shared }] },
      { ...draw(), list: [{ name: 'b', of: anew() }] },
      {
        ...draw(),
        list: [
          { name: 'b', of: anew() },
          { name: 'a', of: shared },
        ],
      },
      {
        ...draw(),
        list: [
          { name: 'b', of: shared },
          { name: 'a', of: anew() },
        ],
      },
    ].map((machine) => [JSON.stringify(machine), machine])
    const contents = new Map(machines.map(([content, machine]) => [content, differences.of(machine)?.words]))
    expect(differences.of(draw())).toBeUndefined()
    expect(new Set(contents.values()).size).toBe(contents.size)
    // Shared or not: what it is made of may be told in other words, never in those of another content.
    for (const [content, machine] of machines.slice(0, 2))
      expect(differences.of(machine)?.words).toBe(contents.get(content))
  })

  it('why a fact could not be read is told beside the differences', () => {
    const before = { fact: { state: 'known', value: 1 }, other: 1 }
    const observation = new Observation()
    JSON.stringify(observation.of(before))
    const differences = new Differences(before, observation, new StructuralKeys())
    const unread = (reason: string, more: object = {}) =>
      differences.of({ fact: { state: 'unreadable', reason, from: [], ...more }, other: 1 })
    expect(unread('io')?.words).toBe(unread('permission')?.words)
    expect(unread('io')?.unread.map(({ reason }) => reason)).toEqual(['io'])
    expect(unread('io', { more: 1 })?.words).not.toBe(unread('permission', { more: 1 })?.words)
    expect(unread('io', { more: 1 })?.unread).toEqual([])
  })

  it('content has one key, whatever objects it is made of, but for where it was read', () => {
    const keys = new StructuralKeys()
    const one = keys.of(machine())
    expect(keys.of(machine())).toBe(one)
    expect(keys.of(changed(({ byName }) => byName.set('b', { value: 2, note: 'y', from: [] })))).toBe(one)
    expect(keys.of(changed(({ byName }) => byName.set('b', { value: 2, note: 'z', from: [] })))).not.toBe(one)
    expect(keys.of(changed(({ bytes }) => bytes.fill(0)))).not.toBe(one)
    expect(() => keys.of({ of: () => 0 })).toThrow(TypeError)
    expect(() => keys.of(new Date(0))).toThrow(TypeError)
  })

  it('a probe is run again for what it reads or is given, and for nothing else', () => {
    let runs = 0
    const probes = new RememberedProbes()
    const { probeIt } = probes.ofModule(
      {
        probeIt: (sysroot: Sysroot, path: string, given: object) => {
          runs += 1
          return [sysroot.text(path), given]
        },
      },
      /^probe/,
    )
    const call = (sysroot: Sysroot, given: object): object => {
      const said: unknown = typeof probeIt === 'function' ? Reflect.apply(probeIt, undefined, [sysroot, 'a', given]) : 0
      return typeof said === 'object' && said !== null ? said : {}
    }
    const whole = memorySysroot({ kind: 'emulated', name: 'two files' }, { a: 'one', b: 'two' })
    const given = { of: 'the first' }
    const { result: first, memory } = probes.remember(() => call(whole, given))
    const other = whole.withChange('b', { kind: 'removed' })
    expect(probes.recall(memory, other, (sysroot) => call(sysroot, given))).toBe(first)
    expect(probes.recall(memory, other, (sysroot) => call(sysroot, { ...given }))).toBe(first)
    expect(runs).toBe(1)
    expect(probes.recall(memory, other, (sysroot) => call(sysroot, { of: 'another' }))).not.toBe(first)
    const gone = whole.withChange('a', { kind: 'removed' })
    expect(probes.recall(memory, gone, (sysroot) => call(sysroot, given))).toEqual([{ state: 'absent' }, given])
    expect(runs).toBe(3)
  })

  describe('a watched value answers the same', () => {
    const node = (path: string) => ({ path, more: { names: ['a', 'b'], value: Uint8Array.of(1) }, parent: {} })
    const tree = () => {
      const nodes: readonly [string, ReturnType<typeof node>][] = [
        ['/x', node('/x')],
        ['/y', node('/y')],
      ]
      for (const [, one] of nodes) one.parent = one
      return { state: 'known', value: { byPath: new Map(nodes) }, from: [{ path: 'tree' }] }
    }
    type Tree = ReturnType<typeof tree>
    const asked = ({ value, from }: Tree) => {
      const found = value.byPath.get('/x')
      return [
        from.length,
        value.byPath.has('/z'),
        found?.path,
        found?.parent === found,
        found?.more.names.includes('c'),
      ]
    }

    it.each<[what: string, change: (one: Tree) => void, same: boolean]>([
      ['nothing', () => undefined, true],
      ['a node that was not asked for', ({ value }) => value.byPath.delete('/y'), true],
      ['bytes that were not', ({ value }) => value.byPath.get('/x')?.more.value.fill(2), true],
      ['a node that was', ({ value }) => value.byPath.delete('/x'), false],
      ['one that was not there', ({ value }) => value.byPath.set('/z', node('/z')), false],
      ['a name in a list', ({ value }) => value.byPath.get('/x')?.more.names.push('c'), false],
      ['where it was read', ({ from }) => from.push({ path: 'blob' }), false],
    ])('after a change of %s: %#', (_, change, same) => {
      const watched = new WatchedValues()
      const before = tree()
      const seen = watched.of(before)
      expect(watched.valueOf(seen)).toBe(before)
      const { looks } = watched.during([seen], () => asked(seen))
      const other = tree()
      change(other)
      expect(watched.isSame(seen, other, looks)).toBe(same)
      expect(watched.isSame(before, other, looks)).toBeUndefined()
    })

    it('never, where part of it came another way', () => {
      const watched = new WatchedValues()
      const seen = watched.of(tree())
      expect(watched.during([], () => asked(seen)).looks).toBeUndefined()
      expect(watched.isSame(seen, tree(), undefined)).toBe(false)
    })
  })

  it('content is compared once for each pair, along every way', () => {
    const round = (value: number) => {
      const one = { value, list: [new Map([['a', Uint8Array.of(1, 2)]]), new Set(['b'])], self: {} }
      one.self = one
      return one
    }
    expect(sameContent(round(1), round(1))).toBe(true)
    expect(sameContent(round(1), round(2))).toBe(false)
    expect(sameContent({ a: undefined }, { b: undefined })).toBe(false)
    expect(sameContent(Uint8Array.of(1), Uint8Array.of(2))).toBe(false)
    expect(sameContent(new Map([['a', 1]]), new Map([['a', 2]]))).toBe(false)
    expect(sameContent([], {})).toBe(false)
  })
})
