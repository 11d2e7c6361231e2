import type { Budget } from '../../budget/budget.js'
import type { ByteReader } from '../../binary/byte-reader.js'
import type { IvhdDeviceEntry, IvrsBlock, IvrsTable } from '../../machine/ivrs.js'
import { readFields, requiredLength } from './field-layout.js'
import {
  IVHD_ALIAS_LAYOUT,
  IVHD_ENTRY_LAYOUT,
  IVHD_EXTENDED_LAYOUT,
  IVHD_HID_LENGTH,
  IVHD_LEGACY_LAYOUT,
  IVHD_SPECIAL_LAYOUT,
  IVMD_LAYOUT,
  IVRS_BLOCK_LAYOUT,
  IVRS_BLOCKS,
  IVRS_TABLE_LAYOUT,
} from './ivrs-layouts.js'
import { tooShort, walkRecords, type RecordFormat, type RecordSpan } from './record-walk.js'
import { offsetText, type TableDiagnostics } from './table-diagnostics.js'
import { closeTable, openTable } from './table-header.js'

const TABLE_HEADER_LENGTH = 48
const BLOCK_FORMAT: RecordFormat = { noun: 'block', headerLength: 6, typeSize: 1, lengthOffset: 2, lengthSize: 2 }

/**
 * Length of the device entry at the start of `reader`: 4, 8, 16 or 32 bytes by the top two bits of its type, but 22 and
 * the length of its unique id for type 240 (K: drivers/iommu/amd/init.c, ivhd_entry_length).
 */
export function ivhdEntryLength(reader: ByteReader): number | undefined {
  const type = reader.u8(0)
  if (type === undefined) return undefined
  if (type !== 240) return 4 << (type >> 6)
  const idLength = reader.u8(IVHD_HID_LENGTH - 1)
  return idLength === undefined ? undefined : IVHD_HID_LENGTH + idLength
}

function readEntry(reader: ByteReader): IvhdDeviceEntry | undefined {
  const fields = readFields(reader, IVHD_ENTRY_LAYOUT)
  if (fields === undefined) return undefined
  const special = fields.type === 72 ? readFields(reader, IVHD_SPECIAL_LAYOUT) : undefined
  const alias = fields.type === 66 || fields.type === 67 ? readFields(reader, IVHD_ALIAS_LAYOUT) : undefined
  return { offset: reader.base, ...fields, ...(special && { special }), ...alias }
}

function readEntries(span: RecordSpan, start: number, diagnostics: TableDiagnostics): readonly IvhdDeviceEntry[] {
  const entries: IvhdDeviceEntry[] = []
  for (let offset = start; offset < span.length;) {
    if (!diagnostics.takes('items', span.reader.at(offset))) break
    const rest = span.reader.upTo(offset, span.length)
    const length = ivhdEntryLength(rest)
    const reader = length === undefined ? undefined : rest.sub(0, length)
    const entry = reader && readEntry(reader)
    if (length === undefined || entry === undefined) {
      const at = offsetText(rest.base)
      diagnostics.damage(
        rest.base,
        `device entry at ${at} has ${rest.length} bytes left in its block, which its type exceeds.`,
      )
      break
    }
    entries.push(entry)
    offset += length
  }
  return entries
}

/** The typed block; undefined where it is too short for the fixed fields of its type. */
function typedBlock(span: RecordSpan, diagnostics: TableDiagnostics): IvrsBlock | undefined {
  const { reader, typeCode } = span
  const header = readFields(reader, IVRS_BLOCK_LAYOUT)
  if (header === undefined) return undefined
  const { flags, deviceId } = header
  const base = { offset: span.offset, length: span.length, typeCode }
  const start = IVRS_BLOCKS[typeCode]?.entries
  switch (typeCode) {
    case 0x10:
    case 0x11:
    case 0x40: {
      const fields =
        typeCode === 0x10 ? readFields(reader, IVHD_LEGACY_LAYOUT) : readFields(reader, IVHD_EXTENDED_LAYOUT)
      if (fields === undefined || start === undefined) return undefined
      return { ...base, type: 'ivhd', flags, deviceId, ...fields, entries: readEntries(span, start, diagnostics) }
    }
    case 0x20:
    case 0x21:
    case 0x22: {
      const fields = readFields(reader, IVMD_LAYOUT)
      return fields && { ...base, type: 'ivmd', flags, deviceId, ...fields }
    }
    default: {
      const type = offsetText(typeCode)
      diagnostics.note(span.offset, `block at ${offsetText(span.offset)} has type ${type}, which is not known.`)
      return { ...base, type: 'unknown' }
    }
  }
}

/**
 * Parses an I/O Virtualization Reporting Structure (AMD IOMMU specification chapter 5). Little-endian; never throws;
 * table order kept.
 */
export function parseIvrs(bytes: Uint8Array, path: string, budget?: Budget): IvrsTable {
  const open = openTable(bytes, path, 'IVRS', budget)
  const { reader, diagnostics } = open
  const fields = readFields(reader, IVRS_TABLE_LAYOUT)
  const blocks: IvrsBlock[] = []
  if (fields === undefined || reader.length < TABLE_HEADER_LENGTH) {
    diagnostics.damage(0, `${reader.length} bytes are too few: the table's own fields take ${TABLE_HEADER_LENGTH}.`)
    return { ...closeTable(open), ivInfo: 0, ...fields, blocks }
  }
  for (const span of walkRecords(reader, TABLE_HEADER_LENGTH, BLOCK_FORMAT, diagnostics)) {
    const block = typedBlock(span, diagnostics)
    if (block === undefined) {
      const needed = requiredLength(IVRS_BLOCKS[span.typeCode]?.layout ?? {})
      tooShort(span, `block of type ${offsetText(span.typeCode)}`, needed, diagnostics)
    }
    blocks.push(block ?? { offset: span.offset, length: span.length, typeCode: span.typeCode, type: 'unknown' })
  }
  return { ...closeTable(open), ...fields, blocks }
}
