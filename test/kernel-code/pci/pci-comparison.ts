import { afterAll, describe, expect, test } from 'vitest'
import { parseRelease, type KernelRelease } from '../../../src/kernel/release.js'
import {
  bridgesAbove,
  buildPciTopology,
  functionsOnBus,
  type PciTopology,
} from '../../../src/kernel/pci/pci-topology.js'
import type { PciFunction } from '../../../src/machine/pci.js'
import { Draw } from '../draw.js'
import { Comparison, QUESTIONS, RELEASES, SEED, TIMEOUT, words } from '../oracle.js'
import { drawTopology, type DrawnTopology } from './draw-topology.js'
import { pciOracle, type PciOracle } from './pci-oracle.js'

/** What the oracle is asked about every function: see its loop. */
export const PCI_QUESTIONS = { aliases: 0, acs: 1, group: 2, groupInTurn: 3 } as const

/** How we answer for the functions of one drawn machine. */
export type Answering = (topology: PciTopology, drawn: DrawnTopology) => (fn: PciFunction, theirs: string) => OurAnswer

/** Ours, in the oracle's words; undefined where we do not know. */
export interface OurAnswer {
  readonly text: string | undefined
  /** Whether something that can be read, and decides, is in registers that nobody decodes. */
  readonly registers: boolean
}

interface PciComparison {
  readonly comparison: Comparison
  /** Answers we did not know although everything there was to read could be read, and no register decided. */
  readonly needlessDoubts: readonly string[]
}

/** Draws machines, asks both sides about all functions of each, and counts. A quarter of the machines is damaged. */
function comparePci(
  { oracle, source }: PciOracle,
  release: KernelRelease,
  question: number,
  answer: Answering,
): PciComparison {
  const draw = new Draw(SEED)
  const comparison = new Comparison()
  const needlessDoubts: string[] = []
  while (comparison.asked < QUESTIONS) {
    const machines = Array.from({ length: 1500 }, () => drawTopology(draw, source, draw.chance(25)))
    const lines = oracle.ask(Buffer.concat(machines.flatMap(({ encoded }) => [words(question), encoded])))
    let at = 0
    for (const drawn of machines) {
      const topology = buildPciTopology(drawn.functions, release)
      const answerOf = answer(topology, drawn)
      for (const fn of drawn.functions) {
        const theirs = lines[at++] ?? ''
        const { text, registers } = answerOf(fn, theirs)
        const example = () =>
          JSON.stringify({ function: fn.name, ours: text, theirs, machine: describeMachine(drawn, topology, fn) })
        if (text === undefined) {
          comparison.unknown++
          if (!drawn.damaged && !registers) needlessDoubts.push(example())
        } else if (text === theirs) comparison.equal++
        else comparison.differs(kindOf(text, theirs), example)
      }
    }
  }
  return { comparison, needlessDoubts }
}

const shape = (answer: string) => answer.replaceAll(/\d+/g, 'N').replaceAll(/(?: N:N)+/g, ' N:N…')
const kindOf = (ours: string, theirs: string) => `${shape(ours)} where the kernel says ${shape(theirs)}`

/** A line for each function that stands on a bus of the asked one's way up: short, and enough to become a test. */
function describeMachine(drawn: DrawnTopology, topology: PciTopology, asked: PciFunction): readonly string[] {
  const { functions, groups, hasIvrs } = drawn
  const way = [asked, ...(bridgesAbove(topology, asked) ?? functions)].map((fn) => functionsOnBus(topology, fn))
  const lines = functions
    .filter((fn) => way.some((bus) => bus.includes(fn)))
    .map((fn) => {
      const hex = (fact: PciFunction['vendor']) => (fact.state === 'known' ? fact.value.toString(16) : '?')
      const space = fn.configuration.state === 'known' ? fn.configuration.value : undefined
      const type = space?.pcie.state === 'known' ? space.pcie.value.portType : (space?.pcie.state ?? '?')
      const acs = space?.acs.state === 'known' ? `${space.acs.value.capability}/${space.acs.value.control}` : '-'
      const above = fn.upstream.state === 'known' ? fn.upstream.value.join('>') : '?'
      return [
        `${above} ${fn.name} ${hex(fn.vendor)}:${hex(fn.device)} class ${hex(fn.classCode)} header ${space?.headerType ?? '?'}`,
        `${type} ${space?.multifunctionBit ? 'multi' : ''} secondary ${space?.bridge?.secondaryBus ?? '-'} acs ${acs}`,
        `vf of ${fn.physicalFunction.state === 'known' ? fn.physicalFunction.value : '-'} group ${groups.get(fn.name) ?? '-'}`,
      ].join(' ')
    })
  return [`ivrs ${hasIvrs ? 'yes' : 'no'}`, ...lines]
}

/** One question about every function of a machine. */
export interface PciQuestion {
  /** What of Linux answers it, as the figures call it. */
  readonly name: string
  /** Ends the name of the test. */
  readonly about?: string
  readonly question: number
  readonly answer: Answering
  /** We may not know one answer in so many. */
  readonly oneUnknownIn: number
}

/** Figures of a run. */
function summary(name: string, release: string, { comparison, needlessDoubts }: PciComparison): string {
  return (
    `${name} ${release}: ${comparison.asked} questions, ${comparison.equal} equal, ` +
    `${comparison.unknown} unknown of ours, ${needlessDoubts.length} of them without a reason`
  )
}

/** For each release and question: no difference, and doubts only where something could not be read or registers decide. */
export function describePci(title: string, questions: readonly PciQuestion[]): void {
  describe.skipIf(RELEASES.length === 0)(title, () => {
    const oracles: PciOracle[] = []
    afterAll(() => {
      for (const { oracle } of oracles) oracle.remove()
    })
    for (const { name, about = '', question, answer, oneUnknownIn } of questions)
      test.each(RELEASES)(
        `Linux %s answers ${QUESTIONS} questions as we do${about}`,
        (release) => {
          const parsed = parseRelease(release)
          if (!parsed) throw new Error(release)
          const linux = pciOracle(release)
          oracles.push(linux)
          const result = comparePci(linux, parsed, question, answer)
          console.log(summary(name, release, result))
          expect(result.comparison.differences).toEqual([])
          expect(result.needlessDoubts.slice(0, 3)).toEqual([])
          expect(result.comparison.unknown).toBeLessThan(result.comparison.asked / oneUnknownIn)
        },
        TIMEOUT,
      )
  })
}
