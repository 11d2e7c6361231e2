import { describe, expect, it } from 'vitest'
import { ByteReader } from '../../../src/binary/byte-reader.js'

const BYTES = Uint8Array.of(0x01, 0x02, 0x03, 0x04, 0xf5, 0xf6, 0xf7, 0xf8, 0x41, 0x00)

describe('ByteReader', () => {
  const reader = new ByteReader(BYTES)

  it('reads both byte orders', () => {
    expect(reader.u8(4)).toBe(0xf5)
    expect(reader.u16le(0)).toBe(0x0201)
    expect(reader.u16be(0)).toBe(0x0102)
    expect(reader.u32le(4)).toBe(0xf8f7f6f5)
    expect(reader.u32be(4)).toBe(0xf5f6f7f8)
    expect(reader.u64le(0)).toBe(0xf8f7f6f504030201n)
    expect(reader.u64be(0)).toBe(0x01020304f5f6f7f8n)
    expect(reader.unsignedLe(4, 3)).toBe(0xf7f6f5)
    expect(reader.unsignedLe(4, 4)).toBe(0xf8f7f6f5)
    expect(reader.unsignedLe(0, 6)).toBe(0xf6f504030201)
    expect(reader.ascii(7, 3)).toBe('øA\0')
    expect(reader.indexOf(0, 8)).toBe(9)
    expect(reader.indexOf(0, 8, 9)).toBeUndefined()
  })

  it.each([-1, 9.5, 10, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 2 ** 32])(
    'gives undefined at offset %s, and never throws',
    (offset) => {
      expect(reader.u16le(offset)).toBeUndefined()
      expect(reader.u32be(offset)).toBeUndefined()
      expect(reader.u64le(offset)).toBeUndefined()
      expect(reader.unsignedLe(offset, 2)).toBeUndefined()
      expect(reader.slice(offset, 2)).toBeUndefined()
      expect(reader.sub(offset, 2)).toBeUndefined()
      expect(reader.upTo(offset, 2).length).toBe(0)
    },
  )

  it('does not overflow on huge sizes', () => {
    expect(reader.slice(1, Number.MAX_SAFE_INTEGER)).toBeUndefined()
    expect(reader.ascii(1, -1)).toBeUndefined()
    expect(reader.upTo(8, Number.MAX_SAFE_INTEGER).length).toBe(2)
    expect(reader.unsignedLe(0, 7)).toBeUndefined()
  })

  it('never looks outside its view', () => {
    for (const surrounding of [0x00, 0xff]) {
      const large = new Uint8Array(30).fill(surrounding)
      large.set(BYTES, 10)
      const inner = new ByteReader(large.subarray(10, 20))
      expect(inner.length).toBe(10)
      expect(inner.u8(-1)).toBeUndefined()
      expect(inner.u16le(9)).toBeUndefined()
      expect(inner.u16le(8)).toBe(0x0041)
      expect(inner.indexOf(surrounding === 0 ? 0x77 : 0xff, 0)).toBeUndefined()
    }
  })

  it('keeps the offset in the whole table through nested readers', () => {
    const nested = new ByteReader(BYTES, 0x100).sub(2, 6)?.sub(1, 3)
    expect(nested?.base).toBe(0x103)
    expect(nested?.at(2)).toBe(0x105)
    expect(nested?.u8(0)).toBe(0x04)
    expect(nested?.length).toBe(3)
  })
})
