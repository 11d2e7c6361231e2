import type { ByteReader } from '../../binary/byte-reader.js'
import { offsetText, type TableDiagnostics } from './table-diagnostics.js'

/** How the records of a table carry their length. */
export interface RecordFormat {
  /** What the specification calls one: node, entry, structure. */
  readonly noun: string
  /** What they are in; `table` unless said. */
  readonly container?: string
  /** Bytes of the header that each record has, and so the least length. */
  readonly headerLength: number
  readonly typeSize: 1 | 2
  readonly lengthOffset: number
  readonly lengthSize: 1 | 2
}

export interface RecordSpan {
  readonly typeCode: number
  /** From the start of the table. */
  readonly offset: number
  readonly length: number
  /** Covers the record and no byte more. */
  readonly reader: ByteReader
}

/**
 * The records from `start` on, each found by the length of the one before; `count` of them, or up to the end where
 * the table has no count. A length below the header's size or past the end stops the walk with a diagnostic. Takes at
 * most one step per `headerLength` bytes.
 */
export function* walkRecords(
  table: ByteReader,
  start: number,
  format: RecordFormat,
  diagnostics: TableDiagnostics,
  count?: number,
): Generator<RecordSpan> {
  const { noun, headerLength, container = 'table' } = format
  let offset = start
  let seen = 0
  for (; count === undefined ? offset < table.length : seen < count; seen++) {
    if (!diagnostics.takes('structures', table.at(offset))) return
    const left = table.length - offset
    const at = offsetText(table.at(offset))
    if (count !== undefined && left <= 0) {
      diagnostics.damage(table.at(offset), `the ${container} ends at ${at}, after ${seen} of ${count} ${noun}s.`)
      return
    }
    if (left < headerLength) {
      const missing = `${left} bytes are left at ${at}, too few for the header of a ${noun}`
      diagnostics.damage(
        table.at(offset),
        count === undefined ? `${missing}.` : `${missing} (${seen} of ${count} read).`,
      )
      return
    }
    const length = table.unsignedLe(offset + format.lengthOffset, format.lengthSize) ?? 0
    const reader = table.sub(offset, length)
    if (length < headerLength || reader === undefined) {
      const problem =
        length < headerLength
          ? `${noun} at ${at} claims ${length} bytes, its header alone takes ${headerLength}`
          : `${noun} at ${at} claims ${length} bytes, the ${container} has ${left} left`
      diagnostics.damage(table.at(offset), `${problem}; the rest of the ${container} was ignored.`)
      return
    }
    yield { typeCode: reader.unsignedLe(0, format.typeSize) ?? 0, offset: table.at(offset), length, reader }
    offset += length
  }
  if (offset < table.length) {
    diagnostics.note(table.at(offset), `${table.length - offset} bytes follow the last ${noun}.`)
  }
}

/** How many items of `size` bytes from `offset` lie inside the record, at most `count`. */
export function fittingItems(reader: ByteReader, offset: number, size: number, count: number): number {
  return reader.has(offset, 0) ? Math.min(count, Math.floor((reader.length - offset) / size)) : 0
}

/** `fitting` items of the array at `offset` of the record; none where that is more than is read of one input. */
export function takenItems(span: RecordSpan, offset: number, fitting: number, diagnostics: TableDiagnostics): number {
  return diagnostics.takes('items', span.offset + offset, fitting) ? fitting : 0
}

/** Reports a record that is shorter than the fixed part of its type. */
export function tooShort(span: RecordSpan, what: string, needed: number, diagnostics: TableDiagnostics): void {
  const at = offsetText(span.offset)
  diagnostics.damage(span.offset, `${what} at ${at} has ${span.length} bytes, its fields take ${needed}.`)
}
