import { causeRemedies } from '../causes/cause-remedies.js'
import { CausedItems } from '../causes/caused-items.js'
import { NOT_APPLICABLE, PASS, type Outcome, type Rule, type Subject } from '../rule.js'

function check(subject: Subject): Outcome {
  const { routes } = subject.routes
  if (routes.length === 0) return NOT_APPLICABLE
  const items = new CausedItems(subject)
  for (const route of routes) {
    const { attachment } = route.iommu
    if (attachment.state === 'deferred' || attachment.state === 'not-awaited')
      items.add(route, 'undriven-iommu', { message: 'not-driven' }, attachment.from)
  }
  return { ...PASS, failed: items.list() }
}

export const iommuNotDriven: Rule = {
  id: 'IR106',
  slug: 'iommu-not-driven',
  title: 'Firmware describes an IOMMU that no driver runs',
  scope: 'device',
  severity: 'high',
  effect: 'none',
  checks: 'Whether the IOMMU that firmware describes for a function is among those that the kernel drives.',
  why: 'Nothing translates the device now, and it cannot be assigned: vfio-pci is put off until the IOMMU has a driver (EAGAIN), or, where the kernel does not wait for one, fails to bind (EINVAL).',
  remedy: causeRemedies('undriven-iommu'),
  limits: 'Why the driver does not run shows only as far as build options, command line and log tell.',
  references: [
    {
      kind: 'linux',
      title: 'Linux, deferred probing',
      locator: 'drivers/base/dd.c: driver_deferred_probe_check_state; drivers/acpi/viot.c, drivers/acpi/arm64/iort.c',
    },
  ],
  outcomes: ['pass', 'fail', 'not-applicable'],
  messages: {
    'not-driven': 'Firmware describes an IOMMU before {devices} that no driver runs: {cause}.',
  },
  check,
}
