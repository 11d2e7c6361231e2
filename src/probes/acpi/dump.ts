import { ByteReader } from '../../binary/byte-reader.js'
import { Budget } from '../../budget/budget.js'
import type { DumpField, DumpList, DumpRecord, TableDump } from '../../machine/acpi-dump.js'
import type { ParsedAcpiTable } from '../../machine/acpi.js'
import type { MadtTable } from '../../machine/madt.js'
import type { McfgTable } from '../../machine/mcfg.js'
import type { RimtTable } from '../../machine/rimt.js'
import type { ViotTable } from '../../machine/viot.js'
import { DMAR_TABLE_LAYOUT } from './dmar-layouts.js'
import { bytesField, dumpArray, dumpFields, dumpRecords, textField } from './dump-fields.js'
import { dumpIort } from './dump-iort.js'
import { dumpDmar, dumpIvrs } from './dump-x86.js'
import { decimalField, hexField, readFields, type StructureLayout } from './field-layout.js'
import { IORT_TABLE_LAYOUT } from './iort-layouts.js'
import { IVRS_TABLE_LAYOUT } from './ivrs-layouts.js'
import { MADT_ENTRY_LAYOUT, MADT_ENTRY_LAYOUTS, MADT_TABLE_LAYOUT } from './madt-layouts.js'
import { SHOWN_MADT_LAYOUTS } from './madt-shown-layouts.js'
import { MCFG_ALLOCATION_LAYOUT, MCFG_ALLOCATION_LENGTH, MCFG_TABLE_LAYOUT } from './mcfg.js'
import { parseAcpiTable } from './parse-table.js'
import {
  RIMT_MAPPING_LAYOUT,
  RIMT_MAPPING_LENGTH,
  RIMT_NAME_OFFSET,
  RIMT_NODE_LAYOUT,
  RIMT_NODE_LAYOUTS,
  RIMT_TABLE_LAYOUT,
  RIMT_WIRE_LAYOUT,
  RIMT_WIRE_LENGTH,
} from './rimt-layouts.js'
import { hasWholeHeader, HEADER_LAYOUT } from './table-header.js'
import { VIOT_NODE_LAYOUT, VIOT_NODE_LAYOUTS, VIOT_TABLE_LAYOUT } from './viot.js'

interface Span {
  readonly offset: number
  readonly length: number
  readonly typeCode: number
}

/** A record that has a header and a layout by type; the bytes of other types are kept as they are. */
function dumpSpan(
  span: Span,
  type: string,
  reader: ByteReader,
  header: StructureLayout,
  body: StructureLayout | undefined,
): DumpRecord {
  const { offset, length, typeCode } = span
  const headerFields = dumpFields(reader, header)
  const last = headerFields.at(-1)
  const behind = last === undefined ? 0 : last.offset + last.size - offset
  const bodyFields = body ? dumpFields(reader, body) : bytesField(reader, behind)
  return { offset, length, type, typeCode, fields: [...headerFields, ...bodyFields], lists: [] }
}

function dumpMadt(madt: MadtTable, table: ByteReader, budget: Budget): DumpList {
  const records = dumpRecords(madt.entries, budget, (entry) => {
    const reader = table.upTo(entry.offset, entry.length)
    const type = entry.type === 'other' ? entry.name : entry.type
    return dumpSpan(
      entry,
      type,
      reader,
      MADT_ENTRY_LAYOUT,
      MADT_ENTRY_LAYOUTS[entry.typeCode] ?? SHOWN_MADT_LAYOUTS[entry.typeCode],
    )
  })
  return { key: 'entries', title: 'Structure', scalar: false, ...records }
}

function dumpViot(viot: ViotTable, table: ByteReader, budget: Budget): DumpList {
  const records = dumpRecords(viot.nodes, budget, (node) => {
    const reader = table.upTo(node.offset, node.length)
    return dumpSpan(node, node.type, reader, VIOT_NODE_LAYOUT, VIOT_NODE_LAYOUTS[node.typeCode])
  })
  return { key: 'nodes', title: 'Node', scalar: false, ...records }
}

function dumpMcfg(mcfg: McfgTable, table: ByteReader, budget: Budget): DumpList {
  const records = dumpRecords(mcfg.allocations, budget, ({ offset }) => {
    const fields = dumpFields(table.upTo(offset, MCFG_ALLOCATION_LENGTH), MCFG_ALLOCATION_LAYOUT)
    return { offset, length: MCFG_ALLOCATION_LENGTH, type: '', fields, lists: [] }
  })
  return { key: 'allocations', title: 'Allocation', scalar: false, ...records }
}

/** The name of a platform device. */
function rimtName(typeCode: number, reader: ByteReader): readonly DumpField[] {
  if (typeCode !== 2) return []
  const nameEnd = reader.indexOf(0, RIMT_NAME_OFFSET) ?? reader.length
  return textField(reader, 'objectName', 'Device Name', RIMT_NAME_OFFSET, nameEnd - RIMT_NAME_OFFSET)
}

