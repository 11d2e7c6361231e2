import type { Budget } from '../../budget/budget.js'
import type { McfgAllocation, McfgTable } from '../../machine/mcfg.js'
import { hexField, readFields, reservedField } from './field-layout.js'
import { closeTable, openTable } from './table-header.js'

const TABLE_HEADER_LENGTH = 44
export const MCFG_ALLOCATION_LENGTH = 16

/** Byte layouts of the MCFG table (PCI Firmware specification 3.3 section 4.1.2). */
export const MCFG_TABLE_LAYOUT = { reserved: reservedField(36, 8) }
export const MCFG_ALLOCATION_LAYOUT = {
  baseAddress: hexField(0, 8, 'Base Address'),
  segment: hexField(8, 2, 'PCI Segment Group Number'),
  startBus: hexField(10, 1, 'Start Bus Number'),
  endBus: hexField(11, 1, 'End Bus Number'),
  reserved: reservedField(12, 4),
}

/**
 * Parses the table of memory mapped configuration space (PCI Firmware specification 3.3 section 4.1.2). Little-endian;
 * never throws. A rest that is no whole allocation is damage.
 */
export function parseMcfg(bytes: Uint8Array, path: string, budget?: Budget): McfgTable {
  const open = openTable(bytes, path, 'MCFG', budget)
  const { reader, diagnostics } = open
  const allocations: McfgAllocation[] = []
  if (reader.length < TABLE_HEADER_LENGTH) {
    diagnostics.damage(0, `${reader.length} bytes are too few: the table's own fields take ${TABLE_HEADER_LENGTH}.`)
    return { ...closeTable(open), allocations }
  }
  for (let offset = TABLE_HEADER_LENGTH; offset < reader.length; offset += MCFG_ALLOCATION_LENGTH) {
    if (!diagnostics.takes('structures', offset)) break
    const fields = readFields(reader.upTo(offset, MCFG_ALLOCATION_LENGTH), MCFG_ALLOCATION_LAYOUT)
    const left = reader.length - offset
    if (fields === undefined || left < MCFG_ALLOCATION_LENGTH) {
      diagnostics.damage(offset, `the last ${left} bytes are too few for an allocation.`)
      break
    }
    allocations.push({ offset, ...fields })
  }
  return { ...closeTable(open), allocations }
}
