import type { Budget } from '../../budget/budget.js'
import type { ViotNode, ViotTable } from '../../machine/viot.js'
import {
  decimalField,
  hexField,
  readFields,
  referenceField,
  requiredLength,
  reservedField,
  type StructureLayout,
} from './field-layout.js'
import { tooShort, walkRecords, type RecordFormat, type RecordSpan } from './record-walk.js'
import { offsetText, type TableDiagnostics } from './table-diagnostics.js'
import { closeTable, openTable } from './table-header.js'

const TABLE_HEADER_LENGTH = 48
const NODE_FORMAT: RecordFormat = { noun: 'node', headerLength: 4, typeSize: 1, lengthOffset: 2, lengthSize: 2 }

/** Byte layouts of the Virtual I/O Translation table (ACPI 6.5 section 5.2.34), offsets from the node's start. */
export const VIOT_TABLE_LAYOUT = {
  nodeCount: decimalField(36, 2, 'Node count'),
  nodeOffset: hexField(38, 2, 'Node offset'),
  reserved: reservedField(40, 8),
}
export const VIOT_NODE_LAYOUT = {
  typeCode: decimalField(0, 1, 'Type'),
  reserved0: reservedField(1, 1),
  length: decimalField(2, 2, 'Length'),
}
const PCI_RANGE_LAYOUT = {
  endpointStart: hexField(4, 4, 'Endpoint start'),
  segmentStart: hexField(8, 2, 'PCI Segment start'),
  segmentEnd: hexField(10, 2, 'PCI Segment end'),
  bdfStart: hexField(12, 2, 'PCI BDF start'),
  bdfEnd: hexField(14, 2, 'PCI BDF end'),
  outputNode: referenceField(16, 2, 'Output node'),
  reserved: reservedField(18, 6),
}
const MMIO_ENDPOINT_LAYOUT = {
  endpoint: hexField(4, 4, 'Endpoint ID'),
  base: hexField(8, 8, 'MMIO base address'),
  outputNode: referenceField(16, 2, 'Output node'),
  reserved: reservedField(18, 6),
}
const IOMMU_PCI_LAYOUT = {
  segment: hexField(4, 2, 'PCI Segment'),
  bdf: hexField(6, 2, 'PCI BDF number'),
  reserved: reservedField(8, 8),
}
const IOMMU_MMIO_LAYOUT = { reserved: reservedField(4, 4), base: hexField(8, 8, 'MMIO base address') }

export const VIOT_NODE_LAYOUTS: Readonly<Record<number, StructureLayout>> = {
  1: PCI_RANGE_LAYOUT,
  2: MMIO_ENDPOINT_LAYOUT,
  3: IOMMU_PCI_LAYOUT,
  4: IOMMU_MMIO_LAYOUT,
}

/** The typed node; undefined where it is too short for the fixed fields of its type. */
function typedNode(span: RecordSpan, diagnostics: TableDiagnostics): ViotNode | undefined {
  const { reader } = span
  const base = { offset: span.offset, length: span.length, typeCode: span.typeCode }
  switch (span.typeCode) {
    case 1: {
      const fields = readFields(reader, PCI_RANGE_LAYOUT)
      return fields && { ...base, type: 'pci-range', ...fields }
    }
    case 2: {
      const fields = readFields(reader, MMIO_ENDPOINT_LAYOUT)
      return fields && { ...base, type: 'mmio-endpoint', ...fields }
    }
    case 3: {
      const fields = readFields(reader, IOMMU_PCI_LAYOUT)
      return fields && { ...base, type: 'virtio-iommu-pci', ...fields }
    }
    case 4: {
      const fields = readFields(reader, IOMMU_MMIO_LAYOUT)
      return fields && { ...base, type: 'virtio-iommu-mmio', ...fields }
    }
    default: {
      const at = offsetText(span.offset)
      diagnostics.note(span.offset, `node at ${at} has type ${span.typeCode}, which is not known.`)
      return { ...base, type: 'unknown' }
    }
  }
}

/** Parses a Virtual I/O Translation table (ACPI 6.5 section 5.2.34). Little-endian; never throws; table order kept. */
export function parseViot(bytes: Uint8Array, path: string, budget?: Budget): ViotTable {
  const open = openTable(bytes, path, 'VIOT', budget)
  const { reader, diagnostics } = open
  const fields = readFields(reader, VIOT_TABLE_LAYOUT)
  const nodes: ViotNode[] = []
  if (fields === undefined || reader.length < TABLE_HEADER_LENGTH) {
    diagnostics.damage(0, `${reader.length} bytes are too few: the table's own fields take ${TABLE_HEADER_LENGTH}.`)
    return { ...closeTable(open), nodes }
  }
  const { nodeCount, nodeOffset } = fields
  if (nodeOffset < TABLE_HEADER_LENGTH) {
    diagnostics.damage(38, `the first node is at ${offsetText(nodeOffset)}, inside the table's header; none was read.`)
    return { ...closeTable(open), nodes }
  }
  for (const span of walkRecords(reader, nodeOffset, NODE_FORMAT, diagnostics, nodeCount)) {
    const node = typedNode(span, diagnostics)
    if (node === undefined) {
      const needed = requiredLength(VIOT_NODE_LAYOUTS[span.typeCode] ?? {})
      tooShort(span, `node of type ${span.typeCode}`, needed, diagnostics)
    }
    nodes.push(node ?? { offset: span.offset, length: span.length, typeCode: span.typeCode, type: 'unknown' })
  }
  return { ...closeTable(open), nodes }
}
