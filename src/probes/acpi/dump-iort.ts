import type { ByteReader } from '../../binary/byte-reader.js'
import type { Budget } from '../../budget/budget.js'
import type { DumpField, DumpList, DumpRecord } from '../../machine/acpi-dump.js'
import type { IortNode, IortTable } from '../../machine/iort.js'
import { bytesField, dumpArray, dumpFields, dumpRecords, textField } from './dump-fields.js'
import { readFields } from './field-layout.js'
import { GLOBAL_INTERRUPTS_LENGTH, INTERRUPT_LENGTH } from './iort-body.js'
import {
  GLOBAL_INTERRUPTS_LAYOUT,
  ID_MAPPING_LAYOUT,
  ID_MAPPING_LENGTH,
  INTERRUPT_LAYOUT,
  IORT_BODY_LAYOUTS,
  IORT_NODE_LAYOUT,
  ITS_IDENTIFIER_LAYOUT,
  IWB_NAME_OFFSET,
  NAMED_COMPONENT_NAME_OFFSET,
  RMR_DESCRIPTOR_LAYOUT,
  RMR_DESCRIPTOR_LENGTH,
} from './iort-layouts.js'
import { endOfFields } from './iort.js'

const NODE_HEADER_LENGTH = 16

/** Fields of a node that no layout of integers describes. */
function bodyText(node: IortNode, reader: ByteReader, end: number): readonly DumpField[] {
  switch (node.type) {
    case 'named-component': {
      const offset = NAMED_COMPONENT_NAME_OFFSET
      return textField(reader, 'objectName', 'Device object name', offset, node.objectName.length)
    }
    case 'iwb':
      return textField(reader, 'objectName', 'Device object name', IWB_NAME_OFFSET, node.objectName.length)
    case 'unknown':
      return IORT_BODY_LAYOUTS[node.typeCode] === undefined ? bytesField(reader, NODE_HEADER_LENGTH, end) : []
    case 'its-group':
    case 'root-complex':
    case 'smmu':
    case 'smmuv3':
    case 'pmcg':
    case 'rmr':
      return []
  }
}

/** The arrays of a node other than its ID mappings. */
function bodyLists(node: IortNode, reader: ByteReader, budget: Budget): readonly DumpList[] {
  switch (node.type) {
    case 'its-group': {
      const name = { key: 'itsIds', title: 'GIC ITS Identifier Array', scalar: true }
      return dumpArray(reader, name, { offset: 20, count: node.itsIds.length, size: 4 }, ITS_IDENTIFIER_LAYOUT, budget)
    }
    case 'smmu':
      return [
        ...dumpArray(
          reader,
          { key: 'globalInterrupts', title: 'Global Interrupt Array' },
          {
            offset: node.globalInterruptOffset ?? 0,
            count: (node.globalInterruptOffset ?? 0) === 0 ? 0 : 1,
            size: GLOBAL_INTERRUPTS_LENGTH,
          },
          GLOBAL_INTERRUPTS_LAYOUT,
          budget,
        ),
        ...dumpArray(
          reader,
          { key: 'contextInterrupts', title: 'Context Interrupt Array' },
          { offset: node.contextInterruptOffset ?? 0, count: node.contextInterruptCount ?? 0, size: INTERRUPT_LENGTH },
          INTERRUPT_LAYOUT,
          budget,
        ),
        ...dumpArray(
          reader,
          { key: 'pmuInterrupts', title: 'PMU Interrupt Array' },
          { offset: node.pmuInterruptOffset ?? 0, count: node.pmuInterruptCount ?? 0, size: INTERRUPT_LENGTH },
          INTERRUPT_LAYOUT,
          budget,
        ),
      ]
    case 'rmr':
      return dumpArray(
        reader,
        { key: 'descriptors', title: 'Memory Range Descriptors' },
        { offset: node.descriptorOffset ?? 0, count: node.descriptors.length, size: RMR_DESCRIPTOR_LENGTH },
        RMR_DESCRIPTOR_LAYOUT,
        budget,
      )
    case 'named-component':
    case 'root-complex':
    case 'smmuv3':
    case 'pmcg':
    case 'iwb':
    case 'unknown':
      return []
  }
}

function nodeMappings(node: IortNode, reader: ByteReader) {
  const offset = readFields(reader, IORT_NODE_LAYOUT)?.mappingOffset ?? 0
  return { offset, count: node.mappings.length, size: ID_MAPPING_LENGTH }
}

function dumpNode(node: IortNode, table: ByteReader): DumpRecord {
  const reader = table.upTo(node.offset, node.length)
  const end = endOfFields(node.length, node.mappingCount, nodeMappings(node, reader).offset)
  return {
    offset: node.offset,
    length: node.length,
    type: node.type,
    typeCode: node.typeCode,
    fields: [
      ...dumpFields(reader, IORT_NODE_LAYOUT),
      ...dumpFields(reader, IORT_BODY_LAYOUTS[node.typeCode] ?? {}, end),
      ...bodyText(node, reader, end),
    ],
    lists: [],
  }
}

function nodeLists(node: IortNode, table: ByteReader, budget: Budget): readonly DumpList[] {
  const reader = table.upTo(node.offset, node.length)
  const name = { key: 'mappings', title: 'ID mappings' }
  return [
    ...bodyLists(node, reader, budget),
    ...dumpArray(reader, name, nodeMappings(node, reader), ID_MAPPING_LAYOUT, budget),
  ]
}

/** Every node of an IORT that the parser could read, in table order, as many as `budget` has rows for. */
export function dumpIort(iort: IortTable, table: ByteReader, budget: Budget): DumpList {
  const records = dumpRecords(
    iort.nodes,
    budget,
    (node) => dumpNode(node, table),
    (node) => nodeLists(node, table, budget),
  )
  return { key: 'nodes', title: 'Node', scalar: false, ...records }
}
