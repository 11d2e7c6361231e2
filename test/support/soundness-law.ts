import { isDeepStrictEqual } from 'node:util'
import { ABSENCE_AS_VALUE } from '../../src/report/probe/absence-as-value.js'
import { buildReport } from '../../src/report/probe/build.js'
import type { Machine } from '../../src/machine/machine.js'
import type { ChangedSysroot } from '../../src/sysroot/changed-sysroot.js'
import type { MemorySysroot } from '../../src/sysroot/memory-sysroot.js'
import { RecordingSysroot } from '../../src/sysroot/recording-sysroot.js'
import { probeMachine, probes } from './law-probes.js'
import { mutationsOf, type Mutation } from './mutations.js'
import { rememberingParsers } from './remembering-parsers.js'
import { strengthenings, type Strengthening } from './strengthening.js'
import { StructuralKeys } from './structural-keys.js'

export interface LawResult {
  readonly reads: number
  readonly mutations: number
  /** Machines that were judged: of those with the same content one. */
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

/**
 * Judges machines that differ from one machine in little: what its probes read alike is not read again, and of machines
 * with the same content one is judged.
 */
class Judge {
  judged = 0
  private readonly parsers = rememberingParsers()
  private readonly keys = new StructuralKeys()
  private readonly base
  private readonly known = new Map<string, readonly Strengthening[]>()

  constructor(sysroot: MemorySysroot) {
    this.base = buildReport(probes.remember(() => probeMachine(sysroot, this.parsers)))
  }

  /** What is stronger of the changed machine. */
  stronger(changed: ChangedSysroot): readonly Strengthening[] {
    const machine = probes.recall(() => probeMachine(changed, this.parsers))
    const key = this.keyOf(machine)
    const known = this.known.get(key)
    if (known) return known
    this.judged += 1
    const stronger = strengthenings(this.base, buildReport(machine))
    this.known.set(key, stronger)
    return stronger
  }

  /** Whether all of it comes out the same where nothing is remembered. */
  agrees(changed: ChangedSysroot, stronger: readonly Strengthening[]): boolean {
    const machine = probeMachine(changed)
    const remembered = probes.recall(() => probeMachine(changed, this.parsers))
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
