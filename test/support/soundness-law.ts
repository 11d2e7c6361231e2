import { ABSENCE_AS_VALUE } from '../../src/report/probe/absence-as-value.js'
import { buildReport } from '../../src/report/probe/build.js'
import { probeMachine } from '../../src/probes/machine.js'
import type { MemorySysroot } from '../../src/sysroot/memory-sysroot.js'
import { RecordingSysroot } from '../../src/sysroot/recording-sysroot.js'
import { mutationsOf, type Mutation } from './mutations.js'
import { rememberingParsers } from './remembering-parsers.js'
import { strengthenings } from './strengthening.js'

export interface LawResult {
  readonly reads: number
  readonly mutations: number
  /** Strengthenings that no row of the table of absences covers. */
  readonly violations: readonly string[]
  /** Rows of the table that some strengthening needed. */
  readonly rows: ReadonlySet<string>
}

/** Rows that cover every path a mutation takes away; undefined where one is not covered. */
function coveringRows(mutation: Mutation): readonly string[] | undefined {
  const rows = mutation.removes.map((path) => ABSENCE_AS_VALUE.find((row) => row.path.test(path))?.fact)
  return rows.length > 0 && rows.every((row) => row !== undefined) ? rows : undefined
}

/** Does everything the law names to everything that the probes read of a machine, one thing at a time. */
export function checkLaw(sysroot: MemorySysroot): LawResult {
  const parsers = rememberingParsers()
  const recording = new RecordingSysroot(sysroot)
  const base = buildReport(probeMachine(recording, parsers))
  const { reads } = recording.record()
  const violations: string[] = []
  const rows = new Set<string>()
  let mutations = 0
  for (const read of reads) {
    for (const mutation of mutationsOf(read)) {
      mutations += 1
      const after = buildReport(probeMachine(sysroot.withChange(read.path, mutation.change), parsers))
      const stronger = strengthenings(base, after)
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
  return { reads: reads.length, mutations, violations, rows }
}
