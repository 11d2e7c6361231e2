import { describe, expect, it } from 'vitest'
import {
  absentIn,
  known,
  knownIn,
  knownInBytes,
  mapFact,
  unreadable,
  withoutValue,
  withValue,
} from '../../../src/machine/fact.js'
import { plainFact } from '../../support/plain-fact.js'

const DIRECTORY = 'sys/bus/pci/devices/0000:00:01.0'
const PATH = `${DIRECTORY}/vendor`

describe('facts of one file', () => {
  it('tell where they were read, each time they are asked', () => {
    const fact = knownIn(DIRECTORY, 'vendor', 0x8086, '0x8086\n')
    const plain = { state: 'known', value: 0x8086, from: [{ path: PATH, excerpt: '0x8086' }] }
    expect(plainFact(fact)).toEqual(plain)
    expect(plainFact(fact)).toEqual(plain)
  })

  it('show no text where none was read', () => {
    expect(knownIn(DIRECTORY, 'vendor', 1).from).toEqual([{ path: PATH }])
    expect(plainFact(absentIn(DIRECTORY, 'vendor'))).toEqual({ state: 'absent', from: [{ path: PATH }] })
  })

  it.each([
    ['a short line', 'a \n', 'a'],
    ['a line as long as what is shown', 'a'.repeat(120), 'a'.repeat(120)],
    ['the same with its end', `${'a'.repeat(119)}\n`, 'a'.repeat(119)],
    ['a longer one', 'a'.repeat(121), 'a'.repeat(120)],
    ['one with a blank where it is cut', `${'a'.repeat(119)} b`, `${'a'.repeat(119)} `],
    ['one with blanks at its end only', `${'a'.repeat(100)}${' '.repeat(30)}`, 'a'.repeat(100)],
  ])('show a text cut to a line: %s', (_title, text, excerpt) => {
    expect(knownIn(DIRECTORY, 'vendor', 1, text).from).toEqual([{ path: PATH, excerpt }])
  })

  it('name the bytes, whose digits are shown whole', () => {
    const digits = '10'.repeat(64)
    const fact = knownInBytes(DIRECTORY, 'config', { offset: 0x160, length: 64 }, 'sriov', digits)
    const from = [{ path: `${DIRECTORY}/config`, at: { offset: 0x160, length: 64 }, excerpt: digits }]
    expect(plainFact(fact)).toEqual({ state: 'known', value: 'sriov', from })
    expect(plainFact(mapFact(fact, () => 2))).toEqual({ state: 'known', value: 2, from })
  })
})

describe('facts made of others', () => {
  const from = [{ path: PATH, excerpt: '(null)' }]
  const facts = [
    ['of one file', knownIn(DIRECTORY, 'vendor', '(null)', '(null)\n')],
    ['of places', known('(null)', ...from)],
  ] as const

  it.each(facts)('keep where the first was read: %s', (_title, fact) => {
    expect(plainFact(withValue(fact, 1))).toEqual({ state: 'known', value: 1, from })
    expect(plainFact(mapFact(fact, (text) => text.length))).toEqual({ state: 'known', value: 6, from })
    expect(plainFact(withoutValue(fact))).toEqual({ state: 'absent', from })
  })

  it('are what they were where nothing was read', () => {
    const absence = absentIn(DIRECTORY, 'vendor')
    const failure = unreadable('io', { path: PATH })
    expect(mapFact(absence, () => 1)).toBe(absence)
    expect(mapFact(failure, () => 1)).toBe(failure)
  })
})
