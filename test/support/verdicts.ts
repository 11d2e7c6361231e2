import { isDeepStrictEqual } from 'node:util'
import type { Machine } from '../../src/machine/machine.js'
import type { Report } from '../../src/report/types.js'
import { buildReport, verdictOnly } from './law-judgement.js'
import { Differences } from './differences.js'
import { Observation } from './observation.js'
import { StructuralKeys } from './structural-keys.js'

/** All of a report that the law is about. */
export function aboutLaw({ devices, groups, summary, exitCode }: Report): unknown {
  return {
    devices: devices.map(({ address, verdict, kernel }) => ({ address, verdict, kernel })),
    groups: groups.map(({ id, verdict, isolatedMsi }) => ({ id, verdict, isolatedMsi })),
    verdict: summary.verdict,
    exitCode,
  }
}

/**
 * The verdicts of machines that differ from one machine in little: what its judgement does not look at changes nothing,
 * and of machines with the same content one is judged. The reports hold no more than `aboutLaw` takes.
 */
export class Verdicts {
  judged = 0
  readonly base: Report
  private readonly differences: Differences
  private readonly known = new Map<string, Report>()

  /** @throws where what is passed over for verdicts changes one */
  constructor(machine: Machine) {
    this.base = buildReport(machine)
    const observation = new Observation()
    const observed = verdictOnly(() => buildReport(observation.of(machine)))
    if (!isDeepStrictEqual(aboutLaw(observed), aboutLaw(this.base)))
      throw new Error('a verdict needs what is passed over')
    this.differences = new Differences(machine, observation, new StructuralKeys())
  }

  /** The verdicts of another machine. */
  of(machine: Machine): Report {
    const differences = this.differences.of(machine)
    if (differences === undefined) return this.base
    let report = this.known.get(differences)
    if (!report) {
      this.judged += 1
      report = verdictOnly(() => buildReport(machine))
      this.known.set(differences, report)
    }
    return report
  }
}
