import type { Provenance } from '../machine/fact.js'
import type { Finding } from '../rules/evaluate.js'
import { summaryOf } from '../rules/fill-message.js'
import { remedyFor } from '../rules/remedy.js'
import type { Evidence, FoundCause, MachineKind, Reference } from '../rules/rule.js'
import type { EvidenceReport, FindingReport, PlaceReport } from './types.js'

/** Where in a file: `offset 0x48, 20 bytes`, `line 3`. */
function locatorOf(at: PlaceReport | undefined): string {
  if (!at) return 'whole file'
  if ('line' in at) return `line ${at.line}`
  return 'offset' in at ? `offset 0x${at.offset.toString(16)}, ${at.length} bytes` : 'whole file'
}

/** The place of bytes or of a node; undefined for a whole file that is no node's. */
export function placeReport({ at, node }: Provenance): PlaceReport | undefined {
  const ofNode = node === undefined ? undefined : { node }
  return at ? { ...at, ...ofNode } : ofNode
}

/** What stands at a place, as the report states it. */
export function placedEvidence(source: string, at: PlaceReport | undefined, value: string): EvidenceReport {
  return { source, locator: locatorOf(at), ...(at ? { at } : {}), value }
}

/** A piece of evidence as the report states it, in a file that is called otherwise where that is given. */
export function evidenceReport({ from, value }: Evidence, source = `/${from.path}`): EvidenceReport {
  return placedEvidence(source, placeReport(from), value)
}

function jointCause({ id, summary, lasting }: FoundCause): FindingReport['cause'] {
  return { id, summary: sentenceOf(summary), lasting }
}

/** The clause of a cause as a sentence of its own; paths and names keep their first letter. */
export function sentenceOf(clause: string): string {
  const starts = /^[a-z]+ /.test(clause) ? `${clause.charAt(0).toUpperCase()}${clause.slice(1)}` : clause
  return `${starts}.`
}

/** What to read about a finding: of the table at hand first, then of the rule. */
export function referencesOf({ rule, item }: Pick<Finding, 'rule' | 'item'>): readonly Reference[] {
  return [...(item.references ?? []), ...rule.references]
}

/** A finding as the report states it, with the remedy that can be taken on such a machine. */
export function findingReport(finding: Finding, machine: ReadonlySet<MachineKind> = new Set()): FindingReport {
  const { rule, item } = finding
  const remedy = remedyFor(finding, machine)
  return {
    rule: rule.id,
    severity: finding.kind === 'fail' ? (item.severity ?? rule.severity) : 'info',
    outcome: finding.kind,
    effect: item.effect ?? rule.effect,
    subject: item.subject,
    devices: item.devices,
    summary: summaryOf(rule, item),
    evidence: item.evidence.map((one) => evidenceReport(one)),
    actor: remedy?.actor ?? item.actor ?? 'configuration',
    remedy: remedy?.text ?? '',
    cause: item.cause ? jointCause(item.cause) : 'none',
    references: referencesOf(finding).map((reference) => `${reference.title}: ${reference.locator}`),
  }
}

/** The finding as it is for one of its functions alone: with that one's cause in place of the joint one. */
export function findingOf(finding: Finding, device: string): Finding {
  const { item } = finding
  const own = item.causes?.get(device)
  if (!own) return finding
  const evidence = own.evidence.length > 0 ? own.evidence : item.evidence
  return { ...finding, item: { ...item, cause: own, details: { ...item.details, cause: own.summary }, evidence } }
}
