/**
 * A total reader over bytes: every read is bounds-checked and gives undefined where the bytes do not reach, nothing
 * throws. Offsets count from the start of this reader; `base` tells where that start lies in the whole table or blob,
 * so that messages can name the offset people see. Bytes of the underlying buffer outside the given view are never
 * looked at.
 */
export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  /** Offset of byte 0 of this reader in the whole table or blob. */
  readonly base: number

  constructor(bytes: Uint8Array, base = 0) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.base = base
  }

  /** Number of bytes that can be read. */
  get length(): number {
    return this.#bytes.byteLength
  }

  /** True when `size` bytes from `offset` lie inside. */
  has(offset: number, size: number): boolean {
    return (
      Number.isSafeInteger(offset) &&
      Number.isSafeInteger(size) &&
      offset >= 0 &&
      size >= 0 &&
      offset <= this.length &&
      size <= this.length - offset
    )
  }

  /** Offset in the whole table of `offset` in this reader. */
  at(offset: number): number {
    return this.base + offset
  }

  u8(offset: number): number | undefined {
    return this.has(offset, 1) ? this.#view.getUint8(offset) : undefined
  }

  u16le(offset: number): number | undefined {
    return this.has(offset, 2) ? this.#view.getUint16(offset, true) : undefined
  }

  u16be(offset: number): number | undefined {
    return this.has(offset, 2) ? this.#view.getUint16(offset, false) : undefined
  }

  u32le(offset: number): number | undefined {
    return this.has(offset, 4) ? this.#view.getUint32(offset, true) : undefined
  }

  u32be(offset: number): number | undefined {
    return this.has(offset, 4) ? this.#view.getUint32(offset, false) : undefined
  }

  u64le(offset: number): bigint | undefined {
    return this.has(offset, 8) ? this.#view.getBigUint64(offset, true) : undefined
  }

  u64be(offset: number): bigint | undefined {
    return this.has(offset, 8) ? this.#view.getBigUint64(offset, false) : undefined
  }

  /** Unsigned little-endian integer of 1 to 6 bytes. */
  unsignedLe(offset: number, size: number): number | undefined {
    if (size < 1 || size > 6 || !this.has(offset, size)) return undefined
    let value = 0
    for (let index = size - 1; index >= 0; index--) value = value * 256 + this.#view.getUint8(offset + index)
    return value
  }

  /** `length` bytes as one character each (Latin-1): nothing is dropped, so control characters may be inside. */
  ascii(offset: number, length: number): string | undefined {
    const bytes = this.slice(offset, length)
    if (bytes === undefined) return undefined
    let text = ''
    for (const byte of bytes) text += String.fromCharCode(byte)
    return text
  }

  /** Offset of the first byte equal to `value` in `[offset, end)`; undefined when there is none. */
  indexOf(value: number, offset: number, end = this.length): number | undefined {
    if (!this.has(offset, 0)) return undefined
    const found = this.#bytes.subarray(0, Math.max(offset, end)).indexOf(value, offset)
    return found < 0 ? undefined : found
  }

  /** A view on `length` bytes from `offset`, not a copy. */
  slice(offset: number, length: number): Uint8Array | undefined {
    return this.has(offset, length) ? this.#bytes.subarray(offset, offset + length) : undefined
  }

  /** A reader over `length` bytes from `offset` that keeps track of where they lie in the whole. */
  sub(offset: number, length: number): ByteReader | undefined {
    const bytes = this.slice(offset, length)
    return bytes === undefined ? undefined : new ByteReader(bytes, this.base + offset)
  }

  /** As `sub`, cut to what is there; empty when `offset` itself lies outside. */
  upTo(offset: number, length: number): ByteReader {
    const from = this.has(offset, 0) ? offset : this.length
    const size = Math.min(Math.max(0, Math.trunc(length) || 0), this.length - from)
    return new ByteReader(this.#bytes.subarray(from, from + size), this.base + from)
  }
}
