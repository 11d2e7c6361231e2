import { ABSENCE_AS_VALUE } from '../../src/report/probe/absence-as-value.js'
import type { Machine } from '../../src/machine/machine.js'
import type { ChangedSysroot } from '../../src/sysroot/changed-sysroot.js'
import type { MemorySysroot } from '../../src/sysroot/memory-sysroot.js'
import { RecordingSysroot } from '../../src/sysroot/recording-sysroot.js'
import { buildReport } from './law-judgement.js'
import { probeMachine, probes } from './law-probes.js'
import { mutationsOf, type Mutation } from './mutations.js'
import { RedactedMachines } from './redacted-machines.js'
import type { ProbeMemory } from './remembered-probes.js'
import { rememberingParsers } from './remembering-parsers.js'
import { sameContent } from './same-content.js'
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
  /** Mutations that were seen through redaction as well. */
  readonly redacted: number
  /** Of those, what is stronger than without it. */
  readonly redactionViolations: readonly string[]
  /** Strengthenings that no row of the table of absences covers. */
  readonly violations: readonly string[]
  /** Rows of the table that some strengthening needed. */
  readonly rows: ReadonlySet<string>
}

/** One mutation of so many is done from the start too; prime, so that in time every kind has its turn on every kind of path. */
const SAMPLED = 199

/** One of so many is seen through redaction too, with a step that is prime to their kinds. */
const REDACTED = 41

/** Rows that cover every path a mutation takes away; undefined where one is not covered. */
function coveringRows(mutation: Mutation): readonly string[] | undefined {
  const rows = mutation.removes.map((path) => ABSENCE_AS_VALUE.find((row) => row.path.test(path))?.fact)
  return rows.length > 0 && rows.every((row) => row !== undefined) ? rows : undefined
}

/** Probes whose answers are sections of the machine, by the section: one that no verdict looks at is not probed again. */
const SECTIONS = { firmware: 'probeFirmwareIdentity', pciNames: 'probePciNames' } as const

/** Probes and judges the machines that a machine becomes, with what was found of it remembered. */
class Judge {
  readonly verdicts: Verdicts
  readonly parsers = rememberingParsers()
  private readonly memory: ProbeMemory

  constructor(sysroot: MemorySysroot) {
    const { result, memory } = probes.remember(() => probeMachine(sysroot, this.parsers))
    // Where other tests loaded the probes first, all of this goes on without, in twice the time.
    if (memory.calls.size === 0) throw new Error('the probes were loaded before they could be remembered')
    this.memory = memory
    this.verdicts = new Verdicts(result)
    for (const [section, probe] of Object.entries(SECTIONS)) {
      if (!this.verdicts.lookAt(section)) memory.passedOver.add(probe)
    }
  }

  of(changed: ChangedSysroot): Report {
    return this.verdicts.of(this.probed(changed))
  }

  /** Whether all of it comes out the same where nothing is remembered and nothing passed over. */
  agrees(changed: ChangedSysroot, report: Report): boolean {
    const machine = probeMachine(changed)
    return (
      sameContent(this.judged(machine), this.judged(this.probed(changed))) &&
      sameContent(aboutLaw(buildReport(machine)), aboutLaw(report))
    )
  }

  private probed(changed: ChangedSysroot): Machine {
    return probes.recall(this.memory, changed, (sysroot) => probeMachine(sysroot, this.parsers))
  }

  /** A machine without the sections that are not probed again. */
  private judged(machine: Machine): object {
    return Object.fromEntries(
      Object.entries(machine).filter(([name]) => !(name in SECTIONS) || this.verdicts.lookAt(name)),
    )
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
  const through = new RedactedMachines(sysroot, judge.parsers)
  const redactionViolations: string[] = []
  let mutations = 0
  let sampled = 0
  let redacted = 0
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
      if ((mutations - 1) % REDACTED === 0) {
        redacted += 1
        const isSampled = redacted % REDACTED === 0
        const { report, agrees } = through.of(change(), isSampled)
        if (!agrees) differences.push(`${read.path} ${mutation.name}, redacted`)
        for (const { subject, what } of strengthenings(after, report))
          redactionViolations.push(`${read.path} ${mutation.name}: ${subject} ${what}`)
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
  const { judged } = judge.verdicts
  return {
    reads: reads.length,
    mutations,
    judged,
    sampled,
    differences,
    redacted,
    redactionViolations,
    violations,
    rows,
  }
}
