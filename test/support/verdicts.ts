import { isDeepStrictEqual } from 'node:util'
import type { Machine } from '../../src/machine/machine.js'
import type { Report } from '../../src/report/types.js'
import { buildReport, verdictOnly } from './law-judgement.js'
import { Differences, type UnreadFact } from './differences.js'
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
 * and of machines with the same content one is judged, whatever the reasons why something could not be read, unless the
 * judgement asks for one. The reports hold no more than `aboutLaw` takes.
 */
export class Verdicts {
  judged = 0
  readonly base: Report
  private readonly machine: Machine
  private readonly observation = new Observation()
  private readonly differences: Differences
  private readonly known = new Map<string, Report>()

  /** @throws where what is passed over for verdicts changes one */
  constructor(machine: Machine) {
    this.machine = machine
    this.base = buildReport(machine)
    const observed = verdictOnly(() => buildReport(this.observation.of(machine)))
    if (!isDeepStrictEqual(aboutLaw(observed), aboutLaw(this.base)))
      throw new Error('a verdict needs what is passed over')
    this.differences = new Differences(machine, this.observation, new StructuralKeys())
  }

  /** Whether they were decided with a look at a section of the machine. */
  lookAt(section: string): boolean {
    return this.observation.sees(this.machine, section)
  }

  /** The verdicts of another machine. */
  of(machine: Machine): Report {
    const differing = this.differences.of(machine)
    if (differing === undefined) return this.base
    const reasons = differing.unread.map(({ reason }) => reason).join(' ')
    const whole = `${differing.words}\nfor ${reasons}`
    const known = this.known.get(differing.words) ?? this.known.get(whole)
    if (known) return known
    this.judged += 1
    const { result, hasLooked } = watchingReasons(differing.unread, () => verdictOnly(() => buildReport(machine)))
    this.known.set(hasLooked ? whole : differing.words, result)
    return result
  }
}

/** Tells whether a run looks at the reasons of facts that could not be read. */
function watchingReasons<T>(facts: readonly UnreadFact[], run: () => T): { result: T; hasLooked: boolean } {
  let hasLooked = false
  const reasons = [...new Set(facts)].map((fact) => [fact, fact.reason] as const)
  for (const [fact, reason] of reasons) {
    const get = () => {
      hasLooked = true
      return reason
    }
    Object.defineProperty(fact, 'reason', { get, enumerable: true, configurable: true })
  }
  try {
    return { result: run(), hasLooked }
  } finally {
    for (const [fact, value] of reasons) {
      Object.defineProperty(fact, 'reason', { value, enumerable: true, configurable: true, writable: true })
    }
  }
}
