import { isDeepStrictEqual } from 'node:util'
import { ABSENCE_AS_VALUE } from '../../src/report/probe/absence-as-value.js'
import type { Machine } from '../../src/machine/machine.js'
import type { ChangedSysroot } from '../../src/sysroot/changed-sysroot.js'
import type { MemorySysroot } from '../../src/sysroot/memory-sysroot.js'
import { RecordingSysroot } from '../../src/sysroot/recording-sysroot.js'
import { buildReport, verdictOnly } from './law-judgement.js'
import { probeMachine, probes } from './law-probes.js'
import { mutationsOf, type Mutation } from './mutations.js'
import { rememberingParsers } from './remembering-parsers.js'
import { strengthenings, type Strengthening } from './strengthening.js'
import type { Report } from '../../src/report/types.js'
import { Observation } from './observation.js'
import { StructuralKeys } from './structural-keys.js'

export interface LawResult {
  readonly reads: number
  readonly mutations: number
  /** Machines that were judged: of those with the same content one, and none that differs only in what no verdict looks at. */
  readonly judged: number
  /** Mutations that were probed and judged from the start as well. */
  readonly sampled: number
  /** Of those, where it came out otherwise. */
  readonly differences: readonly string[]
  /** Strengthenings that no row of the table of absences covers. */
  readonly violations: readonly string[]
  /** Rows of the table that some strengthening needed. */
  readonly rows: ReadonlySet<string>
}

/** One mutation of so many is done from the start too; prime, so that in time every kind has its turn on every kind of path. */
const SAMPLED = 199

/** Rows that cover every path a mutation takes away; undefined where one is not covered. */
function coveringRows(mutation: Mutation): readonly string[] | undefined {
  const rows = mutation.removes.map((path) => ABSENCE_AS_VALUE.find((row) => row.path.test(path))?.fact)
  return rows.length > 0 && rows.every((row) => row !== undefined) ? rows : undefined
}

/** All that the law is about. */
function aboutLaw({ devices, groups, summary, exitCode }: Report): unknown {
  return {
    devices: devices.map(({ address, verdict, kernel }) => ({ address, verdict, kernel })),
    groups: groups.map(({ id, verdict, isolatedMsi }) => ({ id, verdict, isolatedMsi })),
    verdict: summary.verdict,
    exitCode,
  }
}

/**
 * Judges machines that differ from one machine in little: what its probes read alike is not read again, what its
 * judgement does not look at changes nothing, and of machines with the same content one is judged.
 */
class Judge {
  judged = 0
  private readonly parsers = rememberingParsers()
  private readonly keys = new StructuralKeys()
  private readonly machine: Machine
  private readonly base: Report
  /** What the verdicts of the machine as it is looked at. */
  private readonly observation = new Observation()
  private readonly known = new Map<string, readonly Strengthening[]>()

  constructor(sysroot: MemorySysroot) {
    this.machine = probes.remember(() => probeMachine(sysroot, this.parsers))
    this.base = buildReport(this.machine)
    const observed = verdictOnly(() => buildReport(this.observation.of(this.machine)))
    if (!isDeepStrictEqual(aboutLaw(observed), aboutLaw(this.base)))
      throw new Error('verdicts need more than they should')
  }

  /** What is stronger of the changed machine. */
  stronger(changed: ChangedSysroot): readonly Strengthening[] {
    const machine = this.probed(changed)
    if (this.observation.sameIn(this.machine, machine)) return []
    const key = this.keyOf(machine)
    const known = this.known.get(key)
    if (known) return known
    this.judged += 1
    const stronger = strengthenings(
      this.base,
      verdictOnly(() => buildReport(machine)),
    )
    this.known.set(key, stronger)
    return stronger
  }

  private probed(changed: ChangedSysroot): Machine {
    return probes.recall(changed, (sysroot) => probeMachine(sysroot, this.parsers))
  }

  /** Whether all of it comes out the same where nothing is remembered. */
  agrees(changed: ChangedSysroot, stronger: readonly Strengthening[]): boolean {
    const machine = probeMachine(changed)
    const remembered = this.probed(changed)
    return (
      isDeepStrictEqual(machine, remembered) &&
      this.keyOf(machine) === this.keyOf(remembered) &&
      isDeepStrictEqual(strengthenings(this.base, buildReport(machine)), stronger)
    )
  }

  private keyOf(machine: Machine): string {
    return Object.entries(machine)
      .map(([name, part]: [string, unknown]) =>
        // Where the machine came from is the same for all, and no plain data.
        name === 'origin' || typeof part !== 'object' || part === null ? '' : this.keys.of(part),
      )
      .join(' ')
  }
}

/** Does everything the law names to everything that the probes read of a machine, one thing at a time. */
export function checkLaw(sysroot: MemorySysroot): LawResult {
  const recording = new RecordingSysroot(sysroot)
  probeMachine(recording)
  const { reads } = recording.record()
  const judge = new Judge(sysroot)
  const violations: string[] = []
  const differences: string[] = []
  const rows = new Set<string>()
  let mutations = 0
  let sampled = 0
  for (const read of reads) {
    for (const mutation of mutationsOf(read)) {
      mutations += 1
      const change = () => sysroot.withChange(read.path, mutation.change)
      const stronger = judge.stronger(change())
      if (mutations % SAMPLED === reads.length % SAMPLED) {
        sampled += 1
        if (!judge.agrees(change(), stronger)) differences.push(`${read.path} ${mutation.name}`)
      }
      if (stronger.length === 0) continue
      const covering = coveringRows(mutation)
      for (const row of covering ?? []) rows.add(row)
      if (covering) continue
      const [first] = stronger
      violations.push(
        `${read.path} ${mutation.name}: ${first?.subject} ${first?.what} ${first?.before} -> ${first?.after}`,
      )
    }
  }
  return { reads: reads.length, mutations, judged: judge.judged, sampled, differences, violations, rows }
}
