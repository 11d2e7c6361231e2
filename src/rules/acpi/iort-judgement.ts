import type { DecodedTable } from '../../machine/acpi-table.js'
import type { IdMapping, IortNode, IortTable } from '../../machine/iort.js'
import type { MadtEntry } from '../../machine/madt.js'
import type { Fact } from '../../machine/fact.js'
import { NOT_GIVEN } from '../../machine/firmware-input.js'
import { hex } from '../../machine/identifiers.js'
import type { IortIds } from '../../kernel/ids/iort-ids.js'
import type { KernelRelease } from '../../kernel/release.js'
import { evidenceOf } from '../evidence.js'
import { firstDamage } from './table-diagnostics.js'
import { presentIdsOf, type IdCase } from '../present-ids.js'
import { firmwareRule, type FirmwareRow, type Remark } from '../firmware-rule.js'
import { NOT_APPLICABLE, type Evidence, type Outcome, type OutcomeItem, type Rule, type Subject } from '../rule.js'

/** An IORT with what its rules look at. */
export interface IortCase extends IdCase {
  readonly iort: IortTable
  /** Where its ids go. */
  readonly ids: IortIds
  /** Where the table was read. */
  readonly path: string
  /** The release asked about; undefined: what holds for all is said. */
  readonly release: KernelRelease | undefined
  /** Functions whose verdict the rule can hold down. */
  readonly lowered: readonly string[]
}

/** Messages that every rule about the IORT has. */
const MESSAGES = {
  unreadable: 'The {table} cannot be read, so this cannot be told.',
  'not-given': 'There is no {table} among the files, so this cannot be told.',
  'not-followed': 'The IORT has more mappings than were followed, so this cannot be told.',
} as const

/** A table that a rule needs and that nobody can read; of one that is damaged, where the damage begins. */
export function unreadableTable(fact: Fact<DecodedTable>, table: string, devices: readonly string[]): OutcomeItem {
  const message = wasGiven(fact) ? 'unreadable' : 'not-given'
  const evidence = fact.state === 'known' ? firstDamage(fact.value) : evidenceOf(fact)
  return { subject: table, devices, message, details: { table }, evidence }
}

/** False for a table that was not among the files of somebody who gave some. */
export function wasGiven(fact: Fact<unknown>): boolean {
  return fact.from.every(({ excerpt }) => excerpt !== NOT_GIVEN)
}

/** A table of so many mappings that not all were followed. */
export function notFollowed({ path, lowered }: IortCase): OutcomeItem {
  const evidence = [{ from: { path }, value: '' }]
  return { subject: 'IORT', devices: lowered, message: 'not-followed', details: {}, evidence }
}

/** The table matters where Arm rules; where nobody can tell the architecture it may. */
function isArm(subject: Subject): boolean {
  const { architecture } = subject.routes.context
  return architecture === undefined || architecture === 'arm64' || architecture === 'arm'
}

/** The IORT as its rules see it. Without one they do not apply; one that cannot be read leaves the answer unknown. */
function open(subject: Subject, lowered: readonly string[]): IortCase | Outcome {
  const fact = subject.machine.acpi.iort
  const { ids, context } = subject.routes
  if (fact.state === 'absent' || (fact.state === 'unreadable' && !isArm(subject))) return NOT_APPLICABLE
  if (fact.state === 'unreadable')
    return { failed: [], unknown: [unreadableTable(fact, 'IORT', lowered)], applicable: true }
  const { iort } = ids
  if (!iort) return NOT_APPLICABLE
  const path = fact.from[0]?.path ?? 'sys/firmware/acpi/tables/IORT'
  const present = presentIdsOf(subject, (fn) => iort.bySegment.get(fn.address.segment))
  return { ...subject, iort: fact.value, ids: iort, present, path, lowered, release: context.release }
}

/** A rule about the IORT. */
export const iortRule = (row: FirmwareRow<IortCase>): Rule =>
  firmwareRule({ name: 'IORT', messages: MESSAGES, open }, row)

/** `root complex of segment 0 at 0x98`. */
export function nodeWords(node: IortNode): string {
  const at = `at ${hex(node.offset)}`
  switch (node.type) {
    case 'its-group':
      return `ITS group ${at}`
    case 'named-component':
      return `named component ${node.objectName} ${at}`
    case 'root-complex':
      return `root complex of segment ${node.segment} ${at}`
    case 'smmu':
      return `SMMUv1/v2 ${at}`
    case 'smmuv3':
      return `SMMUv3 ${at}`
    case 'pmcg':
      return `PMCG ${at}`
    case 'rmr':
      return `memory range (RMR) ${at}`
    case 'iwb':
      return `wire bridge (IWB) ${at}`
    case 'unknown':
      return `node of type ${node.typeCode} ${at}`
  }
}

/** Subject of a finding about a node. */
export function nodeSubject(node: IortNode): string {
  return `IORT node ${hex(node.offset)}`
}

/** A node as evidence: where it stands, and its words. */
export function nodeEvidence(at: IortCase, node: IortNode): Evidence {
  return { from: { path: at.path, at: { offset: node.offset, length: node.length } }, value: nodeWords(node) }
}

/** A mapping as evidence: its 20 bytes, and its fields. */
export function mappingEvidence(at: Pick<IortCase, 'path'>, mapping: IdMapping): Evidence {
  const { inputBase, idCount, outputBase, outputReference, singleMapping } = mapping
  const single = singleMapping ? ', single mapping' : ''
  return {
    from: { path: at.path, at: { offset: mapping.offset, length: 20 } },
    value: `input base ${hex(inputBase)}, count field ${hex(idCount)}, output base ${hex(outputBase)}, reference ${hex(outputReference)}${single}`,
  }
}

/** An item about a node, or some of its mappings: `{node}` is in its details. */
export function nodeItem(
  at: IortCase,
  node: IortNode,
  mappings: readonly IdMapping[],
  { details, ...remark }: Remark,
): OutcomeItem {
  const evidence =
    mappings.length === 0 ? [nodeEvidence(at, node)] : mappings.map((mapping) => mappingEvidence(at, mapping))
  return {
    devices: [],
    ...remark,
    subject: nodeSubject(node),
    details: { node: nodeWords(node), ...details },
    evidence,
  }
}

/** All functions of a segment. */
export function functionsOfSegment(at: IortCase, segment: number): readonly string[] {
  return at.routes.routes.flatMap((route) => (route.fn.address.segment === segment ? [route.fn.name] : []))
}

/** A structure of the MADT. */
export function madtEvidence(subject: Subject, entry: MadtEntry, value: string): Evidence {
  const path = subject.machine.acpi.madt.from[0]?.path ?? 'sys/firmware/acpi/tables/APIC'
  return { from: { path, at: { offset: entry.offset, length: entry.length } }, value }
}

/** `Linux 6.12`, or `Linux` where no release was named. */
export function linuxName(release: KernelRelease | undefined): string {
  return release ? `Linux ${release.text}` : 'Linux'
}

/** What becomes of a function without an SMMU in the IORT: Linux looks at the VIOT next. */
export function withoutSmmuWords(subject: Subject): string {
  const none = 'Linux gives such a function no StreamID: it has no IOMMU group and cannot be assigned'
  return subject.machine.acpi.viot.state === 'known' ? `${none}, unless the VIOT puts an IOMMU before it.` : `${none}.`
}