/** Mapping and wire arrays, by the node's own fields. */
function rimtLists(typeCode: number, reader: ByteReader, budget: Budget): readonly DumpList[] {
  const own = readFields(reader, RIMT_NODE_LAYOUTS[typeCode] ?? {}) ?? {}
  const value = (key: string) => Number(Object.entries(own).find(([name]) => name === key)?.[1] ?? 0)
  const mappings = { offset: value('mappingOffset'), count: value('mappingCount'), size: RIMT_MAPPING_LENGTH }
  const wires = { offset: value('wireOffset'), count: value('wireCount'), size: RIMT_WIRE_LENGTH }
  return [
    ...dumpArray(reader, { key: 'wires', title: 'Interrupt wires' }, wires, RIMT_WIRE_LAYOUT, budget),
    ...dumpArray(reader, { key: 'mappings', title: 'ID mappings' }, mappings, RIMT_MAPPING_LAYOUT, budget),
  ]
}

function dumpRimt(rimt: RimtTable, table: ByteReader, budget: Budget): DumpList {
  const records = dumpRecords(
    rimt.nodes,
    budget,
    (node) => {
      const reader = table.upTo(node.offset, node.length)
      const record = dumpSpan(node, node.type, reader, RIMT_NODE_LAYOUT, RIMT_NODE_LAYOUTS[node.typeCode])
      return { ...record, fields: [...record.fields, ...rimtName(node.typeCode, reader)] }
    },
    (node) => rimtLists(node.typeCode, table.upTo(node.offset, node.length), budget),
  )
  return { key: 'nodes', title: 'Node', scalar: false, ...records }
}

function contents(
  parsed: ParsedAcpiTable,
  table: ByteReader,
  budget: Budget,
): { readonly layout: StructureLayout; readonly records?: DumpList } {
  switch (parsed.kind) {
    case 'IORT':
      return { layout: IORT_TABLE_LAYOUT, records: dumpIort(parsed.table, table, budget) }
    case 'APIC':
      return { layout: MADT_TABLE_LAYOUT, records: dumpMadt(parsed.table, table, budget) }
    case 'DMAR':
      return { layout: DMAR_TABLE_LAYOUT, records: dumpDmar(parsed.table, table, budget) }
    case 'IVRS':
      return { layout: IVRS_TABLE_LAYOUT, records: dumpIvrs(parsed.table, table, budget) }
    case 'VIOT':
      return { layout: VIOT_TABLE_LAYOUT, records: dumpViot(parsed.table, table, budget) }
    case 'MCFG':
      return { layout: MCFG_TABLE_LAYOUT, records: dumpMcfg(parsed.table, table, budget) }
    case 'RIMT':
      return { layout: RIMT_TABLE_LAYOUT, records: dumpRimt(parsed.table, table, budget) }
    case 'other':
      return { layout: {} }
  }
}

/** Fields of the FACS behind its length; all little-endian (ACPI 6.5 section 5.2.10). */
const FACS_LAYOUT: StructureLayout = {
  hardwareSignature: hexField(8, 4, 'Hardware Signature'),
  firmwareWakingVector: hexField(12, 4, 'Firmware Waking Vector'),
  globalLock: hexField(16, 4, 'Global Lock'),
  flags: hexField(20, 4, 'Flags'),
  extendedWakingVector: hexField(24, 8, 'X Firmware Waking Vector'),
  version: decimalField(32, 1, 'Version'),
}

function headerFields(table: ByteReader): readonly DumpField[] {
  const signature = table.ascii(0, 4) ?? ''
  if (!hasWholeHeader(signature)) {
    return [
      ...textField(table, 'signature', 'Signature', 0, 4),
      ...dumpFields(table, { length: HEADER_LAYOUT.length, ...FACS_LAYOUT }),
    ]
  }
  const fields = [
    ...textField(table, 'signature', 'Signature', 0, 4),
    ...dumpFields(table, HEADER_LAYOUT),
    ...textField(table, 'oemId', 'OEMID', 10, 6),
    ...textField(table, 'oemTableId', 'OEM Table ID', 16, 8),
    ...textField(table, 'creatorId', 'Creator ID', 28, 4),
  ]
  return fields.toSorted((left, right) => left.offset - right.offset)
}

/**
 * A table field by field, as far as its bytes can be read; diagnostics are those of its parser. Never throws.
 *
 * @param bytes the whole table
 * @param path what diagnostics name
 */
export function dumpAcpiTable(bytes: Uint8Array, path: string, budget = new Budget()): TableDump {
  const parsed = parseAcpiTable(bytes, path, budget)
  const table = new ByteReader(bytes)
  const { layout, records } = contents(parsed, table, budget)
  const { header, diagnostics, damaged } = parsed.table
  return {
    path,
    header,
    headerFields: headerFields(table),
    fields: dumpFields(table, layout),
    ...(records && { records }),
    diagnostics,
    damaged,
  }
}
