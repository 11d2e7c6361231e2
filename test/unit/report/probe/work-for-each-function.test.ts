import { describe, expect, it } from 'vitest'
import type { MachineDescription } from '../../../../src/emulator/machine-description.js'
import { largeMachine } from '../../../../src/emulator/large-machine.js'
import { absent, known, unreadable, type Fact } from '../../../../src/machine/fact.js'
import type { Machine } from '../../../../src/machine/machine.js'
import type { MadtEntry } from '../../../../src/machine/madt.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { parseDmar } from '../../../../src/probes/acpi/dmar.js'
import { parseViot } from '../../../../src/probes/acpi/viot.js'
import { writeDmar } from '../../../../src/emulator/firmware/dmar-writer.js'
import { writeViot } from '../../../../src/emulator/firmware/viot-writer.js'
import { analyse } from '../../../../src/report/probe/build.js'
import { sysrootOf } from '../../rules/metal.js'

/** Functions of the smaller machine, and of the larger one. */
const [FEW, MANY] = [34, 66]
/** What each of the lists has at least. */
const LENGTH = 12

const several = <T>(make: (place: number) => T): readonly T[] =>
  Array.from({ length: LENGTH }, (_, place) => make(place))

/** Counts how often elements of a list are looked at. */
class Counter {
  reads = 0

  of<T>(list: readonly T[]): readonly T[] {
    return new Proxy(list, {
      get: (target, key, receiver) => {
        if (typeof key === 'string' && /^\d+$/.test(key)) this.reads += 1
        const value: unknown = Reflect.get(target, key, receiver)
        return value
      },
    })
  }

  in<T>(fact: Fact<readonly T[]>): Fact<readonly T[]> {
    return fact.state === 'known' ? { ...fact, value: this.of(fact.value) } : fact
  }
}

type Counted = (machine: Machine, counter: Counter) => Machine

const acpi = (machine: Machine, change: Partial<Machine['acpi']>): Machine => ({
  ...machine,
  acpi: { ...machine.acpi, ...change },
})
const logOf = (counter: Counter, line: string) => ({ log: known(counter.of(several(() => line))) })
const NO_UNIT = parseDmar(
  writeDmar({
    flags: 1,
    structures: several((place) => ({ type: 'drhd', segment: 9, base: 0xfed90000 + place * 0x1000 })),
  }),
  'DMAR',
)
const NO_RANGE = parseViot(
  writeViot({
    nodes: several(() => ({ type: 'pci-range', segmentStart: 9, segmentEnd: 9, bdfStart: 0, bdfEnd: 9, output: 48 })),
  }),
  'VIOT',
)

const SPARE: MadtEntry = { type: 'imsic', typeCode: 0x19, offset: 0, length: 16 }

/** Others before those that the functions have. */
function moreIommus({ iommus }: Machine): Machine['iommus'] {
  if (iommus.state !== 'known') return iommus
  const [some] = iommus.value
  const others = some ? several((place) => ({ ...some, name: `other${place}`, address: known(BigInt(place)) })) : []
  return { ...iommus, value: [...others, ...iommus.value] }
}

const undriven = (machine: MachineDescription): MachineDescription => ({
  ...machine,
  iommus: (machine.iommus ?? []).map((iommu) => ({ ...iommu, driver: false })),
})
const intel = (machine: MachineDescription): MachineDescription => ({
  ...machine,
  architecture: 'x86_64',
  iommus: [{ name: 'dmar0', type: 'vt-d', address: '0xfed90000' }],
  msiControllers: [],
  rootComplexes: machine.rootComplexes.map(({ functions }) => ({ iommu: 'dmar0', functions })),
})
const withFrames = (machine: MachineDescription): MachineDescription => ({
  ...machine,
  msiControllers: several((place) => ({ name: `its${place}`, type: 'gicv2m', address: 0x8020000 + place * 0x1000 })),
})
const tree = (machine: MachineDescription): MachineDescription => ({ ...machine, firmware: 'devicetree' })
const asItIs = (machine: MachineDescription): MachineDescription => machine

const ROWS: Readonly<
  Record<string, readonly [describe: (machine: MachineDescription) => MachineDescription, Counted]>
