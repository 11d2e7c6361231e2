import type { RimtNode, RimtTable } from '../../machine/acpi.js'
import { decimalField, hexField, readFields, referenceField, requiredLength, reservedField } from './field-layout.js'
import type { StructureLayout } from './field-layout.js'
import { fittingItems, tooShort, walkRecords, type RecordFormat, type RecordSpan } from './record-walk.js'
import { offsetText, type TableDiagnostics } from './table-diagnostics.js'
import { closeTable, openTable } from './table-header.js'

const TABLE_HEADER_LENGTH = 48
const NODE_FORMAT: RecordFormat = { noun: 'node', headerLength: 8, typeSize: 1, lengthOffset: 2, lengthSize: 2 }

/** Byte layouts of the RISC-V I/O Mapping Table 1.0, offsets from the node's start. */
export const RIMT_TABLE_LAYOUT = {
  nodeCount: decimalField(36, 4, 'Number of RIMT Nodes'),
  nodeOffset: hexField(40, 4, 'Offset to RIMT Node Array'),
  reserved: reservedField(44, 4),
}
export const RIMT_NODE_LAYOUT = {
  typeCode: decimalField(0, 1, 'Type'),
  revision: decimalField(1, 1, 'Revision'),
  length: decimalField(2, 2, 'Length'),
  reserved0: reservedField(4, 2),
  nodeId: hexField(6, 2, 'ID'),
}
const IOMMU_LAYOUT = {
  hardwareId: hexField(8, 8, 'Hardware ID'),
  baseAddress: hexField(16, 8, 'Base Address'),
  flags: hexField(24, 4, 'Flags', { bits: { 0: 'PCIe device', 1: 'Proximity Domain Valid' } }),
  proximityDomain: decimalField(28, 4, 'Proximity Domain'),
  segment: hexField(32, 2, 'PCIe Segment number'),
  bdf: hexField(34, 2, 'PCIe B/D/F'),
  wireCount: decimalField(36, 2, 'Number of interrupt wires'),
  wireOffset: hexField(38, 2, 'Interrupt wire array offset'),
}
const ROOT_COMPLEX_LAYOUT = {
  flags: hexField(8, 4, 'Flags', { bits: { 0: 'ATS supported', 1: 'PRI supported' } }),
  reserved: reservedField(12, 2),
  segment: hexField(14, 2, 'PCIe Segment number'),
  mappingOffset: hexField(16, 2, 'ID mapping array offset'),
  mappingCount: decimalField(18, 2, 'Number of ID mappings'),
}
const PLATFORM_LAYOUT = {
  mappingOffset: hexField(8, 2, 'ID mapping array offset'),
  mappingCount: decimalField(10, 2, 'Number of ID mappings'),
}
/** Offset of a platform device's object name. */
export const RIMT_NAME_OFFSET = 12
export const RIMT_MAPPING_LENGTH = 20
export const RIMT_MAPPING_LAYOUT = {
  sourceBase: hexField(0, 4, 'Source ID Base'),
  idCount: decimalField(4, 4, 'Number of IDs'),
  destinationBase: hexField(8, 4, 'Destination Device ID Base'),
  destinationOffset: referenceField(12, 4, 'Destination IOMMU Offset'),
  flags: hexField(16, 4, 'Flags', { bits: { 0: 'ATS Required', 1: 'PRI Required', 2: 'RCiEP' } }),
}
export const RIMT_NODE_LAYOUTS: Readonly<Record<number, StructureLayout>> = {
  0: IOMMU_LAYOUT,
  1: ROOT_COMPLEX_LAYOUT,
  2: PLATFORM_LAYOUT,
}

type RimtMapping = Extract<RimtNode, { type: 'root-complex' }>['mappings'][number]

function readMappings(
  span: RecordSpan,
  array: { readonly mappingOffset: number; readonly mappingCount: number },
  diagnostics: TableDiagnostics,
): readonly RimtMapping[] {
  const { mappingOffset, mappingCount } = array
  const fitting = fittingItems(span.reader, mappingOffset, RIMT_MAPPING_LENGTH, mappingCount)
  if (fitting < mappingCount) {
    const at = offsetText(span.offset)
    diagnostics.damage(span.offset, `node at ${at} claims ${mappingCount} ID mappings, ${fitting} fit.`)
  }
  const mappings: RimtMapping[] = []
  for (let index = 0; index < fitting; index++) {
    const reader = span.reader.upTo(mappingOffset + index * RIMT_MAPPING_LENGTH, RIMT_MAPPING_LENGTH)
    const fields = readFields(reader, RIMT_MAPPING_LAYOUT)
    if (fields === undefined) break
    const { sourceBase, idCount, destinationBase, destinationOffset } = fields
    mappings.push({ sourceBase, idCount, destinationBase, destinationOffset })
  }
  return mappings
}

/** The typed node; undefined where it is too short for the fixed fields of its type. */
function typedNode(span: RecordSpan, diagnostics: TableDiagnostics): RimtNode | undefined {
  const { reader } = span
  const base = { offset: span.offset, length: span.length, typeCode: span.typeCode }
  switch (span.typeCode) {
    case 0: {
      const fields = readFields(reader, IOMMU_LAYOUT)
      if (fields === undefined) return undefined
      const { baseAddress, segment, bdf, flags } = fields
      return { ...base, type: 'iommu', baseAddress, segment, bdf, flags }
    }
    case 1: {
      const fields = readFields(reader, ROOT_COMPLEX_LAYOUT)
      if (fields === undefined) return undefined
      const { segment, flags } = fields
      return { ...base, type: 'root-complex', segment, flags, mappings: readMappings(span, fields, diagnostics) }
    }
    case 2: {
      const fields = readFields(reader, PLATFORM_LAYOUT)
      if (fields === undefined) return undefined
      readMappings(span, fields, diagnostics)
      return { ...base, type: 'platform' }
    }
    default: {
      const at = offsetText(span.offset)
      diagnostics.note(span.offset, `node at ${at} has type ${span.typeCode}, which is not known.`)
      return { ...base, type: 'unknown' }
    }
  }
}

/** Parses a RISC-V I/O Mapping Table. Little-endian; never throws; table order kept. */
export function parseRimt(bytes: Uint8Array, path: string): RimtTable {
  const open = openTable(bytes, path, 'RIMT')
  const { reader, diagnostics } = open
  const fields = readFields(reader, RIMT_TABLE_LAYOUT)
  const nodes: RimtNode[] = []
  if (fields === undefined || reader.length < TABLE_HEADER_LENGTH) {
    diagnostics.damage(0, `${reader.length} bytes are too few: the table's own fields take ${TABLE_HEADER_LENGTH}.`)
    return { ...closeTable(open), nodes }
  }
  const { nodeCount, nodeOffset } = fields
  if (nodeOffset < TABLE_HEADER_LENGTH) {
    diagnostics.damage(40, `the first node is at ${offsetText(nodeOffset)}, inside the table's header; none was read.`)
    return { ...closeTable(open), nodes }
  }
  for (const span of walkRecords(reader, nodeOffset, NODE_FORMAT, diagnostics, nodeCount)) {
    const node = typedNode(span, diagnostics)
    if (node === undefined) {
      const needed = requiredLength(RIMT_NODE_LAYOUTS[span.typeCode] ?? {})
      tooShort(span, `node of type ${span.typeCode}`, needed, diagnostics)
    }
    nodes.push(node ?? { offset: span.offset, length: span.length, typeCode: span.typeCode, type: 'unknown' })
  }
  return { ...closeTable(open), nodes }
}
