import { Budget } from '../budget/budget.js'
import { SINGLE } from '../budget/limits.js'
import { takesText } from '../budget/text.js'
import { decodedText, evidenceLines, isText } from '../text/evidence-lines.js'
import { printable, SIGNATURE, TableDumpReader, type DumpDiagnostic, type ExtractedTable } from './table-dump-reader.js'

/** `hexadecimal-text`: acpidump, the raw data of an iasl listing, acpiview, xxd, hexdump or od. */
export type DumpFormat = 'binary' | 'hexadecimal-text' | 'unknown'

export interface Extraction {
  readonly format: DumpFormat
  readonly tables: readonly ExtractedTable[]
  readonly diagnostics: readonly DumpDiagnostic[]
}

/**
 * Finds the tables in an input, recognised by content: one binary table, or text from `acpidump`, an `iasl` listing
 * (its raw table data), acpiview, xxd, hexdump or od. A binary input is handed on as it is, whatever length its header claims. Never
 * throws; memory and steps are linear in the input.
 *
 * @param path what diagnostics name; their offsets count from the start of the input
 */
export function extractTables(bytes: Uint8Array, path: string, budget = new Budget()): Extraction {
  const found = String.fromCharCode(...bytes.subarray(0, 4))
  if (bytes.length === 0) return unrecognised(path, 'the input is empty.')
  if (!isText(bytes)) {
    if (SIGNATURE.test(found)) {
      return { format: 'binary', tables: [{ signature: found, bytes }], diagnostics: [] }
    }
    return unrecognised(path, `"${printable(found)}" is no table signature, and the input is no text.`)
  }
  if (!takesText(bytes, budget)) {
    const most = `more than ${budget.limit('lines')} lines, or one of more than ${SINGLE.lineCharacters} characters`
    return unrecognised(path, `${most}: no dump of tables.`)
  }
  const reader = new TableDumpReader(path, budget)
  for (const { text, offset } of evidenceLines(decodedText(bytes))) if (text !== '') reader.line(text, offset)
  reader.end()
  const { tables, diagnostics } = reader
  if (tables.length === 0) {
    const message = 'no table: neither a binary table nor text of acpidump, iasl, acpiview, xxd or hexdump.'
    return { format: 'unknown', tables, diagnostics: [...diagnostics, { path, offset: 0, message }] }
  }
  return { format: 'hexadecimal-text', tables, diagnostics }
}

function unrecognised(path: string, message: string): Extraction {
  return { format: 'unknown', tables: [], diagnostics: [{ path, offset: 0, message }] }
}
