import { describe, expect, it } from 'vitest'
import { emulateMachine } from '../../../src/emulator/emulate.js'
import { largeMachine } from '../../../src/emulator/large-machine.js'
import type { MachineDescription } from '../../../src/emulator/machine-description.js'
import { buildReport, probeMachine } from '../../../src/index.js'
import { mapFact } from '../../../src/machine/fact.js'
import type { Machine } from '../../../src/machine/machine.js'
import { MemorySysroot, MemoryTree } from '../../../src/sysroot/memory-sysroot.js'

/** A server of `count` PCI segments with one adapter each, behind one SMMU and one ITS. */
function segments(count: number): MachineDescription {
  const { rootComplexes: _, ...machine } = largeMachine(2)
  const rootComplexes = Array.from({ length: count }, (__, segment) => ({
    segment,
    ecam: `0x${(0x40_0000_0000n + BigInt(segment) * 0x1000_0000n).toString(16)}`,
    iommu: 'smmu0',
    msi: 'its0',
    functions: [{ address: '00:01.0', id: '8086:1592', driver: 'ice', msix: 2 }],
  }))
  return { ...machine, rootComplexes }
}

/** `count` functions whose SMMU no driver runs: each may share a StreamID with any other. */
function ungrouped(count: number): MachineDescription {
  const machine = largeMachine(count)
  return { ...machine, iommus: (machine.iommus ?? []).map((iommu) => ({ ...iommu, driver: false })) }
}

/** `count` functions as somebody sees them who is not root: no tables, so that interrupts in use are asked. */
const unprivileged = (count: number): MachineDescription => ({ ...largeMachine(count), privilege: 'nobody' })

/** `count` remapping units of VT-d, each for a device of its own that is not there. */
function units(count: number): MachineDescription {
  const { msiControllers: _, ...machine } = largeMachine(16)
  return {
    ...machine,
    architecture: 'x86_64',
    iommus: [{ name: 'dmar0', type: 'vt-d', address: '0xfed90000' }],
    rootComplexes: machine.rootComplexes.map(({ msi: __, ...complex }) => ({ ...complex, iommu: 'dmar0' })),
    acpi: {
      dmar: {
        structures: Array.from({ length: count }, (__, index) => ({
          type: 'drhd',
          base: 0x1000 * (index + 1),
          scopes: [{ type: 'endpoint', startBus: index & 0xff, path: [[31, index >> 8]] }],
        })),
      },
    },
  }
}

/** The elements of a list with the number of times that one was taken from it. */
function counted<T extends object>(list: readonly T[]): { readonly list: readonly T[]; readonly taken: () => number } {
  let taken = 0
  const proxy = new Proxy(list, {
    get(target, name, receiver): unknown {
      if (typeof name === 'string' && /^\d/.test(name)) taken += 1
      return Reflect.get(target, name, receiver)
    },
  })
  return { list: proxy, taken: () => taken }
}

const probed = (description: MachineDescription): Machine =>
  probeMachine(
    new MemorySysroot({ kind: 'emulated', name: description.name }, new MemoryTree(emulateMachine(description))),
  )

/** Elements taken from the lists of what a machine has most of, and looks at its remapping units, while it is judged. */
function workOf(description: MachineDescription): number {
  const machine = probed(description)
  const { functions, acpi, interrupts } = machine
  const counts: (() => number)[] = []
  let looks = 0
  const watchedItem = <T extends object>(item: T): T =>
    new Proxy(item, {
      get(target, name, receiver): unknown {
        looks += 1
        return Reflect.get(target, name, receiver)
      },
    })
  const watchedList = <T extends object>(list: readonly T[]): readonly T[] => {
    const watched = counted(list)
    counts.push(watched.taken)
    return watched.list
  }
  buildReport({
    ...machine,
    functions: mapFact(functions, watchedList),
    interrupts: { ...interrupts, procInterrupts: mapFact(interrupts.procInterrupts, watchedList) },
    acpi: {
      ...acpi,
      iort: mapFact(acpi.iort, (iort) => ({ ...iort, nodes: watchedList(iort.nodes) })),
      dmar: mapFact(acpi.dmar, (dmar) => ({ ...dmar, structures: dmar.structures.map(watchedItem) })),
    },
  })
  return counts.reduce((sum, taken) => sum + taken(), looks)
}

/** Four times as many functions may take four times the work and the logarithm of a search; the square is sixteen times. */
const MOST = 6

describe('the work of judging grows with the machine and not with its square', () => {
  it('where every function has a segment of its own', () => {
    expect(workOf(segments(200)) / workOf(segments(50))).toBeLessThan(MOST)
  })

  it('where there are many remapping units', () => {
    expect(workOf(units(1600)) / workOf(units(400))).toBeLessThan(MOST)
  })

  it('where no table can be read and interrupts in use are asked', () => {
    expect(workOf(unprivileged(800)) / workOf(unprivileged(200))).toBeLessThan(MOST)
  })

  it('where no function has a group', () => {
    expect(workOf(ungrouped(800)) / workOf(ungrouped(200))).toBeLessThan(MOST)
  })
})
