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
]
