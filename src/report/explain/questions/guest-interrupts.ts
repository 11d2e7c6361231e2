import { commandLineValues, type KernelView } from '../../../kernel/context.js'
import type { Provenance } from '../../../machine/fact.js'
import type { Answer } from '../../types.js'
import { evidenceAt } from '../place-evidence.js'
import type { Question, QuestionSubject, Reply, Said } from './question.js'

interface Kvm {
  readonly usable: Answer
  readonly said: string
  readonly from: readonly Provenance[]
}

function lines({ machine, log }: KernelView, pattern: RegExp): readonly Provenance[] {
  const path = machine.kernel.log.from[0]?.path ?? 'var/log/dmesg'
  return log
    .of(pattern)
    .slice(0, 1)
    .map((excerpt) => ({ path, excerpt }))
}

/** Whether KVM works here. The node alone says little: it may stand there before the module finds the hardware. */
function kvmOf(view: KernelView): Kvm {
  const refused = lines(
    view,
    /kvm(?: \[\d{1,10}\])?: (?:HYP mode not available|no hardware support|disabled by bios)|kvm_(?:intel|amd): .{0,60}not supported/,
  )
  if (refused.length > 0) return { usable: 'no', said: 'kvm-refused', from: refused }
  const works = lines(view, /kvm(?: \[\d{1,10}\])?: .{0,60}mode initialized/)
  if (works.length > 0) return { usable: 'yes', said: 'kvm-works', from: works }
  const { deviceNodes } = view.machine.kernel
  if (deviceNodes.state !== 'known') return { usable: 'unknown', said: 'kvm-unknown', from: deviceNodes.from }
  return deviceNodes.value.has('dev/kvm')
    ? { usable: 'unknown', said: 'kvm-node', from: deviceNodes.from.map(({ path }) => ({ path, excerpt: 'dev/kvm' })) }
    : { usable: 'no', said: 'kvm-absent', from: deviceNodes.from }
}

/** What the evidence says of direct injection, which needs GICv4 hardware, KVM's parameter, and KVM's own yes. */
export function directInjection(view: KernelView): { readonly said: Said; readonly from: readonly Provenance[] } {
  const verdict = lines(view, /kvm(?: \[\d+\])?: GICv4(?:\.1)? support (?:en|dis)abled/)
  const [line] = verdict
  if (line?.excerpt?.includes('disabled')) return { said: { message: 'injection-disabled' }, from: verdict }
  if (line) return { said: { message: 'injection-enabled' }, from: verdict }
  const hardware = lines(view, /Using GICv4\.1 mode|GICv3: GICv4 features|as GICv4 proxy device|Enabling GICv4 support/)
  if (hardware.length === 0) return { said: { message: 'injection-unseen' }, from: [] }
  const asked = commandLineValues(view.machine, 'kvm_arm.vgic_v4_enable').some((value) => /^(y|1|on)/i.test(value))
  return { said: { message: asked ? 'injection-asked' : 'injection-off' }, from: hardware }
}

function emulated({ way }: QuestionSubject): readonly Said[] {
  switch (way.msiController.kind) {
    case 'its':
      return [{ message: 'virtual-its' }]
    case 'gicv5-its':
      return [{ message: 'virtual-gicv5' }]
    case 'gicv2m':
    case 'gicv3-mbi':
      return [{ message: 'virtual-frame' }]
    case 'x86-vector':
    case 'x86-remapped':
      return [{ message: 'virtual-apic' }]
    case 'host-bridge':
    case 'imsic':
    case 'other':
    case 'none':
    case 'unknown':
      return [{ message: 'virtual-unknown' }]
  }
}

function reply(subject: QuestionSubject): Reply {
  const { context } = subject.map
  const { machine, architecture } = context
  const kvm = kvmOf(context)
  const arm = architecture === 'arm64' || architecture === 'arm'
  const injection = arm ? directInjection(context) : undefined
  return {
    answer: kvm.usable,
    said: [
      { message: kvm.said },
      ...(kvm.usable === 'no' ? [] : [...emulated(subject), ...(injection ? [injection.said] : [])]),
    ],
    evidence: evidenceAt(machine, [...kvm.from, ...(injection?.from ?? [])]),
  }
}

export const guestInterrupts: Question = {
  id: 'guest-interrupts',
  question: 'Can a guest get its MSIs: KVM, an emulated ITS, direct injection?',
  messages: {
    'kvm-refused': 'KVM found no virtualization it could use here.',
    'kvm-works': 'KVM has come up.',
    'kvm-absent': 'There is no /dev/kvm.',
    'kvm-node': '/dev/kvm is there; no line of the kernel log says whether KVM came up behind it.',
    'kvm-unknown': 'Whether there is a /dev/kvm could not be read.',
    'virtual-its': 'On a GICv3 KVM emulates an ITS for the guest; the host takes each MSI and injects it.',
    'virtual-gicv5': 'On a GICv5 it depends on what KVM of this release emulates.',
    'virtual-frame':
      'The guest gets what its virtual machine monitor emulates; the host takes each MSI and injects it.',
    'virtual-apic':
      'KVM emulates the local interrupt controller; the host takes each MSI and injects it, or posts it where the hardware can.',
    'virtual-unknown': 'What the guest sees depends on its virtual machine monitor.',
    'injection-disabled': 'KVM says that direct injection (GICv4) is disabled.',
    'injection-enabled': 'KVM says that direct injection (GICv4) is enabled.',
    'injection-asked': 'The hardware is a GICv4 and direct injection is asked for on the command line.',
    'injection-off':
      'The hardware is a GICv4, but direct injection is off unless kvm-arm.vgic_v4_enable=1 asks for it.',
    'injection-unseen': 'Nothing read here speaks of a GICv4, so there is no direct injection to be seen.',
  },
  reply,
}
