import type { Budget } from '../../budget/budget.js'
import type { ParsedAcpiTable } from '../../machine/acpi.js'
import { parseDmar } from './dmar.js'
import { parseIort } from './iort.js'
import { parseIvrs } from './ivrs.js'
import { parseMadt } from './madt.js'
import { parseMcfg } from './mcfg.js'
import { parseRimt } from './rimt.js'
import { closeTable, openTable } from './table-header.js'
import { parseViot } from './viot.js'

/**
 * Parses any table by the signature in its first four bytes; of tables that have no parser the header is read.
 *
 * @param bytes the whole table
 * @param path what diagnostics name
 */
export function parseAcpiTable(bytes: Uint8Array, path: string, budget?: Budget): ParsedAcpiTable {
  switch (String.fromCharCode(...bytes.subarray(0, 4))) {
    case 'IORT':
      return { kind: 'IORT', table: parseIort(bytes, path, budget) }
    case 'APIC':
      return { kind: 'APIC', table: parseMadt(bytes, path, budget) }
    case 'DMAR':
      return { kind: 'DMAR', table: parseDmar(bytes, path, budget) }
    case 'IVRS':
      return { kind: 'IVRS', table: parseIvrs(bytes, path, budget) }
    case 'VIOT':
      return { kind: 'VIOT', table: parseViot(bytes, path, budget) }
    case 'MCFG':
      return { kind: 'MCFG', table: parseMcfg(bytes, path, budget) }
    case 'RIMT':
      return { kind: 'RIMT', table: parseRimt(bytes, path, budget) }
    default:
      return { kind: 'other', table: closeTable(openTable(bytes, path, undefined, budget)) }
  }
}
