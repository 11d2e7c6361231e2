/** A number in a description: JSON has no 64-bit integers, so `0x…` text stands for them. */
export type IntegerLike = number | bigint | string

/** The integer that a number or `0x…` text means. Throws RangeError where the text is no integer. */
export function toInteger(value: IntegerLike): bigint {
  if (typeof value === 'string' && !/^(?:0x[0-9a-f]+|[0-9]+)$/i.test(value)) {
    throw new RangeError(`"${value}" is no integer`)
  }
  return BigInt(value)
}

/** A raw override: `value` replaces the `size` bytes at `at`, which counts from the start of what is patched. */
export interface BytePatch {
  readonly at: number
  readonly size: 1 | 2 | 4 | 8
  readonly value: IntegerLike
}

/**
 * Bytes of a fixed layout, filled by offset so that a writer reads like the specification's table. Little-endian unless
 * asked otherwise; values are cut to the field's width.
 */
export class ByteRecord {
  readonly bytes: Uint8Array
  private readonly view: DataView
  private readonly littleEndian: boolean

  constructor(length: number | Uint8Array, order: 'little' | 'big' = 'little') {
    this.bytes = typeof length === 'number' ? new Uint8Array(length) : length
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength)
    this.littleEndian = order === 'little'
  }

  u8(offset: number, value: number): this {
    this.view.setUint8(offset, value)
    return this
  }

  u16(offset: number, value: number): this {
    this.view.setUint16(offset, value, this.littleEndian)
    return this
  }

  u32(offset: number, value: number): this {
    this.view.setUint32(offset, value, this.littleEndian)
    return this
  }

  u64(offset: number, value: IntegerLike): this {
    this.view.setBigUint64(offset, toInteger(value), this.littleEndian)
    return this
  }

  /** Latin-1 characters, cut to `length`, filled up with `fill`. */
  text(offset: number, value: string, length: number, fill = 0): this {
    for (let index = 0; index < length; index++) {
      this.view.setUint8(offset + index, index < value.length ? value.charCodeAt(index) : fill)
    }
    return this
  }

  patch(patches: readonly BytePatch[] | undefined): this {
    for (const { at, size, value } of patches ?? []) {
      const integer = toInteger(value)
      if (size === 8) this.u64(at, integer)
      else if (size === 4) this.u32(at, Number(integer))
      else if (size === 2) this.u16(at, Number(integer))
      else this.u8(at, Number(integer))
    }
    return this
  }
}

/** One array after the other. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** The bytes that hexadecimal digits mean; spaces between them are allowed. Throws RangeError for anything else. */
export function bytesOfHex(text: string): Uint8Array {
  const digits = text.replaceAll(/\s/g, '')
  if (digits.length % 2 !== 0 || /[^0-9a-f]/i.test(digits))
    throw new RangeError(`"${text}" is no sequence of hexadecimal bytes`)
  return Uint8Array.from({ length: digits.length / 2 }, (_, index) =>
    Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16),
  )
}
