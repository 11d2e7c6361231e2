import { createHash } from 'node:crypto'
import { array, assert, property, uint8Array } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Sha256 } from '../../../src/binary/sha256.js'

function hashOf(...pieces: readonly Uint8Array[]): string {
  const hash = new Sha256()
  for (const piece of pieces) hash.add(piece)
  return hash.digest()
}

describe('SHA-256', () => {
  // Examples that NIST gives with FIPS 180-4.
  test.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
    ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
  ])('of %.20s', (text, expected) => {
    expect(hashOf(Buffer.from(text))).toBe(expected)
  })

  test('is what OpenSSL says at every length around the ends of blocks', () => {
    for (let length = 0; length <= 200; length += 1) {
      const bytes = Uint8Array.from({ length }, (_, index) => (index * 31 + length) % 256)
      expect(hashOf(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'))
    }
  })

  test('does not depend on the pieces', () => {
    assert(
      property(array(uint8Array({ maxLength: 150 }), { maxLength: 6 }), (pieces) => {
        expect(hashOf(...pieces)).toBe(hashOf(Buffer.concat(pieces)))
      }),
    )
  })
})
