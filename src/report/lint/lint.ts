import { contextOf } from '../../kernel/build-context.js'
import type { Diagnostic } from '../../machine/acpi-table.js'
import { NOT_GIVEN, type FirmwareInput } from '../../machine/firmware-input.js'
import { hex } from '../../machine/identifiers.js'
import { buildRoutes } from '../../routes/build.js'
import { kindOfOutcome } from '../../rules/evaluate.js'
import { diagnosticEvidence } from '../../rules/acpi/table-diagnostics.js'
import { tableDamaged } from '../../rules/acpi/ir201-table-damaged.js'
import { RULESET, rules } from '../../rules/registry.js'
import type { OutcomeItem, OutcomeKind, Reference, Rule, Severity, Subject } from '../../rules/rule.js'
import { isAtLeast, severityRank } from '../../rules/severity.js'
import { messageOf } from '../../rules/fill-message.js'
import { findingReport, evidenceReport, referencesOf } from '../finding.js'
import type { LintFailOn, LintFinding, LintReport, LintRuleResult } from './lint-report.js'
import { TOOL_VERSION } from '../version.js'

export interface LintOptions {
  /** The release that `linux` speaks about; the machine's own, else what all releases do. */
  readonly kernelRelease?: string
  /** The least severity that makes the exit code 1. */
  readonly failOn?: LintFailOn
}

const textOf = ({ title, locator }: Reference) => `${title}: ${locator}`
const isClause = ({ kind }: Reference) => kind !== 'bsa-rule' && kind !== 'linux'

/** A path as people know it: those of a machine are absolute, those of files are as they were given. */
const shown = (path: string, source: LintReport['source']) => (source.kind === 'files' ? path : `/${path}`)

function lintFinding(
  rule: Rule,
  kind: 'fail' | 'unknown',
  item: OutcomeItem,
  source: LintReport['source'],
): LintFinding {
  const finding = findingReport({ rule, kind, item })
  // A table that was not given has no place.
  const evidence = item.evidence.filter(({ from }) => from.excerpt !== NOT_GIVEN)
  const place = evidence[0]?.from
  return {
    ...finding,
    evidence: evidence.map((one) => evidenceReport(one, shown(one.from.path, source))),
    summary: messageOf(rule, item),
    path: place ? shown(place.path, source) : 'none',
    offset: place?.at ? hex(place.at.offset) : 'none',
    node: item.subject,
    clause: referencesOf({ rule, item }).filter(isClause).map(textOf),
    linux: item.linux ?? 'none',
    acsRule: rule.references.filter(({ kind }) => kind === 'bsa-rule').map(({ locator }) => locator),
  }
}

/** What was wrong with a file that no table came from, or that there are two tables of a kind. */
function ofFile(diagnostic: Diagnostic): OutcomeItem {
  const { path, offset, message, second } = diagnostic
  return {
    subject: `${path} ${hex(offset)}`,
    devices: [],
    message: second ? 'second' : 'damaged',
    details: { diagnostic: message },
    evidence: [diagnosticEvidence(diagnostic)],
    ...(second && { severity: 'info' }),
  }
}

interface Judged {
  readonly result: LintRuleResult
  readonly findings: readonly LintFinding[]
}

function judge(rule: Rule, subject: Subject, { source, diagnostics }: FirmwareInput): Judged {
  const outcome = rule.check(subject)
  const files = rule === tableDamaged ? diagnostics.map(ofFile) : []
  const failed = [...outcome.failed, ...files]
  const applicable = outcome.applicable || files.length > 0
  const result: LintRuleResult = { rule: rule.id, outcome: kindOfOutcome({ ...outcome, failed, applicable }) }
  const findings = [
    ...failed.map((item) => lintFinding(rule, 'fail', item, source)),
    ...outcome.unknown.map((item) => lintFinding(rule, 'unknown', item, source)),
  ]
  return { result, findings }
}

