import type { DecodedTable, Diagnostic } from '../../machine/acpi-table.js'

/** The checksum is wrong; every structure may still be in its place. */
export const isChecksum = ({ message }: Diagnostic): boolean => message.includes('the checksum is')

/** What parsers note and pass over: no damage. */
export const isNote = ({ message }: Diagnostic): boolean => /which is not known|bytes follow the last/.test(message)

/** Whether all that the table holds could be read, so that what is missing from it is not there. */
export function isWhole(table: DecodedTable): boolean {
  return !table.damaged || table.diagnostics.every((diagnostic) => isChecksum(diagnostic) || isNote(diagnostic))
}
