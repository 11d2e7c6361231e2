import type { Actor, Reason } from '../../report/types.js'

/** A step that somebody can take; never one that weakens the host. */
export interface Step {
  readonly actor: Actor
  readonly text: string
}

interface ReasonWords {
  /** For a table, at most 19 characters. */
  readonly short: string
  /** The question whose answer explains it where that is not the one of the payload. */
  readonly question?: 'translation'
  /** For a sentence, after "because": starts in lower case unless it begins with a name, has no full stop. */
  readonly because: string
  /** What can be done where no finding says more; undefined when all is well. */
  readonly step?: Step
  /** The rule that explains it, or any: where such a finding has a remedy, that stands in place of `step`. */
  readonly explainedBy?: `IR${number}` | 'any'
  /** Another rule that explains it. */
  readonly alsoExplainedBy?: `IR${number}`
  /** A cause that another rule names and that explains it as well. */
  readonly explainedByCause?: string
}

/** Every reason of the contract in words. A reason without words does not compile. */
export const REASON_WORDS: Record<Reason, ReasonWords> = {
  'no-iommu': {
    short: 'no IOMMU',
    question: 'translation',
    explainedBy: 'IR105',
    // Without a witness of the groups rule IR105 is silent, and rule IR108 says that no table describes one.
    explainedByCause: 'x86-no-table',
    because: 'no IOMMU stands before it, so it can write to any address, every interrupt doorbell included',
    step: {
      actor: 'firmware',
      text: 'Look in the firmware setup for a switch of the IOMMU, called SMMU, VT-d or AMD-Vi; where the machine has none, nothing helps.',
    },
  },
  'stream-id-refused': {
    short: 'IOMMU refuses it',
    question: 'translation',
    explainedBy: 'IR105',
    because: 'the driver of the IOMMU in front of it refused it, so nothing confines what it writes',
    step: {
      actor: 'firmware',
      text: 'Read in the kernel log why the driver of the IOMMU refused the device; until then keep it on the host.',
    },
  },
  'iommu-not-probed': {
    short: 'IOMMU not driven',
    question: 'translation',
    explainedBy: 'IR106',
    // Where whether one is described could not be read.
    alsoExplainedBy: 'IR105',
    because: 'the kernel drives no IOMMU before it',
    step: {
      actor: 'kernel',
      text: "Find out why the IOMMU is not driven: a driver that is not built, an 'off' on the kernel command line, an error in the kernel log.",
    },
  },
  'no-msi-controller': {
    short: 'no MSI controller',
    explainedBy: 'IR107',
    because: 'no MSI controller takes its messages, so nothing ties its interrupts to it',
    step: {
      actor: 'firmware',
      text: 'Describe the way from this device to an ITS: an ID mapping in the IORT, or msi-map in the device tree.',
    },
  },
  gicv2m: {
    short: 'MSI to GICv2m',
    explainedBy: 'IR108',
    because: 'its MSIs go to a GICv2m frame, which raises whatever number is written to it, by whichever device',
    step: {
      actor: 'firmware',
      text: 'If the machine has an ITS, map this device to it in the IORT or msi-map; a GICv2m frame itself cannot be made safe.',
    },
  },
  'gicv3-mbi': {
    short: 'MSI to GICv3 MBI',
    explainedBy: 'IR108',
    because: 'its MSIs are message-based SPIs, which any device that reaches the page can raise',
    step: {
      actor: 'firmware',
      text: 'If the machine has an ITS, map this device to it in the IORT or msi-map; message-based SPIs cannot be made safe.',
    },
  },
  'host-bridge-msi': {
    short: 'MSI in host bridge',
    explainedBy: 'IR108',
    because: 'the host bridge takes its MSIs itself and does not check which device wrote them',
    step: {
      actor: 'firmware',
      text: 'If the machine has an ITS, point the host bridge to it (msi-map); otherwise nothing helps on this board.',
    },
  },
  'x86-not-remapped': {
    short: 'not remapped',
    explainedBy: 'IR108',
    because: 'its MSIs reach the processors without interrupt remapping, with any vector it likes',
    step: {
      actor: 'configuration',
      text: 'Turn VT-d or AMD-Vi with interrupt remapping on in the firmware setup; remove intremap=off from the kernel command line.',
    },
  },
  'payload-not-checked': {
    short: 'payload not checked',
    explainedBy: 'IR108',
    because: 'its MSI controller takes any interrupt number that is written, whichever device wrote it',
    step: {
      actor: 'hardware',
      text: 'Nothing that can be set on this machine helps: the interrupt controller does not check.',
    },
  },
  'pre-its': {
    short: 'pre-ITS',
    explainedBy: 'IR102',
    because: 'a pre-ITS makes the DeviceID from the address that is written, so a device can choose it',
    step: {
      actor: 'hardware',
      text: 'Nothing that can be set on this machine helps: the pre-ITS is part of the hardware.',
    },
  },
  'source-id-unchecked': {
    short: 'source id unchecked',
    explainedBy: 'IR004',
    because: 'interrupts are remapped, but without the source-id check a device can use the entries of another',
    step: { actor: 'configuration', text: 'Remove intremap=nosid from the kernel command line.' },
  },
  'shared-device-id': {
    short: 'shared DeviceID',
    explainedBy: 'IR101',
    because:
      'a device of another group reaches the ITS under the same DeviceID, so each can raise interrupts of the other',
    step: { actor: 'firmware', text: 'Give each device a DeviceID of its own in the IORT or msi-map.' },
  },
  'false-groups': {
    short: 'groups overridden',
    explainedBy: 'IR002',
    because: 'its group comes from pcie_acs_override, which separates what the hardware may not keep apart',
    step: { actor: 'configuration', text: 'Remove pcie_acs_override from the kernel command line.' },
  },
  'witnesses-disagree': {
    short: 'witnesses disagree',
    explainedBy: 'any',
    because: 'what firmware describes and what the kernel shows contradict each other',
    step: {
      actor: 'firmware',
      text: 'Compare the IORT or device tree with the interrupts in use; --json holds the evidence.',
    },
  },
  unreadable: {
    short: 'unreadable',
    explainedBy: 'IR109',
    because: 'a file that decides it could not be read',
    step: { actor: 'configuration', text: 'Run intremap as root, or on a capture that root made.' },
  },
  'controller-unknown': {
    short: 'controller unknown',
    because: 'it is not known whether its interrupt controller checks which device writes',
  },
  'kernel-unknown': {
    short: 'kernel unknown',
    because: 'the kernel release is not known, and the answer depends on it',
  },
  'hypervisor-decides': {
    short: 'hypervisor decides',
    explainedBy: 'any',
    because: 'a hypervisor outside this system decides which interrupts it can raise',
    step: { actor: 'hardware', text: 'Ask on the host: run intremap there, or ask whoever runs it.' },
  },
  'behind-vmd': {
    short: 'behind a VMD',
    explainedBy: 'IR120',
    because: 'its MSIs pass through a VMD of this machine, which sends them on as those of the VMD',
    step: {
      actor: 'firmware',
      text: 'Assign the VMD itself with everything behind it, or turn VMD off in the firmware setup.',
    },
  },
  'hypervisor-owns-iommu': {
    short: 'Xen decides',
    question: 'translation',
    explainedBy: 'IR120',
    because: 'Xen owns the IOMMU of this machine and shows nothing of it to its control domain',
    step: { actor: 'configuration', text: 'Ask Xen: xl dmesg tells whether interrupt remapping is on.' },
  },
  'its-behind-smmu': {
    short: 'SMMU and ITS',
    because: 'an SMMU confines its writes and the ITS looks its interrupts up under its own DeviceID',
  },
  'its-behind-iommu': {
    short: 'IOMMU and ITS',
    because: 'an IOMMU confines its writes and the ITS looks its interrupts up under its own DeviceID',
  },
  'gicv5-its-behind-smmu': {
    short: 'SMMU and GICv5 ITS',
    because: 'an SMMU confines its writes and the GICv5 ITS looks its interrupts up under its own DeviceID',
  },
  'x86-remapped': {
    short: 'remapped',
    because: 'the IOMMU remaps its interrupts and checks which device sends them',
  },
  'architecture-constant': {
    short: 'by architecture',
    because: 'this architecture lets a device raise only its own interrupts',
  },
}
