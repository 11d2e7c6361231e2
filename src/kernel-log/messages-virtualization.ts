import { wording, type KernelLogMessage } from './message.js'

/** What shows whether the machine runs guests or is one. */
export const VIRTUALIZATION_MESSAGES: readonly KernelLogMessage[] = [
  {
    id: 'kvm-unavailable',
    topic: 'virtualization',
    words: ['kvm'],
    wordings: [
      wording(/kvm \[\d{1,7}\]: HYP mode not available/),
      wording(/kvm: (?:no hardware support|disabled by bios)/),
    ],
    says: 'KVM has no hardware to run guests with: it is off in firmware, or this is a guest itself.',
    source: 'arch/arm64/kvm/arm.c: kvm_arm_init; arch/x86/kvm',
  },
  {
    id: 'kvm-not-supported-by-cpu',
    topic: 'virtualization',
    words: ['supported'],
    wordings: [wording(/kvm_(?:intel: VMX|amd: SVM) not supported by CPU \d{1,5}/)],
    says: 'KVM has no hardware to run guests with.',
    source: 'arch/x86/kvm/vmx/vmx.c, svm/svm.c',
  },
  {
    id: 'kvm-direct-injection',
    topic: 'virtualization',
    words: ['kvm'],
    wordings: [wording(/kvm \[\d{1,7}\]: GICv4(?:\.1)? support (?:en|dis)abled/)],
    says: 'Whether KVM lets the ITS hand interrupts to guests without the host.',
    source: 'arch/arm64/kvm/vgic/vgic-v3.c: vgic_v3_probe',
  },
  {
    id: 'kvm-mode',
    topic: 'virtualization',
    words: ['kvm'],
    wordings: [wording(/kvm \[\d{1,7}\]: (?:VHE|Hyp|Hyp nVHE|Protected nVHE|Protected hVHE) mode initialized/)],
    says: 'KVM works, so the machine has the hypervisor mode to itself.',
    source: 'arch/arm64/kvm/arm.c: kvm_arm_init',
  },
  {
    id: 'started-at-el2',
    topic: 'virtualization',
    words: ['EL2'],
    wordings: [wording(/^CPU: All CPU\(s\) started at EL2$/)],
    says: 'The kernel was started in the hypervisor mode, which a guest is given by nested virtualization only.',
    source: 'arch/arm64/kernel/smp.c: hyp_mode_check',
  },
  {
    id: 'hypervisor-detected',
    topic: 'virtualization',
    words: ['Hypervisor'],
    wordings: [wording(/^Hypervisor detected: (?:KVM|VMware|Microsoft Hyper-V|Xen HVM|Xen PV|ACRN|Jailhouse|Bhyve)$/)],
    says: 'This machine is a guest of the named hypervisor, so that its IOMMU and its interrupt remapping are what that one makes of them.',
    source: 'arch/x86/kernel/cpu/hypervisor.c: init_hypervisor_platform',
  },
  {
    id: 'dmi-names',
    topic: 'virtualization',
    words: ['DMI'],
    wordings: [wording(/^DMI: [^\n]{1,200}, BIOS /)],
    says: 'Vendor and product of the machine as its firmware names them; those of hypervisors show a guest.',
    source: 'drivers/firmware/dmi_scan.c: dmi_format_ids',
  },
]
