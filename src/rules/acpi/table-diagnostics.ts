import type { DecodedTable, Diagnostic } from '../../machine/acpi-table.js'
import type { Evidence } from '../rule.js'

/** The checksum is wrong; every structure may still be in its place. */
export const isChecksum = ({ harmless }: Diagnostic): boolean => harmless === 'checksum'

/** What parsers note and pass over: no damage. */
export const isNote = ({ harmless }: Diagnostic): boolean => harmless === 'allowed'

/** A diagnostic with its place. */
export function diagnosticEvidence({ path, offset, message }: Diagnostic): Evidence {
  return { from: { path, at: { offset, length: 1 } }, value: message }
}

/** Where what is missing from a table begins to be missing. */
export function firstDamage({ diagnostics }: DecodedTable): readonly Evidence[] {
  return diagnostics
    .filter(({ harmless }) => harmless === undefined)
    .slice(0, 1)
    .map(diagnosticEvidence)
}

/** Whether all that the table holds could be read, so that what is missing from it is not there. */
export function isWhole(table: DecodedTable): boolean {
  return !table.damaged || table.diagnostics.every(({ harmless }) => harmless !== undefined)
}
