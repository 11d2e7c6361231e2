import type { AcpiTables } from '../../machine/acpi.js'
import type { DecodedTable, Diagnostic } from '../../machine/acpi-table.js'
import type { Fact } from '../../machine/fact.js'
import { hex } from '../../machine/identifiers.js'
import { evidenceOf } from '../evidence.js'
import { acpiClause, iortClause } from '../firmware-references.js'
import { wasGiven } from './iort-judgement.js'
import { diagnosticEvidence, isChecksum, isNote } from './table-diagnostics.js'
import { NOT_APPLICABLE, type Outcome, type OutcomeItem, type Reference, type Rule, type Subject } from '../rule.js'

function tablesOf(acpi: AcpiTables): readonly (readonly [string, Fact<DecodedTable>])[] {
  return [
    ['IORT', acpi.iort],
    ['APIC', acpi.madt],
    ['MCFG', acpi.mcfg],
    ['DMAR', acpi.dmar],
    ['IVRS', acpi.ivrs],
    ['VIOT', acpi.viot],
    ['RIMT', acpi.rimt],
  ]
}

/** Where each table's structures are specified. */
const CLAUSES: ReadonlyMap<string, Reference> = new Map([
  ['IORT', iortClause('IORT node format: length, number and array of ID mappings')],
  ['APIC', acpiClause('section 5.2.12, Multiple APIC Description Table')],
  ['MCFG', { kind: 'specification', title: 'PCI Firmware specification', locator: 'MCFG table description' }],
  ['DMAR', { kind: 'specification', title: 'Intel VT-d specification', locator: 'DMA Remapping Reporting Structure' }],
  [
    'IVRS',
    {
      kind: 'specification',
      title: 'AMD I/O Virtualization Technology specification',
      locator: 'I/O Virtualization Reporting Structure',
    },
  ],
  ['VIOT', acpiClause('Virtual I/O Translation Table')],
  ['RIMT', { kind: 'specification', title: 'RISC-V IO Mapping Table specification', locator: 'RIMT node structure' }],
])

/** The clause that a damage is against: the header's for a checksum, else that of the table's structures. */
function clauseOf(table: string, checksum: boolean): Pick<OutcomeItem, 'references'> {
  const clause = CLAUSES.get(table)
  return checksum || clause === undefined ? {} : { references: [clause] }
}

function damage(table: string, diagnostic: Diagnostic): OutcomeItem {
  const { offset, message } = diagnostic
  const checksum = isChecksum(diagnostic)
  const linux = checksum
    ? 'Linux warns of the checksum and uses the table as it is.'
    : 'Linux checks lengths only in part and may take other bytes for what is missing.'
  return {
    subject: `${table} ${hex(offset)}`,
    devices: [],
    message: 'damaged',
    details: { diagnostic: message },
    linux,
    evidence: [diagnosticEvidence(diagnostic)],
    severity: checksum ? 'medium' : 'high',
    ...clauseOf(table, checksum),
  }
}

/** Signatures that the listing has several tables of. */
function seconds({ names }: AcpiTables, signatures: readonly string[]): OutcomeItem[] {
  if (names.state !== 'known') return []
  return signatures.flatMap((signature): OutcomeItem[] => {
    if (!names.value.includes(`${signature}2`)) return []
    const diagnostic = `Firmware has several tables ${signature}. Linux takes the first.`
    const evidence = names.from.map((from) => ({ from, value: `${signature}2` }))
    return [{ subject: signature, devices: [], message: 'second', details: { diagnostic }, evidence, severity: 'info' }]
  })
}

function check({ machine }: Subject): Outcome {
  const unknown: OutcomeItem[] = []
  const tables = tablesOf(machine.acpi)
  const failed = seconds(
    machine.acpi,
    tables.map(([signature]) => signature),
  )
  for (const [table, fact] of tables) {
    if (fact.state === 'known' && fact.value.damaged) {
      const damaging = fact.value.diagnostics.filter((diagnostic) => !isNote(diagnostic))
      for (const one of damaging.map((diagnostic) => damage(table, diagnostic))) failed.push(one)
    } else if (fact.state === 'unreadable' && wasGiven(fact)) {
      const item = { subject: table, devices: [], details: { table }, evidence: evidenceOf(fact) }
      if (fact.reason === 'malformed') failed.push({ ...item, message: 'malformed' })
      else unknown.push({ ...item, message: 'unreadable' })
    }
  }
  if (machine.acpi.names.state === 'unreadable') {
    const details = { table: 'list of ACPI tables' }
    const evidence = evidenceOf(machine.acpi.names)
    return {
      failed,
      unknown: [{ subject: 'ACPI', devices: [], message: 'unreadable', details, evidence }],
      applicable: true,
    }
  }
  const there = tables.some(([, fact]) => fact.state !== 'absent' && wasGiven(fact))
  return there ? { failed, unknown, applicable: true } : NOT_APPLICABLE
}

export const tableDamaged: Rule = {
  id: 'IR201',
  slug: 'table-damaged',
  title: 'An ACPI table is damaged',
  scope: 'firmware',
  severity: 'high',
  effect: 'none',
  checks:
    'Lengths, checksum, node and structure sizes, and whether every array lies inside its node, in IORT, MADT, MCFG, DMAR, IVRS, VIOT and RIMT.',
  why: 'Nobody can tell what firmware meant. What is missing from such a table proves nothing, so no verdict rests on it.',
  remedy: [
    {
      actor: 'configuration',
      messages: ['unreadable'],
      text: 'Run intremap as root, or on a capture that root made: only root reads firmware tables.',
    },
    { actor: 'firmware', messages: ['second'], text: 'Keep one table of each kind.' },
    { actor: 'firmware', text: 'Correct the lengths and counts of the table, and its checksum last.' },
  ],
  limits: 'Damage that keeps every length and the checksum right cannot be seen.',
  references: [acpiClause('section 5.2.6, System Description Table Header')],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    damaged: '{diagnostic}',
    second: '{diagnostic}',
    malformed: 'The {table} is damaged, so nothing is taken from it.',
    unreadable: 'The {table} cannot be read.',
  },
  check,
}
