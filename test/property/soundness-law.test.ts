import { describe, expect, it } from 'vitest'
import { buildReport } from '../../src/report/build.js'
import { ABSENCE_AS_VALUE } from '../../src/report/absence-as-value.js'
import { probeMachine } from '../../src/probes/machine.js'
import { RecordingSysroot } from '../../src/sysroot/recording-sysroot.js'
import type { MemorySysroot } from '../../src/sysroot/memory-sysroot.js'
import { lawMachines } from '../support/machines.js'
import { mutationsOf, type Mutation } from '../support/mutations.js'
import { strengthenings } from '../support/strengthening.js'

interface LawResult {
  readonly reads: number
  readonly mutations: number
  readonly violations: readonly string[]
  readonly rows: ReadonlySet<string>
}

/** Rows that cover every path a mutation takes away; undefined where one is not covered. */
function coveringRows(mutation: Mutation): readonly string[] | undefined {
  const rows = mutation.removes.map((path) => ABSENCE_AS_VALUE.find((row) => row.path.test(path))?.fact)
  return rows.length > 0 && rows.every((row) => row !== undefined) ? rows.flatMap((row) => row ?? []) : undefined
}

function checkLaw(sysroot: MemorySysroot): LawResult {
  const recording = new RecordingSysroot(sysroot)
  const base = buildReport(probeMachine(recording))
  const { reads } = recording.record()
  const violations: string[] = []
  const rows = new Set<string>()
  let mutations = 0
  for (const read of reads) {
    for (const mutation of mutationsOf(read)) {
      mutations += 1
      const after = buildReport(probeMachine(sysroot.withChange(read.path, mutation.change)))
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

describe('the law of soundness: no failed read and no loss makes anything stronger', async () => {
  const exercised = new Set<string>()
  let total = 0
  for (const { name, sysroot } of await lawMachines()) {
    it(name, () => {
      const result = checkLaw(sysroot)
      for (const row of result.rows) exercised.add(row)
      total += result.mutations
      expect(result.mutations).toBeGreaterThan(result.reads)
      expect(result.violations).toEqual([])
    })
  }
  it('needs every row of the table of absences', () => {
    console.log(`${total} mutations in all`)
    expect(ABSENCE_AS_VALUE.map((row) => row.fact).filter((fact) => !exercised.has(fact))).toEqual([])
  })
})
