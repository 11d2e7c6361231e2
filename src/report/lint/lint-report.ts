import type { OutcomeKind, Severity } from '../../rules/rule.js'
import type { FindingReport } from '../types.js'

/** The least severity that makes `lint` fail. */
export type LintFailOn = Severity | 'never'

/** A finding with where it is, what is said about it elsewhere, and what Linux makes of it. */
export interface LintFinding extends FindingReport {
  /** File of its first piece of evidence, or `none`. */
  readonly path: string
  /** Offset in that file, lower-case hex, or `none`. */
  readonly offset: string
  /** The node, structure or property it is about. */
  readonly node: string
  /** Clauses of specifications and bindings. */
  readonly clause: readonly string[]
  /** What Linux makes of it on the release asked about, or `none`. */
  readonly linux: string
  /** Rules of the Arm Base System Architecture, as its compliance suite names them. */
  readonly acsRule: readonly string[]
}

/** What became of one rule. */
export interface LintRuleResult {
  readonly rule: string
  readonly outcome: OutcomeKind
}

/** What `lint` found in the firmware of one machine. Plain data; unknown is a string, never null. */
export interface LintReport {
  readonly schema: 'intremap/lint'
  readonly schemaVersion: string
  readonly tool: { readonly name: 'intremap'; readonly version: string; readonly ruleset: string }
  readonly source: { readonly kind: 'live' | 'sysroot' | 'bundle' | 'emulated' | 'files'; readonly name: string }
  /** The release asked about, or `unknown`: then all are spoken of. */
  readonly kernelRelease: string
  readonly files: readonly { readonly path: string; readonly table: string }[]
  /** Tables that no rule is about; of a machine the path is where its tables are. */
  readonly notJudged: readonly { readonly path: string; readonly table: string }[]
  /** Worst first. */
  readonly findings: readonly LintFinding[]
  readonly rules: readonly LintRuleResult[]
  readonly summary: {
    /** Failed findings by severity. */
    readonly findings: Readonly<Record<Severity, number>>
    /** Rules by outcome. */
    readonly rules: Readonly<Record<OutcomeKind, number>>
  }
  readonly exitCode: 0 | 1 | 3
}
