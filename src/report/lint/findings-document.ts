import type { Evaluation } from '../../rules/evaluate.js'
import { rules } from '../../rules/registry.js'
import type { OutcomeKind } from '../../rules/rule.js'
import { isAtLeast } from '../../rules/severity.js'
import { foldFindings, type FoldedFinding } from './fold-findings.js'
import type { LintFailOn, LintFinding, LintReport } from './lint-report.js'
import { ruleCatalogue, type RuleDescription } from '../catalogue/rule-catalogue.js'
import type { EvidenceReport, FindingReport, Report } from '../types.js'

/** A place in a file; `offset` and `length` in bytes, `node` the path of a node of a device tree. */
export interface Place {
  readonly path: string
  readonly offset?: number
  readonly length?: number
  readonly node?: string | undefined
  readonly value: string
}

export interface PlacedFinding {
  readonly finding: FindingReport
  /** The most telling place first; those of all findings of one cause in one file. */
  readonly places: readonly Place[]
  /** What is said beside the summary: what Linux makes of it. */
  readonly notes: readonly string[]
  /** Whether it is bad enough to fail a test. */
  readonly fails: boolean
}

export interface RuleResult {
  readonly rule: RuleDescription
  readonly outcome: OutcomeKind
  readonly findings: readonly PlacedFinding[]
}

/** Rules and what they found, whichever command ran them: what SARIF and JUnit are made from. */
export interface FindingsDocument {
  readonly command: 'probe' | 'lint'
  readonly tool: Report['tool']
  readonly source: LintReport['source']
  /** In the order of the rules' ids. */
  readonly results: readonly RuleResult[]
  readonly exitCode: number
}

function placeOf({ source, at, value }: EvidenceReport): Place {
  return { path: source, ...(at && !('line' in at) ? at : {}), value }
}

function placed<T extends FindingReport>(
  { first, more }: FoldedFinding<T>,
  notesOf: (finding: T) => readonly string[],
  failOn: LintFailOn,
): PlacedFinding {
  const bad = failOn !== 'never' && isAtLeast(first.severity, failOn)
  const all = [first, ...more]
  return {
    finding: first,
    places: all.flatMap(({ evidence }) => evidence.map(placeOf)),
    notes: [...new Set(all.flatMap(notesOf))],
    fails: first.outcome === 'fail' && bad,
  }
}

function resultsOf(
  findings: readonly PlacedFinding[],
  outcomes: ReadonlyMap<string, OutcomeKind>,
): readonly RuleResult[] {
  const byRule = new Map<string, PlacedFinding[]>()
  for (const placedFinding of findings) {
    const list = byRule.get(placedFinding.finding.rule) ?? []
    byRule.set(placedFinding.finding.rule, list)
    list.push(placedFinding)
  }
  return ruleCatalogue(rules).rules.flatMap((rule) => {
    const outcome = outcomes.get(rule.id)
    return outcome === undefined ? [] : [{ rule, outcome, findings: byRule.get(rule.id) ?? [] }]
  })
}

/** What `probe` found. A finding of medium or above fails its test; the exit code is the verdicts'. */
export function findingsOfProbe(report: Report, evaluation: Evaluation): FindingsDocument {
  const { tool, source, exitCode } = report
  const findings = foldFindings(report.findings).map((folded) => placed(folded, () => [], 'medium'))
  return { command: 'probe', tool, source, results: resultsOf(findings, evaluation.outcomes), exitCode }
}

/** What `lint` found. A finding fails its test where it fails the run. */
export function findingsOfLint(report: LintReport, failOn: LintFailOn = 'medium'): FindingsDocument {
  const { tool, source, exitCode } = report
  const outcomes = new Map(report.rules.map(({ rule, outcome }) => [rule, outcome]))
  const notesOf = ({ linux }: LintFinding) => (linux === 'none' ? [] : [linux])
  const findings = foldFindings(report.findings).map((folded) => placed(folded, notesOf, failOn))
  return { command: 'lint', tool, source, results: resultsOf(findings, outcomes), exitCode }
}
