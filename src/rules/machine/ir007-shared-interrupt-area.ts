import { evidenceOf } from '../evidence.js'
import { NOT_APPLICABLE, PASS, type Outcome, type Rule, type Subject } from '../rule.js'

function check({ machine, routes }: Subject): Outcome {
  const devices = routes.routes.map((route) => route.fn.name)
  if (devices.length === 0) return NOT_APPLICABLE
  const { architecture } = machine.kernel
  const item = { subject: 'machine', devices, details: {}, evidence: evidenceOf(architecture) }
  if (architecture.state !== 'known') return { ...PASS, unknown: [{ ...item, message: 'unreadable' }] }
  if (architecture.value !== 's390x') return NOT_APPLICABLE
  return { ...PASS, failed: [{ ...item, message: 'shared' }] }
}

export const sharedInterruptArea: Rule = {
  id: 'IR007',
  slug: 'shared-interrupt-area',
  title: 'Isolation on s390 is weaker than elsewhere',
  scope: 'machine',
  severity: 'info',
  effect: 'caveat',
  checks: 'The architecture: on s390x Linux answers that MSIs are isolated without looking at the device.',
  why: 'Adapter interrupts of one guest interruption state area are told apart by the bits they set. User space that owns a function may set those of functions that the kernel drives in the same area.',
  remedy: [
    { actor: 'configuration', text: 'Give functions to owners who may disturb the interrupts of that partition only.' },
  ],
  limits: 'What the machine itself checks below Linux cannot be seen.',
  references: [{ kind: 'linux', title: 'Linux, s390', locator: 'arch/s390/include/asm/msi.h: arch_is_isolated_msi' }],
  outcomes: ['fail', 'unknown', 'not-applicable'],
  messages: {
    shared:
      'On s390x every function counts as isolated, although functions of one guest area can raise interrupts of one another.',
    unreadable: 'The architecture cannot be read.',
  },
  check,
}
