import { array, assert, constantFrom, nat, oneof, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NameTexts } from '../../../src/sysroot/name-texts.js'

/** Pairs of names that a hash by 31 does not tell apart in 1,024 places, of one length and not, and lengths at the bound. */
const ALIKE = [
  'Aa',
  'BB',
  'AaAa',
  'AaBB',
  'BBAa',
  'BBBB',
  '',
  'a'.repeat(32),
  'a'.repeat(33),
  'vendor',
  'vendorpp',
  'revision',
  'revisionV',
]
const names = array(
  oneof(
    constantFrom(...ALIKE),
    string({ unit: 'grapheme-ascii', maxLength: 40 }),
    nat(100_000).map((number) => `n${number}`),
  ),
  { maxLength: 200 },
)

describe('texts of names', () => {
  it.each([
    ['vendorpp', 'vendor'],
    ['revisionV', 'revision'],
    ['BB', 'Aa'],
  ])('are told from others of the same place: %s and %s', (one, other) => {
    const texts = new NameTexts()
    const textOf = (name: string) => texts.of(new TextEncoder().encode(name), 0, name.length)
    expect([textOf(one), textOf(other), textOf(one)]).toEqual([one, other, one])
  })

  it('are those of the bytes, whatever was asked for before', () => {
    assert(
      property(names, nat(3), (asked, before) => {
        const texts = new NameTexts()
        for (const name of asked) {
          const bytes = new TextEncoder().encode(`${'/'.repeat(before)}${name}/`)
          expect(texts.of(bytes, before, bytes.length - 1)).toBe(name)
        }
      }),
    )
  })
})
