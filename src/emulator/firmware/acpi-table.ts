import { bytesOfHex, ByteRecord, concatenate, type BytePatch } from '../byte-record.js'

/** What a description may say about any table: the header's fields, and damage on purpose. */
export interface TableOptions {
  readonly revision?: number
  readonly oemId?: string
  readonly oemTableId?: string
  readonly oemRevision?: number
  readonly creatorId?: string
  readonly creatorRevision?: number
  /** Replaces the header's length; the bytes that follow do not change. */
  readonly length?: number
  /** `bad` is one more than the right one. */
  readonly checksum?: number | 'bad'
  /** Offsets from the start of the table, applied before the checksum is made. */
  readonly patches?: readonly BytePatch[]
  /** Hexadecimal bytes behind the last structure; the header's length covers them. */
  readonly trailing?: string
  /** Cuts the finished table, checksum and header as they were. */
  readonly truncateTo?: number
}

/** Size of the common header. */
const TABLE_HEADER_LENGTH = 36

/**
 * A whole ACPI table: header, `body` (what follows the 36 bytes) and checksum. Integers are little-endian.
 * Source: ACPI 6.5, section 5.2.6.
 */
export function writeTable(
  signature: string,
  defaultRevision: number,
  body: Uint8Array,
  options: TableOptions = {},
): Uint8Array {
  const trailing = options.trailing === undefined ? new Uint8Array() : bytesOfHex(options.trailing)
  const bytes = concatenate([new Uint8Array(TABLE_HEADER_LENGTH), body, trailing])
  const record = new ByteRecord(bytes)
  record
    .text(0, signature, 4)
    .u32(4, options.length ?? bytes.length)
    .u8(8, options.revision ?? defaultRevision)
    .text(10, options.oemId ?? 'EMULAT', 6, 0x20)
    .text(16, options.oemTableId ?? 'EMULATED', 8, 0x20)
    .u32(24, options.oemRevision ?? 1)
    .text(28, options.creatorId ?? 'EMUL', 4, 0x20)
    .u32(32, options.creatorRevision ?? 1)
    .patch(options.patches)
  const right = (256 - (bytes.reduce((sum, byte) => sum + byte, 0) % 256)) % 256
  record.u8(9, options.checksum === 'bad' ? right + 1 : (options.checksum ?? right))
  return options.truncateTo === undefined ? bytes : bytes.slice(0, options.truncateTo)
}
