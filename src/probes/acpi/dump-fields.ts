import type { ByteReader } from '../../binary/byte-reader.js'
import type { Budget } from '../../budget/budget.js'
import type { DumpField, DumpList, DumpRecord } from '../../machine/acpi-dump.js'
import { isPresent, readInteger, type FieldLayout, type StructureLayout } from './field-layout.js'

function hexadecimal(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return text
}

function integerField(reader: ByteReader, key: string, layout: FieldLayout): DumpField | undefined {
  const { title, size, format, bits, values, parts } = layout
  const offset = reader.at(layout.offset)
  const value = readInteger(reader, layout)
  if (value === undefined) {
    const bytes = reader.slice(layout.offset, size)
    return bytes && { key, title, offset, size, value: hexadecimal(bytes), format: 'bytes' }
  }
  // A table has thousands of fields, and few of them have names for their values.
  if (!bits && !values && !parts) return { key, title, offset, size, value, format }
  const names = { ...(bits && { bits }), ...(values && { values }), ...(parts && { parts }) }
  return { key, title, offset, size, value, format, ...names }
}

/**
 * Every field of `layout` that the record has room for, reserved ones too, whatever revision it claims: firmware that
 * fills a field under an old revision number is what people want to see. Of a damaged record those that lie inside.
 */
export function dumpFields(reader: ByteReader, layout: StructureLayout, end = reader.length): readonly DumpField[] {
  const fields: DumpField[] = []
  for (const [key, entry] of Object.entries(layout)) {
    const field = isPresent(entry, Number.POSITIVE_INFINITY, end) ? integerField(reader, key, entry) : undefined
    if (field !== undefined) fields.push(field)
  }
  return fields
}

/** Text at a fixed place, every byte of it; absent when it lies outside. */
export function textField(
  reader: ByteReader,
  key: string,
  title: string,
  offset: number,
  size: number,
): readonly DumpField[] {
  const value = reader.ascii(offset, size)
  return value === undefined ? [] : [{ key, title, offset: reader.at(offset), size, value, format: 'text' }]
}

/** Bytes that no field describes, as hexadecimal; absent when there are none. */
export function bytesField(reader: ByteReader, offset: number, end = reader.length): readonly DumpField[] {
  const bytes = reader.slice(offset, end - offset)
  if (bytes === undefined || bytes.length === 0) return []
  const place = { key: 'data', title: 'Data', offset: reader.at(offset), size: bytes.length }
  return [{ ...place, value: hexadecimal(bytes), format: 'bytes' }]
}

export interface ArrayPlace {
  readonly offset: number
  readonly count: number
  readonly size: number
}

/** Bytes that `decode` shows in a line: what is charged for text and for bytes that no field describes. */
const ROW_BYTES = 16

/** Charges what showing a record takes: a line of its own, and those of its fields. */
function takesRecord({ fields }: DumpRecord, budget: Budget): boolean {
  let rows = 1
  for (const { value } of fields) rows += typeof value === 'string' ? Math.ceil(value.length / (2 * ROW_BYTES)) || 1 : 1
  return budget.takeInOrder('rows', rows)
}

/**
 * As many records as `budget` has rows for, in order; the others are counted. Each is charged before its lists are made,
 * so that what is shown is whole but for the last.
 */
export function dumpRecords<T>(
  items: readonly T[],
  budget: Budget,
  dump: (item: T) => DumpRecord,
  lists: (item: T) => readonly DumpList[] = () => [],
): Pick<DumpList, 'records' | 'leftOut'> {
  const records: DumpRecord[] = []
  for (const item of items) {
    const record = dump(item)
    if (!takesRecord(record, budget)) break
    records.push({ ...record, lists: lists(item) })
  }
  const leftOut = items.length - records.length
  return { records, ...(leftOut > 0 && { leftOut }) }
}

/** The items of an array that lie inside the record, as many as `budget` has rows for; empty lists are left out. */
export function dumpArray(
  reader: ByteReader,
  name: { readonly key: string; readonly title: string; readonly scalar?: boolean },
  place: ArrayPlace,
  layout: StructureLayout,
  budget: Budget,
): readonly DumpList[] {
  const records: DumpRecord[] = []
  const inside = Math.floor(Math.max(0, reader.length - place.offset) / place.size)
  const count = Math.min(place.count, inside)
  for (let index = 0; index < count; index++) {
    const item = reader.sub(place.offset + index * place.size, place.size)
    if (item === undefined) break
    const fields = dumpFields(item, layout)
    if (!budget.takeInOrder('rows', fields.length)) break
    records.push({ offset: item.base, length: place.size, type: '', fields, lists: [] })
  }
  const { key, title, scalar = false } = name
  const leftOut = count - records.length
  return count === 0 ? [] : [{ key, title, scalar, records, ...(leftOut > 0 && { leftOut }) }]
}
