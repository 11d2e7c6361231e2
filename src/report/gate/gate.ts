import type { Verdict } from '../../rules/verdict.js'
import { DEFAULT_FAIL_ON, exitCodeOf, verdictUnder, type Criterion, type FailOn } from '../exit-code.js'
import type { DeviceReport } from '../types.js'
import { Acceptance, applyBaseline, entriesInForce, type Judged } from './apply-baseline.js'
import type { Baseline } from './baseline.js'
import type { GateSummary } from './gate-report.js'
import type { Policy } from './policy.js'

/** What decides the exit code. Verdicts never depend on it. */
export interface GateOptions {
  readonly failOn?: ReadonlySet<FailOn>
  /** What the exit code is about; without it, isolation. */
  readonly criterion?: Criterion
  /** Stands for both of them, and may ask for rules. */
  readonly policy?: Policy
  /** What is accepted, and today in UTC, `YYYY-MM-DD`. */
  readonly baseline?: { readonly file: Baseline; readonly day: string }
}

interface Gated {
  readonly exitCode: 0 | 1 | 3
  /** Undefined where neither a policy nor a baseline was given. */
  readonly summary: GateSummary | undefined
}

/** Rules of a policy that did not pass where it was asked, by how they ended. */
function failedRules(judged: Judged, asked: readonly DeviceReport[], { policy, baseline }: GateOptions) {
  const wanted = policy?.rules ?? new Set<string>()
  const accepted = new Acceptance(baseline ? entriesInForce(baseline.file.entries, baseline.day) : [])
  const addresses = new Set(asked.map(({ address }) => address))
  return judged.findings.filter(
    (finding) =>
      wanted.has(finding.rule) &&
      !accepted.coversFinding(finding) &&
      (finding.devices.length === 0 || finding.devices.some((device) => addresses.has(device))),
  )
}

/** Whether isolation is all that fails: of what the kernel refuses, or an obstacle stops, no entry speaks. */
function failsByIsolationAlone(criterion: Criterion, { assignable }: DeviceReport): boolean {
  switch (criterion) {
    case 'isolated':
      return true
    case 'assignable':
      return assignable.reasons.every((reason) => reason === 'not-isolated' || reason === 'isolation-unknown')
    case 'kernel':
      return false
  }
}

/** The exit code for the functions that were asked about, and what beside their verdicts decided it. */
export function gateOf(judged: Judged, asked: readonly DeviceReport[], options: GateOptions): Gated {
  const { policy, baseline } = options
  const failOn = policy?.failOn ?? options.failOn ?? DEFAULT_FAIL_ON
  const criterion = policy?.criterion ?? options.criterion ?? 'isolated'
  const fails = (verdict: Verdict) => exitCodeOf([verdict], failOn) !== 0
  const isAcceptable = (device: DeviceReport) => failsByIsolationAlone(criterion, device)
  const held = baseline && applyBaseline(baseline.file, baseline.day, judged, fails, isAcceptable)
  const accepted = new Set(held?.devices)
  const endpoints = asked.filter(({ role }) => role === 'endpoint')
  const verdicts = endpoints.map((device) =>
    accepted.has(device.address) ? 'isolated' : verdictUnder(criterion, device),
  )
  const failed = failedRules(judged, asked, options)
  // A rule that could not tell is no rule that passed.
  const ofRules = failed.map(({ outcome }): Verdict => (outcome === 'fail' ? 'not-isolated' : 'unknown'))
  const summary: GateSummary | undefined =
    policy || held
      ? {
          policy: policy?.name ?? 'default',
          failedRules: [...new Set(failed.map(({ rule }) => rule))].sort(),
          baseline: held ?? 'none',
        }
      : undefined
  // No endpoint at all stays unknown, whatever rules say.
  const exitCode = exitCodeOf(
    endpoints.length === 0 && !ofRules.includes('not-isolated') ? [] : [...verdicts, ...ofRules],
    failOn,
  )
  return { exitCode, summary }
}