/** A table that is there and that nobody could read. */
const isUnread = ({ rule, outcome }: LintFinding) => rule === tableDamaged.id && outcome === 'unknown'

const wasJudged = ({ outcome }: LintRuleResult) => outcome === 'pass' || outcome === 'fail'

function exitCodeOf(
  findings: readonly LintFinding[],
  results: readonly LintRuleResult[],
  failOn: LintFailOn,
): LintReport['exitCode'] {
  if (failOn === 'never') return 0
  if (findings.some(({ outcome, severity }) => outcome === 'fail' && isAtLeast(severity, failOn))) return 1
  return findings.some(isUnread) || !results.some(wasJudged) ? 3 : 0
}

/** What rules look at, by the names that files and machines give it. */
const JUDGED: ReadonlySet<string> = new Set(['IORT', 'APIC', 'MCFG', 'DMAR', 'IVRS', 'VIOT', 'RIMT', 'devicetree'])

/** Tables that were given, or that the machine has, and that no rule is about. */
function notJudged({ machine, source, files }: FirmwareInput): LintReport['notJudged'] {
  const { names } = machine.acpi
  const others =
    source.kind !== 'files' && names.state === 'known'
      ? names.value.map((table) => ({ path: shown(names.from[0]?.path ?? '', source), table }))
      : files
          .filter(({ table }) => table !== 'unrecognised')
          .map(({ path, table }) => ({ path: shown(path, source), table }))
  return others.filter(({ table }) => !JUDGED.has(table) && /^[A-Z0-9_!]{4,8}$/.test(table))
}

/** Worst first; in one severity by rule, then as the rule found them. */
function inOrder(findings: readonly LintFinding[]): readonly LintFinding[] {
  return findings.toSorted(
    (left, right) =>
      severityRank(left.severity) - severityRank(right.severity) ||
      (left.rule < right.rule ? -1 : left.rule > right.rule ? 1 : 0),
  )
}

function countsOf(findings: readonly LintFinding[], results: readonly LintRuleResult[]): LintReport['summary'] {
  const failed = findings.filter(({ outcome }) => outcome === 'fail')
  const of = (severity: Severity) => failed.filter((finding) => finding.severity === severity).length
  const rulesWith = (outcome: OutcomeKind) => results.filter((result) => result.outcome === outcome).length
  return {
    findings: { critical: of('critical'), high: of('high'), medium: of('medium'), low: of('low'), info: of('info') },
    rules: {
      pass: rulesWith('pass'),
      fail: rulesWith('fail'),
      unknown: rulesWith('unknown'),
      'not-applicable': rulesWith('not-applicable'),
    },
  }
}

/**
 * Judges the firmware of one machine through the rules that `probe` runs too, those of scope `firmware`. Damaged tables
 * are judged as far as they can be read, and every damage is a finding.
 */
export function lintFirmware(input: FirmwareInput, options: LintOptions = {}): LintReport {
  const { machine, source, files } = input
  const context = contextOf(machine, options.kernelRelease)
  const subject: Subject = { machine, routes: buildRoutes(context) }
  const judged = rules
    .filter((rule) => rule.scope === 'firmware')
    .toSorted((left, right) => (left.id < right.id ? -1 : 1))
    .map((rule) => judge(rule, subject, input))
  const findings = inOrder(judged.flatMap((one) => one.findings))
  const results = judged.map(({ result }) => result)
  return {
    schema: 'intremap/lint',
    schemaVersion: '1.0.0',
    tool: { name: 'intremap', version: TOOL_VERSION, ruleset: RULESET },
    source,
    kernelRelease: context.release?.text ?? 'unknown',
    files: files.map(({ path, table }) => ({ path: shown(path, source), table })),
    notJudged: notJudged(input),
    findings,
    rules: results,
    summary: countsOf(findings, results),
    exitCode: exitCodeOf(findings, results, options.failOn ?? 'medium'),
  }
}
