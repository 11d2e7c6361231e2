import { renderHumanExplain } from '../render/explain/human-explain.js'
import { renderHumanRule } from '../render/rules/human-rule.js'
import { renderHumanTerm } from '../render/terms/human-term.js'
import type { TermEntry } from '../render/terms/terms.js'
import { renderHumanRules } from '../render/rules/human-rules.js'
import { toJson } from '../render/formats/json.js'
import { renderHumanDiff } from '../render/diff/human-diff.js'
import { RENDERERS, type RendererName } from '../render/registry.js'
import type { DeviceExplanation } from '../report/explain/explanation.js'
import type { RuleCatalogue, RuleDescription } from '../report/catalogue/rule-catalogue.js'
import type { DiffReport } from '../report/diff/diff-types.js'
import type { Report } from '../report/types.js'
import { writeStdout } from './output.js'
import { renderOptions, type OutputFlags } from './terminal.js'

interface PrintFlags extends OutputFlags {
  readonly json: boolean
}

/** Prints a report in the named human form, or as JSON where that was asked for. */
export function printReport(report: Report, name: RendererName, flags: PrintFlags): void {
  writeStdout(RENDERERS[flags.json ? 'json' : name](report, renderOptions(flags)))
}

/** Prints what differs, as text or as JSON. */
export function printDiff(diff: DiffReport, flags: PrintFlags): void {
  writeStdout(flags.json ? toJson(diff) : renderHumanDiff(diff, renderOptions(flags)))
}

/** Prints all rules, as a table or as JSON. */
export function printRules(catalogue: RuleCatalogue, flags: PrintFlags): void {
  writeStdout(flags.json ? toJson(catalogue) : renderHumanRules(catalogue, renderOptions(flags)))
}

/** Prints a document as text or as JSON. The text is plain: whoever makes it escapes what comes from a machine. */
export function printDocument(document: object, text: () => string, flags: { readonly json: boolean }): void {
  writeStdout(flags.json ? toJson(document) : text())
}

/** Prints what `explain` found of a device, as text or as JSON. */
export function printExplanation(explanation: DeviceExplanation, flags: PrintFlags): void {
  writeStdout(flags.json ? toJson(explanation) : renderHumanExplain(explanation, renderOptions(flags)))
}

/** The reference page of one rule; as JSON a catalogue of that rule alone. */
export function printRule(rule: RuleDescription, flags: PrintFlags): void {
  const catalogue: RuleCatalogue = { schema: 'intremap/rules', schemaVersion: '1.0.0', rules: [rule] }
  writeStdout(flags.json ? toJson(catalogue) : renderHumanRule(rule, renderOptions(flags)))
}

/** What a term means. */
export function printTerm(entry: TermEntry, flags: PrintFlags): void {
  const document = { schema: 'intremap/term', schemaVersion: '1.0.0', ...entry }
  writeStdout(flags.json ? toJson(document) : renderHumanTerm(entry, renderOptions(flags)))
}
