import { isDeepStrictEqual } from 'node:util'
import { ABSENCE_AS_VALUE } from '../../src/report/probe/absence-as-value.js'
import type { Machine } from '../../src/machine/machine.js'
import type { ChangedSysroot } from '../../src/sysroot/changed-sysroot.js'
import type { MemorySysroot } from '../../src/sysroot/memory-sysroot.js'
import { RecordingSysroot } from '../../src/sysroot/recording-sysroot.js'
import { buildReport } from './law-judgement.js'
import { probeMachine, probes } from './law-probes.js'
import { mutationsOf, type Mutation } from './mutations.js'
import { rememberingParsers } from './remembering-parsers.js'
import { strengthenings } from './strengthening.js'
import type { Report } from '../../src/report/types.js'
import { aboutLaw, Verdicts } from './verdicts.js'

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

/** Probes and judges the machines that a machine becomes, with what was found of it remembered. */
class Judge {
  readonly verdicts: Verdicts
  private readonly parsers = rememberingParsers()

  constructor(sysroot: MemorySysroot) {
    this.verdicts = new Verdicts(probes.remember(() => probeMachine(sysroot, this.parsers)))
  }

  of(changed: ChangedSysroot): Report {
    return this.verdicts.of(this.probed(changed))
  }

  /** Whether all of it comes out the same where nothing is remembered and nothing passed over. */
  agrees(changed: ChangedSysroot, report: Report): boolean {
    const machine = probeMachine(changed)
    return (
      isDeepStrictEqual(machine, this.probed(changed)) &&
      isDeepStrictEqual(aboutLaw(buildReport(machine)), aboutLaw(report))
    )
  }

  private probed(changed: ChangedSysroot): Machine {
    return probes.recall(changed, (sysroot) => probeMachine(sysroot, this.parsers))
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
      const after = judge.of(change())
      const stronger = strengthenings(judge.verdicts.base, after)
      if (mutations % SAMPLED === reads.length % SAMPLED) {
        sampled += 1
        if (!judge.agrees(change(), after)) differences.push(`${read.path} ${mutation.name}`)
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
  return { reads: reads.length, mutations, judged: judge.verdicts.judged, sampled, differences, violations, rows }
}
