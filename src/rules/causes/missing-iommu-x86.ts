import type { Cause } from './cause.js'

const OFF_WORDS = /^(?:intel_iommu|amd_iommu|iommu)=(?:.*,)?off(?:,|$)/

const wordsOff: Cause = {
  id: 'x86-iommu-words-off',
  family: 'missing-iommu',
  scope: 'machine',
  actor: 'configuration',
  title: 'The kernel command line turns the IOMMU off',
  decidedBy: 'Words of the kernel command line.',
  summary: '{words} on the kernel command line turns the IOMMU off',
  remedy: 'Remove {words} from the kernel command line and restart.',
  references: [
    { title: 'Linux, kernel parameters', locator: 'Documentation/admin-guide/kernel-parameters.txt: iommu' },
  ],
  decide: ({ machine: { kernel }, routes: { context } }) => {
    if (context.architecture !== 'x86_64' || kernel.commandLine.state !== 'known') return undefined
    const words = kernel.commandLine.value.filter((word) => OFF_WORDS.test(word))
    const [from = { path: 'proc/cmdline' }] = kernel.commandLine.from
    return words.length === 0
      ? undefined
      : { details: { words: words.join(' ') }, evidence: [{ from, value: words.join(' ') }] }
  },
}

const notDescribed: Cause = {
  id: 'x86-not-described',
  family: 'missing-iommu',
  scope: 'device',
  actor: 'firmware',
  title: 'Neither DMAR nor IVRS has a unit for the function',
  decidedBy: 'The tables of the firmware.',
  summary: 'neither DMAR nor IVRS describes an IOMMU for it',
  remedy:
    'Turn VT-d or AMD-Vi on in the firmware setup; where it is on, have the vendor add the device to DMAR or IVRS. On hardware without an IOMMU keep the device on the host.',
  references: [{ title: 'Linux, DMAR', locator: 'drivers/iommu/intel/dmar.c: dmar_find_matched_drhd_unit' }],
  decide: ({ routes: { context } }, { iommu: { described } }) =>
    context.architecture === 'x86_64' && described.state === 'decided' && described.value === 'none'
      ? { evidence: described.from.map((from) => ({ from, value: from.excerpt ?? 'no unit' })) }
      : undefined,
}

const notDriven: Cause = {
  id: 'x86-not-driven',
  family: 'missing-iommu',
  scope: 'device',
  actor: 'configuration',
  title: 'The kernel drives no unit of the IOMMU',
  decidedBy: 'A table that describes units, and none in /sys/class/iommu.',
  summary: 'an IOMMU is described, but the kernel drives no unit',
  remedy:
    'Boot with the IOMMU on: add intel_iommu=on to the kernel command line of an Intel machine; the lines DMAR and AMD-Vi of the kernel log tell what failed.',
  references: [{ title: 'Linux, VT-d', locator: 'drivers/iommu/intel/iommu.c: intel_iommu_init' }],
  decide: ({ routes: { context } }, { iommu: { attachment } }) =>
    context.architecture === 'x86_64' && attachment.state === 'never' && attachment.why === 'not-driven'
      ? { evidence: attachment.from.map((from) => ({ from, value: from.excerpt ?? 'no IOMMU group' })) }
      : undefined,
}

/** Before what a guest's hypervisor leaves out. */
export const X86_WORDS: readonly Cause[] = [wordsOff]
export const X86_MISSING_IOMMU: readonly Cause[] = [notDriven, notDescribed]
