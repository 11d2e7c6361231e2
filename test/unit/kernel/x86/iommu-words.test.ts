import { describe, expect, it } from 'vitest'
import { iommuOffWords } from '../../../../src/kernel/x86/iommu-words.js'
import { known } from '../../../../src/machine/fact.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { intel, sysrootOf } from '../../rules/metal.js'

/** K: arch/x86/kernel/pci-dma.c, iommu_setup; drivers/iommu/amd/init.c; drivers/iommu/intel/iommu.c. */
describe('words that leave the IOMMU off', () => {
  const machine = probeMachine(sysrootOf({ machine: intel() }))
  const off = (kind: 'vt-d' | 'amd-vi', ...list: readonly string[]) =>
    iommuOffWords({ ...machine, kernel: { ...machine.kernel, commandLine: known(list) } }, kind)

  it.each([
    ['iommu=off'],
    ['amd_iommu=off'],
    ['iommu=pt,offline'],
    ['iommu=off,usedac'],
    ['amd-iommu=force_enable,off'],
  ])('%s does', (word) => expect(off('amd-vi', 'quiet', word)).toEqual([word]))

  it.each([
    ['iommu=usedac,off'],
    ['iommu=usedac64,off'],
    ['iommu=xoff'],
    ['iommu'],
    ['iommus=off'],
    ['intel_iommu=off'],
    ['amd_iommu=fullflush'],
    ['amd_iommu=xoff'],
  ])('%s does not on AMD', (word) => expect(off('amd-vi', word)).toEqual([]))

  it('of intel_iommu the last one counts', () => {
    expect(off('vt-d', 'intel_iommu=off', 'intel_iommu=on')).toEqual([])
    // The beginning of a part is compared and no more.
    expect(off('vt-d', 'intel_iommu=off', 'intel_iommu=only')).toEqual([])
    expect(off('vt-d', 'quiet')).toEqual([])
    expect(off('vt-d', 'intel_iommu=on', 'intel_iommu=sm_on,off')).toEqual(['intel_iommu=sm_on,off'])
  })
})
