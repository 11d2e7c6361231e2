import type { Finding } from '../rules/evaluate.js'
import { remedyFor } from '../rules/remedy.js'
import type { MachineKind } from '../rules/rule.js'
import type { FindingReport } from './types.js'

/** Fills the {placeholders} of a rule's message; one without a detail stays as it is. */
export function fillMessage(template: string, details: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (whole, key: string) => details[key] ?? whole)
}

/** Where in a file: `offset 0x48, 20 bytes`. */
export function locatorOf(at: { readonly offset: number; readonly length: number } | undefined): string {
  return at ? `offset 0x${at.offset.toString(16)}, ${at.length} bytes` : 'whole file'
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
    summary: fillMessage(rule.messages[item.message] ?? rule.title, item.details),
    evidence: item.evidence.map(({ from, value }) => ({ source: `/${from.path}`, locator: locatorOf(from.at), value })),
    actor: remedy?.actor ?? item.actor ?? 'configuration',
    remedy: remedy?.text ?? '',
    references: rule.references.map((reference) => `${reference.title}: ${reference.locator}`),
  }
}
