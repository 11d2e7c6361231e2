import { describe, expect, it } from 'vitest'
import { emulateMachine } from '../../../src/emulator/emulate.js'
import { largeMachine } from '../../../src/emulator/large-machine.js'
import type { MachineDescription } from '../../../src/emulator/machine-description.js'
import { buildReport, probeMachine } from '../../../src/index.js'
import { known } from '../../../src/machine/fact.js'
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

/** Elements taken from the lists of nodes and of functions while a machine of that many functions is judged. */
function workOf(description: MachineDescription): number {
  const machine = probed(description)
  const { functions, acpi } = machine
  if (functions.state !== 'known' || acpi.iort.state !== 'known') throw new Error('the machine cannot be read')
  const ofFunctions = counted(functions.value)
  const ofNodes = counted(acpi.iort.value.nodes)
  buildReport({
    ...machine,
    functions: known(ofFunctions.list),
    acpi: { ...acpi, iort: known({ ...acpi.iort.value, nodes: ofNodes.list }) },
  })
  return ofFunctions.taken() + ofNodes.taken()
}

/** Four times as many functions may take four times the work and the logarithm of a search; the square is sixteen times. */
const MOST = 6

describe('the work of judging grows with the machine and not with its square', () => {
  it('where every function has a segment of its own', () => {
    expect(workOf(segments(200)) / workOf(segments(50))).toBeLessThan(MOST)
  })

  it('where no function has a group', () => {
    expect(workOf(ungrouped(800)) / workOf(ungrouped(200))).toBeLessThan(MOST)
  })
})
