import { isDeepStrictEqual } from 'node:util'
import type { Machine } from '../../src/machine/machine.js'
import type { Report } from '../../src/report/types.js'
import { buildReport, verdictOnly } from './law-judgement.js'
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
  private readonly machine: Machine
  private readonly observation = new Observation()
  private readonly keys = new StructuralKeys()
  private readonly known = new Map<string, Report>()

  /** @throws where what is passed over for verdicts changes one */
  constructor(machine: Machine) {
    this.machine = machine
    this.base = buildReport(machine)
    const observed = verdictOnly(() => buildReport(this.observation.of(machine)))
    if (!isDeepStrictEqual(aboutLaw(observed), aboutLaw(this.base)))
      throw new Error('a verdict needs what is passed over')
  }

  /** The verdicts of another machine. */
  of(machine: Machine): Report {
    if (this.observation.sameIn(this.machine, machine)) return this.base
    const key = this.keyOf(machine)
    let report = this.known.get(key)
    if (!report) {
      this.judged += 1
      report = verdictOnly(() => buildReport(machine))
      this.known.set(key, report)
    }
    return report
  }

  /** Where the machine came from is the same for all, and no plain data. */
  private keyOf(machine: Machine): string {
    return Object.entries(machine)
      .map(([name, part]: [string, unknown]) =>
        name === 'origin' || typeof part !== 'object' || part === null ? '' : this.keys.of(part),
      )
      .join(' ')
  }
}
