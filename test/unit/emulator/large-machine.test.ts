import { describe, expect, it } from 'vitest'
import { emulateMachine } from '../../../src/emulator/emulate.js'
import { largeMachine } from '../../../src/emulator/large-machine.js'
import { parseDescription } from '../../support/descriptions.js'
import { MemorySysroot, MemoryTree } from '../../../src/sysroot/memory-sysroot.js'
import { processorMilliseconds } from '../../support/processor-time.js'

const sysrootOf = (functions: number): MemorySysroot =>
  new MemorySysroot({ kind: 'emulated', name: 'large' }, new MemoryTree(emulateMachine(largeMachine(functions))))

describe('large machines', () => {
  it.each([2, 3, 16, 17, 18, 3968, 3969, 10_000])('has exactly %i functions', (functions) => {
    const sysroot = sysrootOf(functions)
    const listing = sysroot.list('sys/bus/pci/devices')
    expect(listing.state === 'known' ? listing.value.length : 0).toBe(functions)
  })

  it('builds 10,000 functions in seconds, each with its group', () => {
    const description = largeMachine(10_000)
    expect(parseDescription(structuredClone(description)).ok).toBe(true)
    let tree: ReturnType<typeof emulateMachine> = new Map()
    const took = processorMilliseconds(() => {
      tree = emulateMachine(description)
    })
    const sysroot = new MemorySysroot({ kind: 'emulated', name: 'large' }, new MemoryTree(tree))
    console.log(`10,000 functions emulated in ${(took / 1000).toFixed(1)} s`)
    expect(took).toBeLessThan(20_000)
    const groups = sysroot.list('sys/kernel/iommu_groups')
    expect(groups.state === 'known' ? groups.value.length : 0).toBe(10_000)
    expect(sysroot.text('sys/bus/pci/devices/0002:81:01.5/iommu_group/type')).toEqual({
      state: 'known',
      value: 'DMA\n',
    })
    expect(sysroot.text('sys/bus/pci/devices/0002:81:01.5/physfn/sriov_numvfs')).toEqual({
      state: 'known',
      value: '14\n',
    })
  })
})
