import { evidenceFrom } from './evidence.js'
import { NOT_APPLICABLE, type Outcome, type OutcomeItem, type Rule, type Subject } from './rule.js'

function check({ routes }: Subject): Outcome {
  const its = routes.controllers.filter((controller) => controller.kind === 'its' && controller.node !== undefined)
  if (its.length === 0) return NOT_APPLICABLE
  const failed: OutcomeItem[] = []
  const unknown: OutcomeItem[] = []
  for (const controller of its) {
    if (controller.preIts === 'no') continue
    const devices = routes.routes
      .filter(
        (route) =>
          route.msi.controller?.key === controller.key ||
          (route.msi.kind === 'its' && route.msi.controller === undefined),
      )
      .map((route) => route.fn.name)
    const item = {
      subject: controller.id,
      devices,
      details: { controller: controller.id },
      evidence: evidenceFrom(controller.from),
    }
    if (controller.preIts === 'yes') failed.push({ ...item, message: 'present' })
    else unknown.push({ ...item, message: 'unreadable' })
  }
  return { failed, unknown, applicable: true }
}

export const preIts: Rule = {
  id: 'IR102',
  slug: 'pre-its',
  title: 'A pre-ITS lets the written address choose the DeviceID',
  scope: 'device',
  severity: 'critical',
  effect: 'not-isolated',
  reason: 'pre-its',
  checks: 'The property socionext,synquacer-pre-its on the ITS node of the device tree.',
  why: 'The bridge before the ITS takes the DeviceID from the address that the device writes to, so a device passes for any other. The chip name still begins with ITS-.',
  remedy: [
    { actor: 'hardware', text: 'Keep devices behind this ITS on the host; no setting separates their interrupts.' },
  ],
  limits: 'Boards with such a bridge that do not say so, as when they boot with ACPI, are recognised by name only.',
  references: [
    {
      title: 'Linux, GICv3 ITS quirks',
      locator: 'drivers/irqchip/irq-gic-v3-its.c: its_enable_quirk_socionext_synquacer',
    },
  ],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    present: 'ITS {controller} stands behind a pre-ITS: a device chooses its DeviceID by the address it writes to.',
    unreadable: 'Whether ITS {controller} stands behind a pre-ITS cannot be read.',
  },
  check,
}
