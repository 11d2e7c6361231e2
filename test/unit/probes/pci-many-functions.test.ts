import { describe, expect, it } from 'vitest'
import { emulateMachine } from '../../../src/emulator/emulate.js'
import { largeMachine } from '../../../src/emulator/large-machine.js'
import { RedactingSysroot } from '../../../src/capture/redacting-sysroot.js'
import { absent } from '../../../src/machine/fact.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { probePciFunctions } from '../../../src/probes/pci.js'
import { memorySysroot, MemorySysroot, MemoryTree } from '../../../src/sysroot/memory-sysroot.js'

const ORIGIN = { kind: 'emulated', name: 'test' } as const
const NO_MEMBERS = {
  containers: new Set<string>(),
  byDevice: new Map<string, readonly string[]>(),
  incomplete: undefined,
}

describe('machines of many functions', () => {
  it('are too large where functions count more virtual ones than there are places', () => {
    const files = Array.from({ length: 300 }, (_, index): [string, string][] => {
      const directory = `sys/bus/pci/devices/${index.toString(16).padStart(4, '0')}:00:00.0`
      return [
        [`${directory}/vendor`, '0x8086\n'],
        [`${directory}/sriov_numvfs`, '65535\n'],
      ]
    })
    const sysroot = memorySysroot(ORIGIN, Object.fromEntries(files.flat()))
    const functions = probePciFunctions(sysroot, {
      groups: NO_MEMBERS,
      iommus: NO_MEMBERS,
      tree: absent(),
      procInterrupts: absent(),
    })
    expect(functions).toMatchObject({ state: 'unreadable', reason: 'too-large' })
    expect(sysroot.budget.exceeded).toEqual(['virtualFunctions'])
  })

  it('take no more of any limit for each function than 30,000 of them may', () => {
    const count = 1000
    const tree = new MemoryTree(emulateMachine(largeMachine(count)))
    const sysroot = new RedactingSysroot(new MemorySysroot(ORIGIN, tree))
    expect(probeMachine(sysroot).functions).toMatchObject({ state: 'known', value: { length: count } })
    const { budget } = sysroot
    for (const work of ['functions', 'groups', 'members', 'vectors', 'lines', 'names', 'linkedNames', 'bytes'] as const)
      expect(30 * budget.spent(work), work).toBeLessThanOrEqual(budget.limit(work))
  })
})
