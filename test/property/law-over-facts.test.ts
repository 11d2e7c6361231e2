import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emulateMachine } from '../../src/emulator/emulate.js'
import type { FunctionDescription, MachineDescription } from '../../src/emulator/machine-description.js'
import { unreadable } from '../../src/machine/fact.js'
import type { Machine } from '../../src/machine/machine.js'
import { probeMachine } from '../../src/probes/machine.js'
import { MemorySysroot, MemoryTree } from '../../src/sysroot/memory-sysroot.js'
import { anyMachine, armMachines } from '../support/drawn-machines.js'
import { factPlaces } from '../support/fact-places.js'
import { buildReport, verdictOnly } from '../support/law-judgement.js'
import { Observation } from '../support/observation.js'
import { strengthenings } from '../support/strengthening.js'
import { aboutLaw } from '../support/verdicts.js'

const SEED = Number(process.env['PROPERTY_SEED'] ?? 20261122)
const MACHINES = Number(process.env['PROPERTY_RUNS'] ?? 30)
/** Facts of one machine that are replaced; another part of them for each machine. */
const FACTS = Number(process.env['PROPERTY_FACTS'] ?? 80)
/** One of so many is reported whole too, to see that its verdicts are the same. */
const WHOLE = 41

function probed(machine: MachineDescription): Machine {
  const tree = emulateMachine(machine)
  return probeMachine(new MemorySysroot({ kind: 'emulated', name: machine.name }, new MemoryTree(tree)))
}

/** Changes the first function that drives interrupts. */
function changed(
  functions: readonly FunctionDescription[],
  change: Partial<FunctionDescription>,
): readonly FunctionDescription[] {
  let done = false
  const walk = (list: readonly FunctionDescription[]): readonly FunctionDescription[] =>
    list.map((fn) => {
      if (!done && fn.msix !== undefined) {
        done = true
        return { ...fn, ...change }
      }
      return fn.functions ? { ...fn, functions: walk(fn.functions) } : fn
    })
  return walk(functions)
}

/** Machines one function of which has interrupts, or a group, that firmware knows nothing of. */
const contradictory = fc
  .record({
    machine: armMachines(),
    change: fc.constantFrom<Partial<FunctionDescription>>(
      { chipName: 'GICv2m-PCI-MSIX-0000:01:00.0' },
      { chipName: 'ITS-PCI-MSIX-0000:01:00.0' },
      { chipName: 'ITS-MSI' },
      { group: 77 },
      { group: null },
    ),
  })
  .map(({ machine, change }): MachineDescription => ({
    ...machine,
    rootComplexes: machine.rootComplexes.map((complex, index) =>
      index === 0 ? { ...complex, functions: changed(complex.functions, change) } : complex,
    ),
  }))

interface Tally {
  facts: number
  judged: number
  lowered: number
  readonly violations: string[]
}

/** Replaces facts one at a time, `FACTS` of them evenly spread from `start` on. */
function checkFacts(description: MachineDescription, start: number, tally: Tally): void {
  const machine = probed(description)
  const before = buildReport(machine)
  const observation = new Observation()
  expect(aboutLaw(verdictOnly(() => buildReport(observation.of(machine))))).toEqual(aboutLaw(before))
  const places = factPlaces(machine)
  const step = Math.max(1, Math.floor(places.length / FACTS))
  for (let index = start % step; index < places.length; index += step) {
    const place = places[index]
    if (!place || place.fact.state === 'unreadable') continue
    const reason = index % 2 === 0 ? 'permission' : 'malformed'
    const replacement = unreadable(reason, ...place.fact.from)
    // No verdict looks at it: without it the same way is taken to the same answer.
    const isPassedOver = !observation.sees(place.holder, place.name) || !observation.enters(place.fact)
    const after = isPassedOver ? before : place.with(replacement, () => verdictOnly(() => buildReport(machine)))
    tally.facts += 1
    if (!isPassedOver) tally.judged += 1
    if (tally.facts % WHOLE === 0) {
      expect(aboutLaw(after)).toEqual(aboutLaw(place.with(replacement, () => buildReport(machine))))
    }
    if (after.summary.verdict !== before.summary.verdict || after.exitCode !== before.exitCode) tally.lowered += 1
    const [first] = strengthenings(before, after)
    if (first) {
      const { subject, what } = first
      tally.violations.push(
        `${place.path} (${place.fact.state}): ${subject} ${what} ${first.before} -> ${first.after}\n${JSON.stringify(description)}`,
      )
    }
  }
  expect(buildReport(machine)).toEqual(before)
}

