import type { QuestionId } from '../../report/catalogue/term-sources.js'

/** What an acronym is about here, in a sentence or two, and which question about a device it belongs to. */
export interface Meaning {
  readonly means: string
  readonly question?: QuestionId
}

/** By the first spelling of the glossary. */
export const MEANINGS: Readonly<Record<string, Meaning>> = {
  ACS: {
    means:
      'What makes a PCIe switch or a multifunction device send requests up to the IOMMU instead of straight to a neighbour; without it Linux puts both into one group.',
    question: 'translation',
  },
  ACPI: {
    means: 'The tables by which firmware describes the machine; of these IORT, MADT, DMAR, IVRS and VIOT decide here.',
  },
  ANDD: {
    means: 'An entry of the DMAR table that names a device of the ACPI namespace, so that a unit can have it.',
    question: 'translation',
  },
  APIC: {
    means: 'The interrupt controller of x86: a write to 0xfee00000 raises any vector unless the IOMMU remaps it.',
    question: 'payload',
  },
  ATS: {
    means:
      'Lets a device cache translations and send addresses that the IOMMU no longer checks; the device is trusted with that.',
    question: 'translation',
  },
  BAR: {
    means: 'A window of device memory; the one that holds the MSI-X table may be a back door to it.',
    question: 'back-doors',
  },
  BDF: { means: 'How PCI counts functions, as lspci writes them: 01:00.0.' },
  BSA: {
    means:
      "Arm's rules for servers and PCs that run an ordinary system; its rules are cited where firmware breaks them.",
  },
  DMA: {
    means:
      'What a device reads and writes by itself; an MSI is such a write, so whatever confines DMA confines it as well.',
    question: 'translation',
  },
  DMAR: {
    means: 'The ACPI table that lists the VT-d units, the devices behind each and the IO-APICs.',
    question: 'translation',
  },
  DMI: { means: "The vendor's names for the machine; they tell real boards from guests." },
  DRHD: {
    means: 'The entry of the DMAR table for one VT-d unit: its registers and the devices behind it.',
    question: 'translation',
  },
  EL2: {
    means: 'The privilege level of Arm on which a hypervisor runs; without it KVM is not there.',
    question: 'guest-interrupts',
  },
  GIC: {
    means: 'The interrupt controller of Arm. From version 3 on it may have an ITS, which checks who sends an MSI.',
    question: 'gic-generation',
  },
  GICv2m: {
    means: 'A frame that raises whatever interrupt number is written to it, by whichever device: never isolated.',
    question: 'gic-generation',
  },
  IMSIC: {
    means:
      'The receiver of MSIs on RISC-V: each file takes any number that is written to it; only the IOMMU in front of it limits who writes.',
    question: 'payload',
  },
  'IO-APIC': {
    means:
      'The controller of wired interrupts on x86; Linux turns remapping off unless the IOMMU tables name each of them.',
    question: 'payload',
  },
  IOMMU: {
    means:
      'Translates and limits what a device writes. Without one in front of it a device reaches every interrupt doorbell.',
    question: 'translation',
  },
  IORT: {
    means: 'The ACPI table of Arm that maps RequesterIDs to StreamIDs (SMMU) and to DeviceIDs (ITS).',
    question: 'translation',
  },
  IOVA: { means: 'The address that a device uses, before the IOMMU translates it.', question: 'doorbell' },
  IRS: { means: 'The part of GICv5 that routes interrupts to processors.', question: 'gic-generation' },
  ITS: {
    means:
      'The part of a GIC that looks each MSI up under the DeviceID of its sender: a device can raise only what its own table holds.',
    question: 'payload',
  },
  IVHD: {
    means: 'A block of the IVRS for one AMD IOMMU: its registers and the devices behind it.',
    question: 'translation',
  },
  IVMD: { means: 'A block of the IVRS for memory that devices need mapped 1:1.', question: 'gates' },
  IVRS: {
    means: 'The ACPI table that lists the AMD IOMMUs, the devices behind each and the IO-APICs.',
    question: 'translation',
  },
  IWB: { means: 'The part of GICv5 that turns wired interrupts into messages.', question: 'gic-generation' },
  KVM: {
    means: 'The hypervisor in Linux; it gives the interrupts of a device to a guest.',
    question: 'guest-interrupts',
  },
  LPI: {
    means: 'An interrupt that the ITS makes of a message; each belongs to one DeviceID and EventID.',
    question: 'payload',
  },
  MADT: {
    means: 'The ACPI table that lists interrupt controllers: GIC, ITS, MSI frames, IO-APICs.',
    question: 'gic-generation',
  },
  MBI: {
    means: 'An SPI that a write to the GICv3 distributor raises; whoever reaches that page can raise all of them.',
    question: 'gic-generation',
  },
  MCFG: { means: 'The ACPI table that tells where the configuration space of each PCI segment is.' },
  MSI: {
    means:
      'An interrupt that a device raises by writing a number to an address, the doorbell; isolated if it can raise only its own.',
    question: 'payload',
  },
  'MSI-X': {
    means: 'MSIs with a table of their own in a BAR of the device; up to 2048 of them.',
    question: 'back-doors',
  },
  PASID: {
    means: 'A number by which one device uses several address spaces; each has to reach the doorbell.',
    question: 'translation',
  },
  PF: { means: 'The function of an SR-IOV device that its VFs come from.' },
  PMCG: { means: 'The counters of an SMMU, a device of its own in the IORT.' },
  PRI: { means: 'Lets a device ask for pages that are not mapped; goes with ATS.', question: 'translation' },
  RIMT: { means: 'The ACPI table of RISC-V that names IOMMUs and the devices behind them.', question: 'translation' },
  RMR: {
    means: 'Memory that firmware wants mapped 1:1 for a device; VFIO refuses a device with such a region.',
    question: 'gates',
  },
  RMRR: {
    means:
      'An entry of the DMAR table for memory that firmware wants mapped 1:1 for a device; VFIO refuses such a device.',
    question: 'gates',
  },
  RID: {
    means:
      'What PCI puts on the bus with each request: bus, device and function of the sender, or of a bridge in its place.',
    question: 'translation',
  },
  SMMU: {
    means: "Arm's IOMMU. It knows a device by its StreamID; a function without one of its own is not kept apart.",
    question: 'translation',
  },
  SPI: {
    means: 'An interrupt of a GIC that any processor may take; GICv2m and MBI raise these.',
    question: 'gic-generation',
  },
  'SR-IOV': { means: 'One device shows many functions (VFs), each with a RequesterID of its own.' },
  SVM: { means: "AMD's virtualization of processors; firmware setups often have one switch for it and the IOMMU." },
  VF: { means: 'A function that an SR-IOV device adds; it has a RequesterID, a StreamID and a DeviceID of its own.' },
  VFIO: {
    means:
      'The interface by which Linux hands devices to user space and guests; it asks whether MSIs are isolated, and refuses with EPERM.',
    question: 'gates',
  },
  VIOT: { means: 'The ACPI table that names virtio-iommus and the devices behind them.', question: 'translation' },
  VMD: {
    means: 'A controller of Intel that hides PCIe ports behind itself and sends their MSIs on as its own.',
    question: 'payload',
  },
}
