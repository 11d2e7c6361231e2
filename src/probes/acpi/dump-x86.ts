import type { ByteReader } from '../../binary/byte-reader.js'
import type { Budget } from '../../budget/budget.js'
import type { DumpField, DumpList, DumpRecord } from '../../machine/acpi-dump.js'
import type { DmarDeviceScope, DmarStructure, DmarTable } from '../../machine/dmar.js'
import type { IvhdDeviceEntry, IvrsBlock, IvrsTable } from '../../machine/ivrs.js'
import { ANDD_NAME_OFFSET, DEVICE_SCOPE_LAYOUT, DMAR_STRUCTURE_LAYOUT, DMAR_STRUCTURES } from './dmar-layouts.js'
import { bytesField, dumpFields, dumpRecords, textField } from './dump-fields.js'
import { IVHD_ENTRY_LAYOUT, IVHD_ENTRY_TAILS, IVHD_HID_LENGTH, IVRS_BLOCK_LAYOUT, IVRS_BLOCKS } from './ivrs-layouts.js'
import { ivhdEntryLength } from './ivrs.js'

/** The items of a structure, none where it has none. */
function list<T>(
  name: { readonly key: string; readonly title: string },
  items: readonly T[],
  budget: Budget,
  dump: (item: T) => DumpRecord,
): readonly DumpList[] {
  return items.length === 0 ? [] : [{ ...name, scalar: false, ...dumpRecords(items, budget, dump) }]
}

/** `1f.0/00.2`: device and function in hexadecimal, from the start bus downwards. */
function pathField(scope: DmarDeviceScope): DumpField {
  const value = scope.path.map((step) => `${step.device.toString(16).padStart(2, '0')}.${step.function.toString(16)}`)
  const size = 2 * scope.path.length
  return { key: 'path', title: 'Path', offset: scope.offset + 6, size, value: value.join('/'), format: 'text' }
}

function dumpScope(scope: DmarDeviceScope, table: ByteReader): DumpRecord {
  const length = table.u8(scope.offset + 1) ?? 0
  const fields = dumpFields(table.upTo(scope.offset, length), DEVICE_SCOPE_LAYOUT)
  const { offset, type, typeCode } = scope
  return { offset, length, type, typeCode, fields: [...fields, pathField(scope)], lists: [] }
}

function dumpStructure(structure: DmarStructure, table: ByteReader): DumpRecord {
  const { offset, length, type, typeCode } = structure
  const reader = table.upTo(offset, length)
  const layout = DMAR_STRUCTURES[typeCode]?.layout
  const name = structure.type === 'andd' ? structure.objectName.length : 0
  return {
    offset,
    length,
    type,
    typeCode,
    fields: [
      ...dumpFields(reader, DMAR_STRUCTURE_LAYOUT),
      ...(layout ? dumpFields(reader, layout) : bytesField(reader, 4)),
      ...(name > 0 ? textField(reader, 'objectName', 'ACPI Object Name', ANDD_NAME_OFFSET, name) : []),
    ],
    lists: [],
  }
}

function deviceScopes(structure: DmarStructure, table: ByteReader, budget: Budget): readonly DumpList[] {
  const scopes = 'scopes' in structure ? structure.scopes : []
  return list({ key: 'deviceScopes', title: 'Device Scope' }, scopes, budget, (scope) => dumpScope(scope, table))
}

/** Every remapping structure of a DMAR table, in table order, as many as `budget` has rows for. */
export function dumpDmar(dmar: DmarTable, table: ByteReader, budget: Budget): DumpList {
  const records = dumpRecords(
    dmar.structures,
    budget,
    (structure) => dumpStructure(structure, table),
    (structure) => deviceScopes(structure, table, budget),
  )
  return { key: 'structures', title: 'Remapping structure', scalar: false, ...records }
}

/** Hardware id, compatible id and unique id of a device entry of type 240. */
function namedDeviceFields(reader: ByteReader): readonly DumpField[] {
  return [
    ...textField(reader, 'hardwareId', 'Hardware ID', 4, 8),
    ...textField(reader, 'compatibleId', 'Compatible ID', 12, 8),
    ...dumpFields(reader, {
      uidFormat: { offset: 20, size: 1, title: 'Unique ID Format', format: 'decimal', optional: false },
      uidLength: { offset: 21, size: 1, title: 'Unique ID Length', format: 'decimal', optional: false },
    }),
    ...bytesField(reader, IVHD_HID_LENGTH),
  ]
}

function dumpDeviceEntry(entry: IvhdDeviceEntry, table: ByteReader): DumpRecord {
  const length = ivhdEntryLength(table.upTo(entry.offset, table.length)) ?? 4
  const reader = table.upTo(entry.offset, length)
  const layout = IVHD_ENTRY_TAILS[entry.type]
  const tail = layout
    ? dumpFields(reader, layout)
    : entry.type === 240
      ? namedDeviceFields(reader)
      : bytesField(reader, 4)
  const fields = [...dumpFields(reader, IVHD_ENTRY_LAYOUT), ...tail]
  return { offset: entry.offset, length, type: '', typeCode: entry.type, fields, lists: [] }
}

function dumpBlock(block: IvrsBlock, table: ByteReader): DumpRecord {
  const { offset, length, type, typeCode } = block
  const reader = table.upTo(offset, length)
  const layout = IVRS_BLOCKS[typeCode]?.layout
  return {
    offset,
    length,
    type,
    typeCode,
    fields: [
      ...dumpFields(reader, IVRS_BLOCK_LAYOUT),
      ...(layout ? dumpFields(reader, layout) : bytesField(reader, 6)),
    ],
    lists: [],
  }
}

function deviceEntries(block: IvrsBlock, table: ByteReader, budget: Budget): readonly DumpList[] {
  const entries = block.type === 'ivhd' ? block.entries : []
  const name = { key: 'deviceEntries', title: 'Device entry' }
  return list(name, entries, budget, (entry) => dumpDeviceEntry(entry, table))
}

/** Every block of an IVRS table, in table order, as many as `budget` has rows for. */
export function dumpIvrs(ivrs: IvrsTable, table: ByteReader, budget: Budget): DumpList {
  const records = dumpRecords(
    ivrs.blocks,
    budget,
    (block) => dumpBlock(block, table),
    (block) => deviceEntries(block, table, budget),
  )
  return { key: 'blocks', title: 'Block', scalar: false, ...records }
}