describe('the law of soundness over facts: replacing one by unreadable strengthens nothing', () => {
  it.each([
    ['machines drawn at random', anyMachine()],
    ['machines that contradict themselves', contradictory],
  ])(`on %s (${MACHINES} machines, seed ${SEED})`, (what, machines) => {
    const tally: Tally = { facts: 0, judged: 0, lowered: 0, violations: [] }
    fc.sample(machines, { numRuns: MACHINES, seed: SEED }).forEach((machine, index) =>
      checkFacts(machine, index, tally),
    )
    console.log(
      `${what}: ${tally.facts} facts replaced, ${tally.judged} judged, ${tally.lowered} of them changed the machine's answer`,
    )
    expect(tally.violations.slice(0, 5)).toEqual([])
    expect(tally.facts).toBeGreaterThan(MACHINES * 50)
    expect(tally.lowered).toBeGreaterThan(0)
  })
})

describe('contradictory witnesses', () => {
  const card = (more: Partial<FunctionDescription> = {}): readonly FunctionDescription[] => [
    {
      address: '00:01.0',
      id: '1def:0001',
      type: 'root-port',
      secondaryBus: 1,
      driver: 'pcieport',
      functions: [{ address: '01:00.0', id: '1def:e100', driver: 'i40e', msix: 2, ...more }],
    },
  ]
  const its = { name: 'its', type: 'its', address: 0x8080000 } as const
  const frame = { name: 'v2m', type: 'gicv2m', address: 0x8020000 } as const
  const smmu = { name: 'smmu', type: 'smmuv3', address: 0x9050000 } as const
  const base: MachineDescription = {
    name: 'contradictory',
    architecture: 'arm64',
    firmware: 'acpi',
    dmi: { vendor: 'Example', product: 'Server' },
    kernel: { release: '6.12.0' },
    iommus: [smmu],
    msiControllers: [its],
    rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: card() }],
  }
  const complex = (functions: readonly FunctionDescription[], more: object = {}) => ({
    rootComplexes: [{ iommu: 'smmu', msi: 'its', functions, ...more }],
  })
  const said = (machine: MachineDescription) => {
    const report = buildReport(probed(machine))
    const device = report.devices.find(({ address }) => address === '0000:01:00.0')
    return {
      verdict: device?.verdict,
      found: report.findings.some(({ rule, devices }) => rule === 'IR104' && devices.includes('0000:01:00.0')),
    }
  }

  it('has no finding where all agree', () => {
    expect(said(base)).toEqual({ verdict: 'isolated', found: false })
  })

  it.each<[what: string, machine: MachineDescription]>([
    [
      'IORT says ITS, the chip says GICv2m',
      { ...base, ...complex(card({ chipName: 'GICv2m-PCI-MSIX-0000:01:00.0' })) },
    ],
    [
      'MADT has a GICv2m frame only, the chip says ITS',
      {
        ...base,
        msiControllers: [frame],
        ...complex(card({ chipName: 'ITS-PCI-MSIX-0000:01:00.0' }), { msi: 'v2m' }),
      },
    ],
    [
      'a group, and no SMMU in the tables',
      { ...base, iommus: [], rootComplexes: [{ msi: 'its', functions: card({ group: 4 }) }] },
    ],
  ])('%s: a finding and the weaker answer', (_, machine) => {
    expect(said(machine)).toEqual({ verdict: 'not-isolated', found: true })
  })
})
