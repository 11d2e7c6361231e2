import type { Budget } from '../../budget/budget.js'
import type { RimtNode, RimtTable } from '../../machine/rimt.js'
import { readFields, requiredLength } from './field-layout.js'
import { fittingItems, takenItems, tooShort, walkRecords, type RecordFormat, type RecordSpan } from './record-walk.js'
import { offsetText, type TableDiagnostics } from './table-diagnostics.js'
import {
  RIMT_IOMMU_LAYOUT,
  RIMT_MAPPING_LAYOUT,
  RIMT_MAPPING_LENGTH,
  RIMT_NODE_LAYOUTS,
  RIMT_PLATFORM_LAYOUT,
  RIMT_ROOT_COMPLEX_LAYOUT,
  RIMT_TABLE_LAYOUT,
  RIMT_WIRE_LENGTH,
} from './rimt-layouts.js'
import { closeTable, openTable } from './table-header.js'

const TABLE_HEADER_LENGTH = 48
const NODE_FORMAT: RecordFormat = { noun: 'node', headerLength: 8, typeSize: 1, lengthOffset: 2, lengthSize: 2 }

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
  const taken = takenItems(span, mappingOffset, fitting, diagnostics)
  for (let index = 0; index < taken; index++) {
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
      const fields = readFields(reader, RIMT_IOMMU_LAYOUT)
      if (fields === undefined) return undefined
      const { baseAddress, segment, bdf, flags, wireOffset, wireCount } = fields
      const fitting = fittingItems(reader, wireOffset, RIMT_WIRE_LENGTH, wireCount)
      if (fitting < wireCount) {
        const at = offsetText(span.offset)
        diagnostics.damage(span.offset, `node at ${at} claims ${wireCount} interrupt wires, ${fitting} fit.`)
      }
      takenItems(span, wireOffset, fitting, diagnostics)
      return { ...base, type: 'iommu', baseAddress, segment, bdf, flags }
    }
    case 1: {
      const fields = readFields(reader, RIMT_ROOT_COMPLEX_LAYOUT)
      if (fields === undefined) return undefined
      const { segment, flags } = fields
      return { ...base, type: 'root-complex', segment, flags, mappings: readMappings(span, fields, diagnostics) }
    }
    case 2: {
      const fields = readFields(reader, RIMT_PLATFORM_LAYOUT)
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
export function parseRimt(bytes: Uint8Array, path: string, budget?: Budget): RimtTable {
  const open = openTable(bytes, path, 'RIMT', budget)
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
