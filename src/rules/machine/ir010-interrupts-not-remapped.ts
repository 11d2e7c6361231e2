import { causeOfMachine } from '../causes/caused-items.js'
import { causesOf } from '../causes/registry.js'
import { causeRemedies } from '../causes/cause-remedies.js'
import { evidenceFrom } from '../evidence.js'
import { NOT_APPLICABLE, PASS, type Outcome, type Rule, type Subject } from '../rule.js'

function check(subject: Subject): Outcome {
  const { context, routes } = subject.routes
  const { architecture } = subject.machine.kernel
  const isOther = architecture.state === 'known' && architecture.value !== 'x86_64'
  // Where there are functions each says it for itself.
  if (isOther || routes.length > 0) return NOT_APPLICABLE
  const remapping = context.interruptRemapping()
  if (remapping.state === 'undecided') return NOT_APPLICABLE
  if (remapping.value === 'on') return PASS
  const cause = causeOfMachine(subject, causesOf('missing-remapping'))
  const item = {
    subject: 'interrupt remapping',
    devices: [],
    message: cause === undefined ? 'off' : 'caused',
    details: { cause: cause?.summary ?? '' },
    evidence: evidenceFrom(remapping.from),
    ...(cause && { cause, actor: cause.actor }),
  }
  return { ...PASS, failed: [item] }
}

export const interruptsNotRemapped: Rule = {
  id: 'IR010',
  slug: 'interrupts-not-remapped',
  title: 'The machine remaps no interrupts',
  scope: 'machine',
  severity: 'critical',
  effect: 'none',
  checks:
    'Where no PCI function is in the evidence, as with a kernel log by itself: whether log, interrupts in use, command line and tables say that interrupt remapping is off.',
  why: 'Without remapping every device of the machine raises any interrupt of any processor, and VFIO refuses to give one away.',
  remedy: [...causeRemedies('missing-remapping')],
  limits: 'It is about the machine: of a device nothing is known. Where devices are known rule IR108 says it of each.',
  references: [
    {
      kind: 'linux',
      title: 'Linux, interrupt remapping',
      locator: 'drivers/iommu/irq_remapping.c: irq_remapping_prepare',
    },
  ],
  outcomes: ['pass', 'fail', 'not-applicable'],
  messages: {
    off: 'Interrupt remapping is off on this machine.',
    caused: 'Interrupt remapping is off on this machine: {cause}.',
  },
  check,
}
