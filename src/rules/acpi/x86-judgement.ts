import type { DecodedTable } from '../../machine/acpi-table.js'
import type { DmarDeviceScope, DmarStructure, DmarTable } from '../../machine/dmar.js'
import type { Fact, Provenance } from '../../machine/fact.js'
import type { IvrsTable } from '../../machine/ivrs.js'
import { hex } from '../../machine/identifiers.js'
import type { IoApic } from '../../kernel/x86/io-apics.js'
import { ioApicsOfMachine } from '../../kernel/x86/table-witnesses.js'
import type { Cause } from '../causes/cause.js'
import { causeOfMachine } from '../causes/caused-items.js'
import {
  NOT_APPLICABLE,
  type Evidence,
  type FoundCause,
  type Outcome,
  type OutcomeItem,
  type Reference,
  type Rule,
  type Subject,
} from '../rule.js'
import { firmwareRule, type FirmwareRow } from '../firmware-rule.js'
import { unreadableTable, wasGiven } from './iort-judgement.js'
import { isWhole } from './table-diagnostics.js'

/** A table with what its rules look at. */
export interface TableCase<T> extends Subject {
  readonly table: T
  /** Where it was read. */
  readonly path: string
}

/** The structures of one type, in table order. */
export function structuresOf<T extends DmarStructure['type']>(
  { table }: TableCase<DmarTable>,
  type: T,
): readonly Extract<DmarStructure, { readonly type: T }>[] {
  const isOfType = (one: DmarStructure): one is Extract<DmarStructure, { readonly type: T }> => one.type === type
  return table.structures.filter(isOfType)
}

/** Messages that every rule about these tables has. */
const MESSAGES = {
  unreadable: 'The {table} cannot be read, so this cannot be told.',
  'not-given': 'There is no {table} among the files, so this cannot be told.',
} as const

/** A table as its rules see it. They apply on x86, and where nobody can tell the architecture. */
function open<T extends DecodedTable>(subject: Subject, fact: Fact<T>, name: string): TableCase<T> | Outcome {
  const { architecture } = subject.routes.context
  const elsewhere = architecture !== undefined && architecture !== 'x86_64'
  if (fact.state === 'absent' || elsewhere) return NOT_APPLICABLE
  if (fact.state === 'unreadable') {
    if (!wasGiven(fact)) return NOT_APPLICABLE
    return { failed: [], unknown: [unreadableTable(fact, name, [])], applicable: true }
  }
  const path = fact.from[0]?.path ?? `sys/firmware/acpi/tables/${name}`
  return { ...subject, table: fact.value, path }
}

/** A rule about the DMAR. */
export const dmarRule = (row: FirmwareRow<TableCase<DmarTable>>): Rule =>
  firmwareRule(
    { name: 'DMAR', messages: MESSAGES, open: (subject) => open(subject, subject.machine.acpi.dmar, 'DMAR') },
    row,
  )

/** A rule about the IVRS. */
export const ivrsRule = (row: FirmwareRow<TableCase<IvrsTable>>): Rule =>
  firmwareRule(
    { name: 'IVRS', messages: MESSAGES, open: (subject) => open(subject, subject.machine.acpi.ivrs, 'IVRS') },
    row,
  )

/** The IO-APICs of the MADT, or what is said where it cannot be read. */
export function ioApicsFor({ machine, routes }: Subject): readonly IoApic[] | OutcomeItem {
  const { madt } = machine.acpi
  const ioApics = ioApicsOfMachine(routes.context)
  return madt.state === 'known' && isWhole(madt.value) && ioApics ? ioApics : unreadableTable(madt, 'MADT', [])
}

/** An IO-APIC of the MADT as evidence. */
export function ioApicEvidence({ machine }: Subject, { id, address, gsiBase, offset, length }: IoApic): Evidence {
  const path = machine.acpi.madt.from[0]?.path ?? 'sys/firmware/acpi/tables/APIC'
  return {
    from: { path, at: { offset, length } },
    value: `IO-APIC ${id} at ${hex(address)}, interrupts from ${gsiBase}`,
  }
}

/** A place of a table as evidence. */
export function placeEvidence(path: string, offset: number, length: number, value: string): Evidence {
  return { from: { path, at: { offset, length } } satisfies Provenance, value }
}

/** `DRHD of segment 0 at 0x30`. */
export function structureWords(structure: DmarStructure): string {
  const at = `at ${hex(structure.offset)}`
  const name = structure.type.toUpperCase()
  switch (structure.type) {
    case 'drhd':
    case 'rmrr':
    case 'atsr':
    case 'satc':
    case 'sidp':
      return `${name} of segment ${structure.segment} ${at}`
    case 'rhsa':
    case 'andd':
      return `${name} ${at}`
    case 'unknown':
      return `structure of type ${structure.typeCode} ${at}`
  }
}

/** Subject of a finding about a structure. */
export const structureSubject = ({ offset }: { readonly offset: number }, table = 'DMAR'): string =>
  `${table} ${hex(offset)}`

/** Bytes of a device scope. */
export const scopeLength = ({ path }: DmarDeviceScope): number => 6 + 2 * path.length

/**
 * The cause that stands for a fault on a machine that was there to be read, so that its step is the one that the rules
 * about devices ask for. Undefined for tables alone, which only firmware mends.
 */
export function causeOn(subject: Subject, ...causes: readonly Cause[]): { readonly cause?: FoundCause } {
  if (subject.routes.routes.length === 0) return {}
  const cause = causeOfMachine(subject, causes)
  return cause ? { cause } : {}
}

export const vtdClause = (locator: string): Reference => ({
  kind: 'specification',
  title: 'Intel VT-d specification',
  locator,
})
export const amdClause = (locator: string): Reference => ({
  kind: 'specification',
  title: 'AMD IOMMU specification 48882',
  locator,
})
export const linuxDmar = (name: string): Reference => ({
  kind: 'linux',
  title: 'Linux, VT-d',
  locator: `drivers/iommu/intel/${name}`,
})
export const linuxAmd = (name: string): Reference => ({
  kind: 'linux',
  title: 'Linux, AMD-Vi',
  locator: `drivers/iommu/amd/init.c: ${name}`,
})
