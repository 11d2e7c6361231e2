import type { DecodedTable } from '../../machine/acpi-table.js'
import type { Fact } from '../../machine/fact.js'
import { hex } from '../../machine/identifiers.js'
import { acpiClause, iortClause } from '../firmware-references.js'
import { diagnosticEvidence, isNote } from './table-diagnostics.js'
import { NOT_APPLICABLE, type Outcome, type OutcomeItem, type Rule, type Subject } from '../rule.js'

function notes(table: string, fact: Fact<DecodedTable>): readonly OutcomeItem[] {
  if (fact.state !== 'known') return []
  return fact.value.diagnostics.filter(isNote).map((diagnostic) => ({
    subject: `${table} ${hex(diagnostic.offset)}`,
    devices: [],
    message: 'noted',
    details: { diagnostic: diagnostic.message },
    linux: 'Linux passes it over as well.',
    evidence: [diagnosticEvidence(diagnostic)],
  }))
}

function check({ machine }: Subject): Outcome {
  const { iort, madt } = machine.acpi
  if (iort.state !== 'known' && madt.state !== 'known') return NOT_APPLICABLE
  return { failed: [...notes('IORT', iort), ...notes('APIC', madt)], unknown: [], applicable: true }
}

export const unknownStructure: Rule = {
  id: 'IR202',
  slug: 'unknown-structure',
  title: 'A table holds what this release does not know',
  scope: 'firmware',
  severity: 'info',
  effect: 'none',
  checks:
    'Node and structure types of IORT and MADT that no specification known here defines, and bytes behind the last one.',
  why: 'Newer specifications add types. They are passed over by their length; what they say is not judged.',
  remedy: [{ actor: 'firmware', text: 'Nothing, if a newer specification defines the type; otherwise remove it.' }],
  limits: 'Whether a newer specification defines the type cannot be known.',
  references: [iortClause('IORT node types'), acpiClause('section 5.2.12, Multiple APIC Description Table')],
  outcomes: ['pass', 'fail', 'not-applicable'],
  messages: { noted: '{diagnostic}' },
  check,
}
