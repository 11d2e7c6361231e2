import { evidenceFrom, evidenceOf } from '../evidence.js'
import { NOT_APPLICABLE, PASS, type Outcome, type Rule, type Subject } from '../rule.js'

const LINE = /Compatibility-format IRQs enabled despite intr remapping/

function check({ machine, routes }: Subject): Outcome {
  const devices = routes.routes
    .filter((route) => route.iommu.kind === 'vt-d' && route.msi.kind !== 'x86-vector')
    .map((route) => route.fn.name)
  if (devices.length === 0) return NOT_APPLICABLE
  const { log } = machine.kernel
  const item = { subject: 'kernel log', devices, details: {} }
  const [line] = routes.context.hazards.of(LINE)
  if (line === undefined && log.state === 'unreadable')
    return { ...PASS, unknown: [{ ...item, message: 'unreadable', evidence: evidenceOf(log) }] }
  if (line === undefined) return PASS
  return { ...PASS, failed: [{ ...item, message: 'enabled', evidence: evidenceFrom(log.from, line) }] }
}

export const compatibilityFormatInterrupts: Rule = {
  id: 'IR008',
  slug: 'compatibility-format-interrupts',
  title: 'Interrupts of the old format go past the remapping tables',
  scope: 'machine',
  severity: 'critical',
  effect: 'not-isolated',
  reason: 'x86-not-remapped',
  checks: 'The line of the kernel log that says compatibility-format interrupts stayed enabled beside remapping.',
  why: 'A device that writes an interrupt in the old format names processor and vector itself: the remapping unit passes it unchecked, while the kernel still reports isolated MSIs.',
  remedy: [
    {
      actor: 'firmware',
      text: 'Enable x2APIC mode in the firmware setup, or update firmware that leaves the old format on.',
    },
  ],
  limits:
    'Without the log, or when the line has rotated away, the setting cannot be seen: Linux clears it in all other cases.',
  references: [
    {
      kind: 'linux',
      title: 'Linux, VT-d interrupt remapping',
      locator: 'drivers/iommu/intel/irq_remapping.c: iommu_enable_irq_remapping',
    },
    {
      kind: 'specification',
      title: 'Intel VT-d specification',
      locator: 'Interrupt requests in compatibility format, GSTS_REG.CFIS',
    },
  ],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    enabled: 'Interrupts in compatibility format are still enabled: a device can raise any interrupt vector.',
    unreadable:
      'The kernel log cannot be read, so nobody can tell whether compatibility-format interrupts are enabled.',
  },
  check,
}
