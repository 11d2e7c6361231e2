import type { Budget } from '../../budget/budget.js'
import type { DmarDeviceScope, DmarStructure, DmarTable } from '../../machine/dmar.js'
import {
  ANDD_LAYOUT,
  ANDD_NAME_OFFSET,
  ATSR_LAYOUT,
  DEVICE_SCOPE_LAYOUT,
  DMAR_STRUCTURES,
  DMAR_TABLE_LAYOUT,
  DRHD_LAYOUT,
  RHSA_LAYOUT,
  RMRR_LAYOUT,
  SATC_LAYOUT,
  SIDP_LAYOUT,
} from './dmar-layouts.js'
import { readFields, requiredLength } from './field-layout.js'
import { readObjectName } from './object-name.js'
import { tooShort, walkRecords, type RecordFormat, type RecordSpan } from './record-walk.js'
import { offsetText, type TableDiagnostics } from './table-diagnostics.js'
import { closeTable, openTable } from './table-header.js'

const TABLE_HEADER_LENGTH = 48
const STRUCTURE_FORMAT: RecordFormat = {
  noun: 'remapping structure',
  headerLength: 4,
  typeSize: 2,
  lengthOffset: 2,
  lengthSize: 2,
}
const SCOPE_FORMAT: RecordFormat = {
  noun: 'device scope',
  container: 'remapping structure',
  headerLength: 6,
  typeSize: 1,
  lengthOffset: 1,
  lengthSize: 1,
}
/** Behind the header of a scope: two bytes for each bridge on the way, and for the device. */
const PATH_OFFSET = 6
const SCOPE_TYPES: Readonly<Record<number, DmarDeviceScope['type']>> = {
  1: 'endpoint',
  2: 'bridge',
  3: 'io-apic',
  4: 'hpet',
  5: 'namespace',
}

function readScope(span: RecordSpan, diagnostics: TableDiagnostics): DmarDeviceScope | undefined {
  const fields = readFields(span.reader, DEVICE_SCOPE_LAYOUT)
  if (fields === undefined) return undefined
  const { typeCode, flags, enumerationId, startBus } = fields
  const elements = Math.floor((span.length - PATH_OFFSET) / 2)
  if (!diagnostics.takes('items', span.offset + PATH_OFFSET, elements)) return undefined
  const path: { device: number; function: number }[] = []
  for (let at = PATH_OFFSET; at + 2 <= span.length; at += 2) {
    path.push({ device: span.reader.u8(at) ?? 0, function: span.reader.u8(at + 1) ?? 0 })
  }
  if (span.length % 2 !== 0) {
    diagnostics.damage(span.offset, `device scope at ${offsetText(span.offset)} has half a path entry at its end.`)
  }
  const type = SCOPE_TYPES[typeCode] ?? 'other'
  return { offset: span.offset, type, typeCode, flags, enumerationId, startBus, path }
}

function readScopes(span: RecordSpan, diagnostics: TableDiagnostics): readonly DmarDeviceScope[] {
  const start = DMAR_STRUCTURES[span.typeCode]?.scopes ?? span.length
  const scopes: DmarDeviceScope[] = []
  for (const scope of walkRecords(span.reader, start, SCOPE_FORMAT, diagnostics)) {
    const entry = readScope(scope, diagnostics)
    if (entry !== undefined) scopes.push(entry)
  }
  return scopes
}

/** The typed structure; undefined where it is too short for the fixed fields of its type. */
function typedStructure(span: RecordSpan, diagnostics: TableDiagnostics): DmarStructure | undefined {
  const { reader } = span
  const base = { offset: span.offset, length: span.length, typeCode: span.typeCode }
  switch (span.typeCode) {
    case 0: {
      const fields = readFields(reader, DRHD_LAYOUT)
      if (fields === undefined) return undefined
      const { flags, segment, registerBase } = fields
      return { ...base, type: 'drhd', flags, segment, registerBase, scopes: readScopes(span, diagnostics) }
    }
    case 1: {
      const fields = readFields(reader, RMRR_LAYOUT)
      return fields && { ...base, type: 'rmrr', ...fields, scopes: readScopes(span, diagnostics) }
    }
    case 2: {
      const fields = readFields(reader, ATSR_LAYOUT)
      return fields && { ...base, type: 'atsr', ...fields, scopes: readScopes(span, diagnostics) }
    }
    case 3: {
      const fields = readFields(reader, RHSA_LAYOUT)
      return fields && { ...base, type: 'rhsa', ...fields }
    }
    case 4: {
      const fields = readFields(reader, ANDD_LAYOUT)
      if (fields === undefined) return undefined
      const objectName = readObjectName(span, ANDD_NAME_OFFSET, span.length, diagnostics)
      return { ...base, type: 'andd', ...fields, objectName }
    }
    case 5: {
      const fields = readFields(reader, SATC_LAYOUT)
      return fields && { ...base, type: 'satc', ...fields, scopes: readScopes(span, diagnostics) }
    }
    case 6: {
      const fields = readFields(reader, SIDP_LAYOUT)
      return fields && { ...base, type: 'sidp', ...fields, scopes: readScopes(span, diagnostics) }
    }
    default: {
      const at = offsetText(span.offset)
      diagnostics.note(span.offset, `remapping structure at ${at} has type ${span.typeCode}, which is not known.`)
      return { ...base, type: 'unknown' }
    }
  }
}

function readStructure(span: RecordSpan, diagnostics: TableDiagnostics): DmarStructure {
  const structure = typedStructure(span, diagnostics)
  if (structure !== undefined) return structure
  const needed = requiredLength(DMAR_STRUCTURES[span.typeCode]?.layout ?? {})
  tooShort(span, `remapping structure of type ${span.typeCode}`, needed, diagnostics)
  return { offset: span.offset, length: span.length, typeCode: span.typeCode, type: 'unknown' }
}

/** Parses a DMA Remapping table (Intel VT-d specification chapter 8). Little-endian; never throws; table order kept. */
export function parseDmar(bytes: Uint8Array, path: string, budget?: Budget): DmarTable {
  const open = openTable(bytes, path, 'DMAR', budget)
  const { reader, diagnostics } = open
  const fields = readFields(reader, DMAR_TABLE_LAYOUT)
  const structures: DmarStructure[] = []
  if (fields === undefined || reader.length < TABLE_HEADER_LENGTH) {
    diagnostics.damage(0, `${reader.length} bytes are too few: the table's own fields take ${TABLE_HEADER_LENGTH}.`)
    return { ...closeTable(open), hostAddressWidth: 0, flags: 0, ...fields, structures }
  }
  for (const span of walkRecords(reader, TABLE_HEADER_LENGTH, STRUCTURE_FORMAT, diagnostics)) {
    structures.push(readStructure(span, diagnostics))
  }
  return { ...closeTable(open), ...fields, structures }
}
