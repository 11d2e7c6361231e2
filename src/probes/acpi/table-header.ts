import { ByteReader } from '../../binary/byte-reader.js'
import { Budget } from '../../budget/budget.js'
import type { DecodedTable, TableHeader } from '../../machine/acpi-table.js'
import { decimalField, hexField } from './field-layout.js'
import { offsetText, printable, TableDiagnostics } from './table-diagnostics.js'

/** Bytes of the header that every system description table starts with (ACPI 6.5 section 5.2.6). */
const HEADER_LENGTH = 36

/** The integers of the header; signature and ids are text. */
export const HEADER_LAYOUT = {
  length: decimalField(4, 4, 'Length'),
  revision: decimalField(8, 1, 'Revision'),
  checksum: hexField(9, 1, 'Checksum'),
  oemRevision: hexField(24, 4, 'OEM Revision'),
  creatorRevision: hexField(32, 4, 'Creator Revision'),
}

/** What a table is called: four capitals, digits or underlines, and the one reserved name with another character. */
const SIGNATURE = /^(?:[A-Z0-9_]{4}|ASF!)$/

/** The FACS starts with signature and length alone: no checksum and no ids stand behind them (ACPI 6.5 section 5.2.10). */
export const hasWholeHeader = (signature: string): boolean => signature !== 'FACS'

/** A table on its way through a parser. */
export interface OpenTable {
  readonly header: TableHeader
  /** The table's bytes: what header and file both cover. */
  readonly reader: ByteReader
  readonly diagnostics: TableDiagnostics
}

function checksumOf(bytes: Uint8Array): number {
  let sum = 0
  for (const byte of bytes) sum = (sum + byte) & 0xff
  return sum
}

/** Times that U+FFFD stands in the bytes as UTF-8: what is left of bytes above 0x7f when a table is stored as text. */
function replacementCharacters(bytes: Uint8Array): number {
  let count = 0
  for (let at = bytes.indexOf(0xef); at >= 0; at = bytes.indexOf(0xef, at + 1)) {
    if (bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbd) count++
  }
  return count
}

/**
 * Reads the common header and judges the file as a whole. Everything little-endian. Never fails: a file too short for
 * a header gives an empty signature and zeros, with a diagnostic.
 *
 * @param bytes the file `/sys/firmware/acpi/tables/NAME`, or as much as there is of it
 * @param signature the table that is expected; `undefined` takes any
 * @param budget what its structures are charged to
 */
export function openTable(bytes: Uint8Array, path: string, signature?: string, budget = new Budget()): OpenTable {
  const file = new ByteReader(bytes)
  const found = file.ascii(0, 4) ?? ''
  const diagnostics = new TableDiagnostics(path, signature ?? (printable(found) || 'table'), bytes.length, budget)
  const claimed = file.u32le(4) ?? 0
  const length = Math.min(claimed, file.length)
  const sum = checksumOf(bytes.subarray(0, length))
  const whole = hasWholeHeader(found)
  const header: TableHeader = {
    signature: found,
    length: claimed,
    revision: whole ? (file.u8(8) ?? 0) : 0,
    checksum: !whole ? 'none' : claimed >= HEADER_LENGTH && claimed <= file.length && sum === 0 ? 'ok' : 'bad',
    oemId: whole ? (file.ascii(10, 6) ?? '') : '',
    oemTableId: whole ? (file.ascii(16, 8) ?? '') : '',
    oemRevision: whole ? (file.u32le(24) ?? 0) : 0,
  }
  if (bytes.length === 0) {
    diagnostics.damage(0, 'the file is empty.')
  } else if (bytes.length < HEADER_LENGTH) {
    diagnostics.damage(0, `${bytes.length} bytes are too few for a table: the header alone takes ${HEADER_LENGTH}.`)
  } else {
    judgeHeader(header, bytes, sum, diagnostics, signature)
  }
  return { header, reader: file.upTo(0, claimed < HEADER_LENGTH ? file.length : length), diagnostics }
}

function judgeHeader(
  header: TableHeader,
  bytes: Uint8Array,
  sum: number,
  diagnostics: TableDiagnostics,
  signature: string | undefined,
): void {
  if (signature !== undefined && header.signature !== signature) {
    diagnostics.damage(0, `the signature is "${printable(header.signature)}", not "${signature}".`)
  } else if (!SIGNATURE.test(header.signature)) {
    diagnostics.damage(0, `"${printable(header.signature)}" is no table signature.`)
  }
  const replaced = replacementCharacters(bytes)
  if (header.length < HEADER_LENGTH) {
    diagnostics.damage(4, `the header claims ${header.length} bytes, fewer than the header itself takes.`)
  } else if (header.length !== bytes.length) {
    diagnostics.damage(4, `the header claims ${header.length} bytes, the file has ${bytes.length}.`)
  }
  if (header.length >= HEADER_LENGTH && header.length <= bytes.length && header.checksum === 'bad') {
    const stored = bytes[9] ?? 0
    const expected = (stored - sum) & 0xff
    diagnostics.wrongChecksum(9, `the checksum is ${offsetText(stored)}, the bytes need ${offsetText(expected)}.`)
  }
  if (diagnostics.damaged && replaced > 0) {
    diagnostics.damage(
      bytes.indexOf(0xef),
      `${replaced} times the bytes ef bf bd (U+FFFD): the table was stored as text once, and bytes above 0x7f are lost.`,
    )
  }
}

/** The part that all decoded tables share; to be called when the parser has seen everything. */
export function closeTable(table: OpenTable): DecodedTable {
  const { header, diagnostics } = table
  const { damaged, onlyChecksum, tooLarge } = diagnostics
  return {
    header,
    diagnostics: diagnostics.entries(),
    damaged,
    ...(onlyChecksum && { onlyChecksum }),
    ...(tooLarge && { tooLarge }),
  }
}
