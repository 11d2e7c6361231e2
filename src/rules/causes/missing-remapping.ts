import type { Provenance } from '../../machine/fact.js'
import { interruptRemapping } from '../../kernel/msi/x86-remapping.js'
import { evidenceFrom, evidenceOf } from '../evidence.js'
import type { Cause, CauseSubject } from './cause.js'

const REFERENCE = { title: 'Linux, x86 interrupt remapping', locator: 'drivers/iommu/irq_remapping.c' }

/** Places that say that remapping is off. */
function off({ routes: { context } }: CauseSubject): readonly Provenance[] {
  const remapping = interruptRemapping(context)
  return remapping.state === 'decided' && remapping.value === 'off' ? remapping.from : []
}

const wordsOff: Cause = {
  id: 'remapping-words-off',
  family: 'missing-remapping',
  scope: 'machine',
  actor: 'configuration',
  title: 'The kernel command line turns interrupt remapping off',
  decidedBy: 'Words of the kernel command line.',
  summary: '{words} on the kernel command line turns interrupt remapping off',
  remedy: 'Remove {words} from the kernel command line and restart.',
  references: [REFERENCE],
  decide: (subject) => {
    const places = off(subject).filter(({ path }) => path === 'proc/cmdline')
    const words = places.map(({ excerpt = '' }) => excerpt).join(' ')
    return places.length > 0 ? { details: { words }, evidence: evidenceFrom(places) } : undefined
  },
}

const guest: Cause = {
  id: 'guest-without-remapping',
  family: 'missing-remapping',
  scope: 'machine',
  actor: 'hardware',
  title: 'The hypervisor gives this guest no interrupt remapping',
  decidedBy: 'What shows that the machine is a guest.',
  summary: 'this is a virtual machine, and its hypervisor gives it no interrupt remapping',
  remedy:
    'The hypervisor provides interrupt remapping: have it give this guest an IOMMU that remaps, or keep the device in this guest.',
  references: [REFERENCE],
  decide: ({ machine: { virtualization } }) =>
    virtualization.virtualized === 'yes' ? { evidence: evidenceOf(virtualization.evidence) } : undefined,
}

const byHardware: Cause = {
  id: 'remapping-not-in-hardware',
  family: 'missing-remapping',
  scope: 'machine',
  actor: 'hardware',
  title: 'This hardware cannot remap interrupts',
  decidedBy: 'The capability registers of the units, and the revision of the chipset.',
  summary: 'an IOMMU unit or the chipset cannot remap interrupts',
  remedy: 'Keep the device on the host: this hardware cannot remap its interrupts.',
  lasting: true,
  references: [REFERENCE],
  decide: (subject) => {
    const places = off(subject).filter(({ path }) => /^sys\/(?:class\/iommu|bus\/pci)/.test(path))
    return places.length > 0 ? { evidence: evidenceFrom(places) } : undefined
  },
}

export const remappingByFirmware: Cause = {
  id: 'remapping-off-in-firmware',
  family: 'missing-remapping',
  scope: 'machine',
  actor: 'firmware',
  title: 'The firmware leaves interrupt remapping off',
  decidedBy: 'DMAR and IVRS, the kernel log, the chips in use.',
  summary: 'the tables or the kernel log show that interrupt remapping is off',
  remedy:
    'Turn interrupt remapping (VT-d or AMD-Vi) on in the firmware setup, and update firmware whose tables leave an IO-APIC out.',
  references: [REFERENCE],
  decide: (subject) => ({ evidence: evidenceFrom(off(subject)) }),
}

export const MISSING_REMAPPING: readonly Cause[] = [wordsOff, guest, byHardware]
