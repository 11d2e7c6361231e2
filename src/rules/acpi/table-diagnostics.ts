import type { DecodedTable, Diagnostic } from '../../machine/acpi-table.js'

/** The checksum is wrong; every structure may still be in its place. */
export const isChecksum = ({ harmless }: Diagnostic): boolean => harmless === 'checksum'

/** What parsers note and pass over: no damage. */
export const isNote = ({ harmless }: Diagnostic): boolean => harmless === 'allowed'

/** Whether all that the table holds could be read, so that what is missing from it is not there. */
export function isWhole(table: DecodedTable): boolean {
  return !table.damaged || table.diagnostics.every(({ harmless }) => harmless !== undefined)
}
