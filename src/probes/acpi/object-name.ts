import type { RecordSpan } from './record-walk.js'
import { offsetText, type TableDiagnostics } from './table-diagnostics.js'

/**
 * A NUL-terminated ACPI path (`\_SB.FOO0`) from `offset` on, ending before `end`. A missing NUL and characters that
 * are not printable ASCII are damage; what is there is returned as it stands.
 */
export function readObjectName(span: RecordSpan, offset: number, end: number, diagnostics: TableDiagnostics): string {
  const at = offsetText(span.offset)
  const terminator = span.reader.indexOf(0, offset, end)
  const name = span.reader.ascii(offset, (terminator ?? end) - offset) ?? ''
  if (terminator === undefined) {
    diagnostics.damage(span.offset + offset, `the object name of the record at ${at} has no terminating NUL.`)
  } else if (/[^\x20-\x7e]/.test(name)) {
    diagnostics.damage(span.offset + offset, `the object name of the record at ${at} is not printable.`)
  }
  return name
}
