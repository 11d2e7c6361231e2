import type { Report } from '../index.js'
import { compareWithExpected } from './compare-expected.js'
import { compareWithOracle } from './compare-oracle.js'
import type { Comparison, Question } from './comparison.js'
import type { MachineFile } from './machine-file.js'
import type { Oracle } from './oracle.js'

/** A verdict that is weaker than the kernel's answer, and the rules that made it so. */
interface LoweredVerdict {
  readonly subject: string
  readonly expected: string
  readonly actual: string
  readonly rules: readonly string[]
}

/** How a report compares with what is known of its machine. */
export interface Judgement {
  readonly comparisons: number
  readonly agreed: number
  /** Gates that the report leaves open: sound, but less than the kernel answered. */
  readonly undecided: readonly Comparison[]
  /** Verdicts that a rule lowered, where the kernel does not know what the rule knows. */
  readonly lowered: readonly LoweredVerdict[]
  /** What must not be. */
  readonly differences: readonly Comparison[]
}

const GATES: readonly Question[] = ['vfioType1', 'iommufd']

/** Rules that take the isolation from the function: a caveat is no weaker than the kernel's answer. */
function rulesAgainst(report: Report, address: string): readonly string[] {
  const found = report.findings.filter(({ effect, devices }) => effect === 'not-isolated' && devices.includes(address))
  return [...new Set(found.map(({ rule }) => rule))].sort()
}

/**
 * Sorts the comparisons of one report. With the oracle of a running kernel a gate may be left open, and a verdict may be
 * weaker than the kernel's answer where a rule with an effect says why; what was written down by hand has to be met.
 */
export function judge(report: Report, machine: MachineFile | undefined, oracle: Oracle | undefined): Judgement {
  const undecided: Comparison[] = []
  const lowered: LoweredVerdict[] = []
  const differences: Comparison[] = []
  const answered = oracle ? compareWithOracle(report, oracle) : []
  const written = machine?.expected ? compareWithExpected(report, machine.expected) : []
  for (const comparison of answered) {
    const { question, subject, expected, actual } = comparison
    if (comparison.agrees) continue
    const rules = question === 'never too weak' ? rulesAgainst(report, subject) : []
    if (rules.length > 0) lowered.push({ subject, expected, actual, rules })
    else if (comparison.undecided && GATES.includes(question)) undecided.push(comparison)
    else differences.push(comparison)
  }
  for (const one of written.filter(({ agrees }) => !agrees)) differences.push(one)
  const all = [...answered, ...written]
  return { comparisons: all.length, agreed: all.filter(({ agrees }) => agrees).length, undecided, lowered, differences }
}