> = {
  'IOMMUs that are driven': [asItIs, (machine, counter) => ({ ...machine, iommus: counter.in(moreIommus(machine)) })],
  'IOMMUs that are driven, under a tree': [
    tree,
    (machine, counter) => ({ ...machine, iommus: counter.in(moreIommus(machine)) }),
  ],
  'units of a DMAR': [
    intel,
    (machine, counter) => acpi(machine, { dmar: known({ ...NO_UNIT, structures: counter.of(NO_UNIT.structures) }) }),
  ],
  'ranges of a VIOT': [
    undriven,
    (machine, counter) =>
      acpi(machine, { iort: absent(), viot: known({ ...NO_RANGE, nodes: counter.of(NO_RANGE.nodes) }) }),
  ],
  'structures of a MADT': [
    asItIs,
    (machine, counter) => {
      const { madt } = machine.acpi
      if (madt.state !== 'known') return machine
      return acpi(machine, {
        madt: {
          ...madt,
          value: { ...madt.value, entries: counter.of([...madt.value.entries, ...several(() => SPARE)]) },
        },
      })
    },
  ],
  'structures of a MADT, of which no ITS is one': [
    withFrames,
    (machine, counter) => {
      const { madt } = machine.acpi
      if (madt.state !== 'known') return machine
      return acpi(machine, { madt: { ...madt, value: { ...madt.value, entries: counter.of(madt.value.entries) } } })
    },
  ],
  'nodes of an IORT without an SMMU': [
    undriven,
    (machine, counter) => {
      const { iort } = machine.acpi
      if (iort.state !== 'known') return machine
      const others = iort.value.nodes.filter(({ type }) => type !== 'smmuv3')
      const [some] = others
      const nodes = some ? [...others, ...several((place) => ({ ...some, offset: 0x10000 + place }))] : []
      return acpi(machine, { iort: { ...iort, value: { ...iort.value, nodes: counter.of(nodes) } } })
    },
  ],
  'reserved regions of the one group': [
    asItIs,
    (machine, counter) => {
      const { groups, functions } = machine
      const [group] = groups.state === 'known' ? groups.value : []
      if (!group || functions.state !== 'known') return machine
      const regions = several((place) => ({ start: BigInt(place), end: BigInt(place), type: 'reserved' as const }))
      const devices = known(functions.value.map(({ name }) => name))
      return {
        ...machine,
        functions: known(functions.value.map((fn) => ({ ...fn, iommuGroup: known(group.id) }))),
        groups: known([{ ...group, devices, reservedRegions: known(counter.of(regions)) }]),
      }
    },
  ],
  'lines of the log, without groups': [
    undriven,
    (machine, counter) => ({
      ...machine,
      kernel: { ...machine.kernel, ...logOf(counter, 'arm-smmu-v3 arm-smmu-v3.0.auto: failed to reset') },
    }),
  ],
  'lines of the log, where no IOMMUs were collected': [
    asItIs,
    (machine, counter) => ({
      ...machine,
      iommus: unreadable('not-collected'),
      kernel: {
        ...machine.kernel,
        ...logOf(counter, 'arm-smmu-v3 arm-smmu-v3.0.auto: ias 44-bit, oas 44-bit (features 0x0)'),
      },
    }),
  ],
  'lines of the log, where no tables were collected': [
    intel,
    (machine, counter) => ({
      ...acpi(machine, { dmar: unreadable('not-collected'), ivrs: unreadable('not-collected') }),
      kernel: { ...machine.kernel, ...logOf(counter, 'DMAR-IR: Enabled IRQ remapping in x2apic mode') },
    }),
  ],
}

function readsOf(functions: number, change: (machine: MachineDescription) => MachineDescription, counted: Counted) {
  const counter = new Counter()
  analyse(counted(probeMachine(sysrootOf({ machine: change(largeMachine(functions)) })), counter))
  return counter.reads
}

describe('no function goes through a list of the machine: each looks its own up at most, by halves', () => {
  it.each(Object.entries(ROWS))('%s', (_, [change, counted]) => {
    const few = readsOf(FEW, change, counted)
    expect(few).toBeGreaterThanOrEqual(LENGTH)
    expect((readsOf(MANY, change, counted) - few) / (MANY - FEW)).toBeLessThan(LENGTH)
  })
})

/** With none of them in a group, and nobody knowing which IOMMUs there are, a function asks for others of its segment. */
it.each<[string, (machine: Machine) => Machine]>([
  ['as they are', (machine) => machine],
  ['where no IOMMUs were collected', (machine) => ({ ...machine, iommus: unreadable('not-collected') })],
  ['where the IORT has no SMMU', (machine) => acpi(machine, { iort: absent() })],
])('functions are gone through as often however many there are: %s', (_, change) => {
  const [few = 0, many = 0] = [FEW, MANY].map((functions) => {
    const counted: Counted = (machine, counter) => ({ ...change(machine), functions: counter.in(machine.functions) })
    return readsOf(functions, undriven, counted) / functions
  })
  expect(few).toBeGreaterThan(0)
  expect(many).toBeLessThan(few * 1.1)
})
