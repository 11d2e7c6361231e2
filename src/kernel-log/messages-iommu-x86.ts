import { NAMES, wording, type KernelLogMessage } from './message.js'

const { address, function: pciFunction } = NAMES
const INTEL = 'drivers/iommu/intel/irq_remapping.c'
const AMD = 'drivers/iommu/amd/init.c'

/** What the drivers of VT-d and AMD-Vi and the local APIC print. */
export const X86_IOMMU_MESSAGES: readonly KernelLogMessage[] = [
  {
    id: 'intel-remapping-on',
    topic: 'interrupts',
    words: ['Enabled'],
    wordings: [
      wording(/^DMAR-IR: Enabled IRQ remapping in (?:x2apic|xapic) mode/),
      wording(/^DMAR-IR: Enabled IRQ remapping in/, 'DMAR-IR: Enabled IRQ remapping in'),
      wording(/^Enabled IRQ remapping in (?:x2apic|xapic) mode/),
    ],
    says: 'Interrupt remapping is on: each MSI is looked up in a table that the host fills.',
    source: `${INTEL}: intel_enable_irq_remapping`,
  },
  {
    id: 'intel-remapping-off',
    topic: 'refusal',
    words: ['remapping'],
    wordings: [
      wording(/Not enabling interrupt remapping due to skipped IO-APIC setup/),
      wording(/DMAR-IR: (?:Not enabling interrupt remapping|Failed to enable irq remapping)/),
      wording(/^(?:Not enabl(?:e|ing) interrupt remapping|Failed to enable irq remapping)/),
    ],
    says: 'Interrupt remapping stays off: any device can raise any interrupt, and VFIO refuses devices. The lines before it say why.',
    source: `${INTEL}: intel_prepare_irq_remapping`,
  },
  {
    id: 'intel-chipset-erratum',
    topic: 'refusal',
    words: ['BIOS'],
    wordings: [wording(/This system BIOS has enabled interrupt remapping/)],
    says: 'The chipset has an erratum that makes remapping unstable, so Linux keeps it off; no setting turns it on.',
    source: `${INTEL}: intel_prepare_irq_remapping; arch/x86/kernel/early-quirks.c: intel_remapping_check`,
  },
  {
    id: 'intel-ioapic-without-unit',
    topic: 'refusal',
    words: ['ioapic', 'listed'],
    wordings: [
      wording(/ioapic \d{1,3} has no mapping iommu, interrupt remapping will be disabled/),
      wording(/Not all IO-APIC's listed under remapping hardware/),
    ],
    says: 'The MADT has an IO-APIC that no unit of the DMAR table names, so Linux keeps remapping off. Firmware has to add it.',
    source: `${INTEL}: parse_ioapics_under_ir`,
  },
  {
    id: 'intel-x2apic-opt-out',
    topic: 'interrupts',
    words: ['x2apic', 'no_x2apic_optout'],
    wordings: [
      wording(/x2apic is disabled because BIOS sets x2apic opt out bit/),
      wording(/Use 'intremap=no_x2apic_optout' to override the BIOS setting/),
      wording(/Your BIOS is broken and requested that x2apic be disabled/),
    ],
    says: 'Firmware asks for interrupt remapping without x2APIC. That is harmless: remapping works in xAPIC mode as well.',
    source: `${INTEL}: intel_prepare_irq_remapping`,
  },
  {
    id: 'x2apic-not-supported',
    topic: 'interrupts',
    words: ['X2APIC'],
    wordings: [wording(/IRQ remapping doesn't support X2APIC mode/)],
    says: 'The local APICs stay in xAPIC mode. That is harmless to isolation.',
    source: 'arch/x86/kernel/apic/apic.c: try_to_enable_x2apic',
  },
  {
    id: 'intel-compatibility-format',
    topic: 'interrupts',
    words: ['Compatibility'],
    wordings: [wording(/Compatibility-format IRQs enabled despite intr remapping/)],
    says: 'Interrupts of the old format pass the remapping unit unchecked: remapping isolates nothing.',
    source: `${INTEL}: iommu_enable_irq_remapping`,
  },
  {
    id: 'intel-remapping-fault',
    topic: 'interrupts',
    words: ['INTR'],
    wordings: [
      wording(/DMAR: \[INTR-REMAP\](?: NO_PASID)? Request device \[[0-9a-f:.]{5,12}\] fault index 0x[0-9a-f]{1,16}/),
      wording(/INTR-REMAP: ?Request device \[+[0-9a-f:.]{5,12}\]? fault index [0-9a-f]{1,16}/),
    ],
    says: 'The remapping unit stopped an interrupt that its table does not hold or that was of the old format.',
    source: 'drivers/iommu/intel/dmar.c: dmar_fault_do_one',
  },
  {
    id: 'intel-unit',
    topic: 'machine',
    words: ['reg_base_addr'],
    wordings: [
      wording(
        /^(?:DMAR|dmar): (?:dmar\d{1,4}|IOMMU \d{1,4}): reg_base_addr [0-9a-f]{1,16} ver [0-9a-f]{1,3}:[0-9a-f]{1,3} cap [0-9a-f]{1,16} ecap [0-9a-f]{1,16}$/,
      ),
    ],
    says: 'The DMAR describes this unit of VT-d; bit 3 of its extended capabilities (ecap) tells whether it can remap interrupts, and Linux remaps none where a unit cannot.',
    source: 'drivers/iommu/intel/dmar.c: alloc_iommu',
  },
  {
    id: 'intel-iommu-word',
    topic: 'translation',
    words: ['IOMMU'],
    wordings: [wording(/^DMAR: IOMMU (?:en|dis)abled$/), wording(/^Intel-IOMMU: (?:en|dis)abled$/)],
    says: 'What intel_iommu= on the command line says of the translation; it says nothing of interrupt remapping.',
    source: 'drivers/iommu/intel/iommu.c: intel_iommu_setup',
  },
  {
    id: 'intel-unit-all-ones',
    topic: 'refusal',
    words: ['DMAR'],
    wordings: [
      wording(/DMAR reported at address [0-9a-f]{1,16} returns all ones!/),
      wording(/DMAR reported at address [0-9a-f]{1,16}!/),
    ],
    says: 'Firmware describes a unit at this address and nothing answers there: VT-d is off or the table is wrong.',
    source: 'drivers/iommu/intel/dmar.c: dmar_validate_one_drhd',
  },
  {
    id: 'intel-rmrr',
    topic: 'refusal',
    words: ['ineligible'],
    wordings: [
      wording(`${pciFunction}: Device is ineligible for IOMMU domain attach due to platform RMRR requirement`),
    ],
    says: 'Firmware keeps memory of the host mapped for this device (RMRR of the DMAR table), so VFIO refuses it with EPERM. Firmware has to release it.',
    source: 'drivers/iommu/intel/iommu.c: intel_iommu_attach_device',
    releases: '3.17 to 6.5; later the 1:1 mapping line',
  },
  {
    id: 'amd-remapping',
    topic: 'interrupts',
    words: ['AMD'],
    wordings: [wording(/^AMD-Vi: (?:Interrupt remapping enabled|Disabling interrupt remapping)/)],
    says: 'Whether interrupt remapping is on. Where it was disabled any device can raise any interrupt, and the lines before say why.',
    source: `${AMD}: print_iommu_info, check_ioapic_information`,
  },
  {
    id: 'amd-ioapic-missing',
    topic: 'refusal',
    words: ['IOAPIC'],
    wordings: [wording(/IOAPIC\[\d{1,3}\] not in IVRS table/), wording(/No southbridge IOAPIC found/)],
    says: 'The IVRS table does not name an IO-APIC that the MADT has, so Linux keeps remapping off. ivrs_ioapic= on the command line names it.',
    source: `${AMD}: check_ioapic_information`,
  },
  {
    id: 'amd-table-checksum',
    topic: 'refusal',
    words: ['IVRS'],
    wordings: [wording(/IVRS invalid checksum/)],
    says: 'The checksum of the IVRS table is wrong, and Linux leaves the AMD IOMMU alone for it: no translation, no interrupt remapping.',
    source: `${AMD}: check_ivrs_checksum`,
  },
  {
    id: 'amd-stoney-ridge',
    topic: 'refusal',
    words: ['Stoney'],
    wordings: [wording(/Disable IOMMU on Stoney Ridge/)],
    says: 'Linux leaves the AMD IOMMU off beside the graphics of Stoney Ridge.',
    source: `${AMD}: detect_ivrs`,
    releases: '5.7 and later',
  },
  {
    id: 'iommu-returns-ones',
    topic: 'machine',
    words: ['ones'],
    wordings: [wording(`I/O APIC ${address} registers return all ones, skipping`)],
    says: 'Firmware describes an IO-APIC at which nothing answers.',
    source: 'arch/x86/kernel/apic/io_apic.c: bad_ioapic_register',
  },
]
