import type { Budget } from '../../budget/budget.js'
import type { MadtEntry, MadtTable } from '../../machine/madt.js'
import { readFields, requiredLength } from './field-layout.js'
import {
  GICC_LAYOUT,
  GICD_LAYOUT,
  GICR_LAYOUT,
  GICV5_IRS_LAYOUT,
  GICV5_ITS_CONFIG_LAYOUT,
  GICV5_ITS_TRANSLATE_LAYOUT,
  GIC_ITS_LAYOUT,
  GIC_MSI_FRAME_LAYOUT,
  IO_APIC_LAYOUT,
  MADT_ENTRY_LAYOUTS,
  MADT_ENTRY_NAMES,
  MADT_TABLE_LAYOUT,
} from './madt-layouts.js'
import { tooShort, walkRecords, type RecordFormat, type RecordSpan } from './record-walk.js'
import { offsetText, type TableDiagnostics } from './table-diagnostics.js'
import { closeTable, openTable } from './table-header.js'

const TABLE_HEADER_LENGTH = 44
const ENTRY_FORMAT: RecordFormat = {
  noun: 'structure',
  headerLength: 2,
  typeSize: 1,
  lengthOffset: 1,
  lengthSize: 1,
}

/** The typed entry; undefined where the structure is too short for the fixed fields of its type. */
function typedEntry(span: RecordSpan): MadtEntry | undefined {
  const { reader } = span
  const base = { offset: span.offset, length: span.length, typeCode: span.typeCode }
  switch (span.typeCode) {
    case 0x01: {
      const fields = readFields(reader, IO_APIC_LAYOUT)
      return fields && { ...base, type: 'io-apic', ...fields }
    }
    case 0x0b: {
      const fields = readFields(reader, GICC_LAYOUT)
      return fields && { ...base, type: 'gicc', ...fields }
    }
    case 0x0c: {
      const fields = readFields(reader, GICD_LAYOUT)
      return fields && { ...base, type: 'gicd', ...fields }
    }
    case 0x0d: {
      const fields = readFields(reader, GIC_MSI_FRAME_LAYOUT)
      return fields && { ...base, type: 'gic-msi-frame', ...fields }
    }
    case 0x0e: {
      const fields = readFields(reader, GICR_LAYOUT)
      return fields && { ...base, type: 'gicr', ...fields }
    }
    case 0x0f: {
      const fields = readFields(reader, GIC_ITS_LAYOUT)
      return fields && { ...base, type: 'gic-its', ...fields }
    }
    case 0x1c: {
      const fields = readFields(reader, GICV5_IRS_LAYOUT)
      return fields && { ...base, type: 'gicv5-irs', ...fields }
    }
    case 0x1d: {
      const fields = readFields(reader, GICV5_ITS_CONFIG_LAYOUT)
      return fields && { ...base, type: 'gicv5-its-config', ...fields }
    }
    case 0x1e: {
      const fields = readFields(reader, GICV5_ITS_TRANSLATE_LAYOUT)
      return fields && { ...base, type: 'gicv5-its-translate', ...fields }
    }
    case 0x15:
      return { ...base, type: 'loongarch-msi-pic' }
    case 0x19:
      return { ...base, type: 'imsic' }
    case 0x1a:
      return { ...base, type: 'aplic' }
    case 0x1b:
      return { ...base, type: 'plic' }
    default:
      return { ...base, type: 'other', name: MADT_ENTRY_NAMES[span.typeCode] ?? 'unknown' }
  }
}

function readEntry(span: RecordSpan, diagnostics: TableDiagnostics): MadtEntry {
  const name = MADT_ENTRY_NAMES[span.typeCode]
  if (name === undefined) {
    const type = offsetText(span.typeCode)
    diagnostics.note(span.offset, `structure at ${offsetText(span.offset)} has type ${type}, which is not known.`)
  }
  const entry = typedEntry(span)
  if (entry !== undefined) return entry
  tooShort(span, `${name ?? ''} structure`, requiredLength(MADT_ENTRY_LAYOUTS[span.typeCode] ?? {}), diagnostics)
  return { offset: span.offset, length: span.length, typeCode: span.typeCode, type: 'other', name: name ?? 'unknown' }
}

/**
 * Parses a Multiple APIC Description Table (signature `APIC`, ACPI 6.5 section 5.2.12). Little-endian; never throws.
 * Entries are in table order. Longer structures than this release knows are read as far as it knows them.
 */
export function parseMadt(bytes: Uint8Array, path: string, budget?: Budget): MadtTable {
  const open = openTable(bytes, path, 'APIC', budget)
  const { reader, diagnostics } = open
  const fields = readFields(reader, MADT_TABLE_LAYOUT)
  const entries: MadtEntry[] = []
  if (fields === undefined) {
    diagnostics.damage(0, `${reader.length} bytes are too few: the table's own fields take ${TABLE_HEADER_LENGTH}.`)
    return { ...closeTable(open), localInterruptControllerAddress: 0, flags: 0, entries }
  }
  for (const span of walkRecords(reader, TABLE_HEADER_LENGTH, ENTRY_FORMAT, diagnostics)) {
    entries.push(readEntry(span, diagnostics))
  }
  return { ...closeTable(open), ...fields, entries }
}
