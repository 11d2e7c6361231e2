import type { Budget } from '../../budget/budget.js'
import type { ByteReader } from '../../binary/byte-reader.js'
import { rootComplexesBySegment, type IdMapping, type IortNode, type IortTable } from '../../machine/iort.js'
import { readFields, requiredLength } from './field-layout.js'
import { iortBody } from './iort-body.js'
import {
  ID_MAPPING_LAYOUT,
  ID_MAPPING_LENGTH,
  IORT_BODY_LAYOUTS,
  IORT_NODE_LAYOUT,
  IORT_TABLE_LAYOUT,
} from './iort-layouts.js'
import { fittingItems, takenItems, walkRecords, type RecordFormat, type RecordSpan } from './record-walk.js'
import { offsetText, type TableDiagnostics } from './table-diagnostics.js'
import { closeTable, openTable } from './table-header.js'

const TABLE_HEADER_LENGTH = 48
const NODE_HEADER_LENGTH = 16
const IORT_NODE_FORMAT: RecordFormat = {
  noun: 'node',
  headerLength: NODE_HEADER_LENGTH,
  typeSize: 1,
  lengthOffset: 1,
  lengthSize: 2,
}

/** The mapping at the start of `reader`; `offset` is where that is in the table. */
function readMapping(reader: ByteReader): IdMapping | undefined {
  const fields = readFields(reader, ID_MAPPING_LAYOUT)
  if (fields === undefined) return undefined
  const { inputBase, idCount, outputBase, outputReference, flags } = fields
  return { offset: reader.base, inputBase, idCount, outputBase, outputReference, singleMapping: (flags & 1) === 1 }
}

/** The mappings that lie inside the node, of `count` claimed ones. */
function readMappings(
  span: RecordSpan,
  count: number,
  arrayOffset: number,
  diagnostics: TableDiagnostics,
): readonly IdMapping[] {
  const at = offsetText(span.offset)
  const mappings: IdMapping[] = []
  if (count === 0) return mappings
  if (arrayOffset < NODE_HEADER_LENGTH) {
    const where = offsetText(arrayOffset)
    diagnostics.damage(
      span.offset,
      `node at ${at} has ${count} ID mappings at ${where} of the node, inside its header; none was read.`,
    )
    return mappings
  }
  const fitting = fittingItems(span.reader, arrayOffset, ID_MAPPING_LENGTH, count)
  if (fitting < count) {
    const room = Math.max(0, span.length - arrayOffset)
    diagnostics.damage(
      span.offset,
      `node at ${at} claims ${count} ID mappings, the ${room} bytes behind offset ${offsetText(arrayOffset)} of the node hold ${fitting}.`,
    )
  }
  const taken = takenItems(span, arrayOffset, fitting, diagnostics)
  for (let index = 0; index < taken; index++) {
    const mapping = readMapping(span.reader.upTo(arrayOffset + index * ID_MAPPING_LENGTH, ID_MAPPING_LENGTH))
    if (mapping !== undefined) mappings.push(mapping)
  }
  return mappings
}

function readNode(span: RecordSpan, diagnostics: TableDiagnostics): IortNode | undefined {
  const header = readFields(span.reader, IORT_NODE_LAYOUT)
  if (header === undefined) return undefined
  const { typeCode, length, revision, identifier, mappingCount, mappingOffset } = header
  const mappings = readMappings(span, mappingCount, mappingOffset, diagnostics)
  const end = endOfFields(span.length, mappingCount, mappingOffset)
  const needed = requiredLength(IORT_BODY_LAYOUTS[typeCode] ?? {})
  if (mappings.length > 0 && end < needed) {
    diagnostics.damage(
      span.offset,
      `node at ${offsetText(span.offset)} has its ID mappings at offset ${end}, over its own fields, which take ${needed} bytes.`,
    )
  }
  const base = { offset: span.offset, length, revision, identifier, typeCode, mappings, mappingCount }
  return { ...base, ...iortBody(span, { typeCode, revision, end }, diagnostics) }
}

/** Where the type-specific part of a node ends: at the mapping array, else with the node. */
export function endOfFields(length: number, mappingCount: number, mappingOffset: number): number {
  return mappingCount > 0 && mappingOffset >= NODE_HEADER_LENGTH ? Math.min(length, mappingOffset) : length
}

/**
 * Parses an IO Remapping Table (Arm DEN 0049, every revision). Little-endian; never throws. Nodes are in table order,
 * as Linux walks them (`iort_scan_node`); types that are not known keep header and mappings and are no damage. Where a
 * node's mapping array leaves the node, the mappings inside are kept.
 *
 * @param bytes the whole file
 * @param path what diagnostics name
 */
export function parseIort(bytes: Uint8Array, path: string, budget?: Budget): IortTable {
  const open = openTable(bytes, path, 'IORT', budget)
  const { reader, diagnostics } = open
  const nodes: IortNode[] = []
  const fields = readFields(reader, IORT_TABLE_LAYOUT)
  if (fields === undefined) {
    diagnostics.damage(0, `${reader.length} bytes are too few: the table's own fields take ${TABLE_HEADER_LENGTH}.`)
    return { ...closeTable(open), nodes, rootComplexes: new Map(), nodeCount: 0 }
  }
  const { nodeCount, nodeOffset } = fields
  if (nodeOffset < TABLE_HEADER_LENGTH) {
    diagnostics.damage(40, `the first node is at ${offsetText(nodeOffset)}, inside the table's header; none was read.`)
    return { ...closeTable(open), nodes, rootComplexes: new Map(), nodeCount }
  }
  for (const span of walkRecords(reader, nodeOffset, IORT_NODE_FORMAT, diagnostics, nodeCount)) {
    const node = readNode(span, diagnostics)
    if (node === undefined) continue
    if (node.type === 'root-complex' && !diagnostics.takes('rootComplexes', span.offset)) break
    nodes.push(node)
  }
  return { ...closeTable(open), nodes, rootComplexes: rootComplexesBySegment(nodes), nodeCount }
}
