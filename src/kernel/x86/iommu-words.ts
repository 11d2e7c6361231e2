import type { Machine } from '../../machine/machine.js'
import { wordsThatSet } from '../context.js'

/** Parts of a list after `name=`, in the order of the words. */
function partsOf(machine: Machine, name: string): readonly { readonly word: string; readonly part: string }[] {
  return wordsThatSet(machine, name).flatMap((word) =>
    word
      .slice(name.length + 1)
      .split(',')
      .map((part) => ({ word, part })),
  )
}

/** The word `intel_iommu=` that is in force for on or off, the last one; undefined where the build's default is. */
export function intelIommuWord(machine: Machine): { readonly word: string; readonly on: boolean } | undefined {
  const last = partsOf(machine, 'intel_iommu').findLast(({ part }) => /^(?:on|off)/.test(part))
  return last && { word: last.word, on: last.part.startsWith('on') }
}

/**
 * Words that leave the DMA remapping of a machine off. Only the beginning of each part of a list is compared; nothing
 * takes `iommu=off` and `amd_iommu=off` back, and of `intel_iommu` the last word counts. `intel_iommu=off` and `iommu=off`
 * leave interrupt remapping on.
 * Source: K: drivers/iommu/intel/iommu.c, intel_iommu_setup; drivers/iommu/amd/init.c, parse_amd_iommu_options;
 * arch/x86/kernel/pci-dma.c, iommu_setup.
 */
export function iommuOffWords(machine: Machine, kind: 'vt-d' | 'amd-vi'): readonly string[] {
  const off = (name: string) =>
    partsOf(machine, name).flatMap(({ word, part }) => (part.startsWith('off') ? [word] : []))
  // Nothing behind `usedac` is read.
  const offOfAll = wordsThatSet(machine, 'iommu').filter((word) => {
    const parts = word.slice('iommu='.length).split(',')
    const end = parts.findIndex((part) => part.startsWith('usedac'))
    return parts.slice(0, end < 0 ? parts.length : end).some((part) => part.startsWith('off'))
  })
  const intel = intelIommuWord(machine)
  const own = kind === 'amd-vi' ? off('amd_iommu') : intel && !intel.on ? [intel.word] : []
  return [...new Set([...offOfAll, ...own])]
}
