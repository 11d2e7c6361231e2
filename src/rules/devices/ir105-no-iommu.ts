import { isRefused } from '../base.js'
import { causeRemedies } from '../causes/cause-remedies.js'
import { CausedItems } from '../causes/caused-items.js'
import { DeviceItems } from '../device-items.js'
import { NOT_APPLICABLE, PASS, type Outcome, type Rule, type Subject } from '../rule.js'

function check(subject: Subject): Outcome {
  const { routes } = subject.routes
  if (routes.length === 0) return NOT_APPLICABLE
  const caused = new CausedItems(subject)
  const own = new DeviceItems()
  for (const route of routes) {
    const { attachment } = route.iommu
    if (attachment.state !== 'never' && attachment.state !== 'never-or-deferred') continue
    if (route.role === 'iommu')
      own.add(route.fn.name, { message: 'the-iommu-itself', severity: 'info', actor: 'hardware' }, attachment.from)
    else if (attachment.state === 'never')
      caused.add(
        route,
        'missing-iommu',
        { message: isRefused(attachment.why) ? 'refused' : 'missing' },
        attachment.from,
      )
    else if (!caused.addIfTold(route, 'missing-iommu', { message: 'none-driven-for' }, attachment.from))
      own.add(route.fn.name, { message: 'none-driven', actor: 'configuration' }, attachment.from)
  }
  return { ...PASS, failed: [...caused.list(), ...own.list()] }
}

export const noIommu: Rule = {
  id: 'IR105',
  slug: 'no-iommu',
  title: 'No IOMMU stands before the device',
  scope: 'device',
  severity: 'critical',
  effect: 'none',
  checks:
    'Whether the function has an IOMMU group or will get one, and if not, why: what firmware describes, what the kernel drives, what the driver refused.',
  why: 'Without an IOMMU the device reads and writes all of memory: it reaches every interrupt doorbell, and the tables that decide where interrupts go. That holds even where an ITS checks its own MSIs.',
  remedy: [
    ...causeRemedies('missing-iommu'),
    {
      actor: 'configuration',
      messages: ['none-driven'],
      text: 'Let the firmware tables and the device tree be read: as root, outside of a container that masks them, or from a capture that has them.',
    },
    { actor: 'hardware', messages: ['the-iommu-itself'], text: 'Leave the IOMMU to the host.' },
  ],
  limits:
    'Firmware is believed: an IOMMU that is there but not described counts as none. What cannot be told is left to rule IR109, a device with a group but without a described IOMMU to IR104.',
  references: [
    { kind: 'linux', title: 'Linux, IOMMU groups', locator: 'drivers/iommu/iommu.c: __iommu_probe_device' },
    { kind: 'linux', title: 'Linux, IORT', locator: 'drivers/acpi/arm64/iort.c: iort_iommu_configure_id' },
    { kind: 'linux', title: 'Linux, device tree', locator: 'drivers/iommu/of_iommu.c: of_iommu_configure' },
  ],
  outcomes: ['pass', 'fail', 'not-applicable'],
  messages: {
    missing: 'No IOMMU stands before {devices}: {cause}.',
    refused: 'The IOMMU in front of {devices} does not translate for it: {cause}.',
    'none-driven-for': 'No IOMMU translates for {devices}: {cause}.',
    'none-driven': 'The kernel drives no IOMMU before {devices}; whether firmware describes one could not be read.',
    'the-iommu-itself': '{devices}: an IOMMU itself, for which nothing translates and which is not for assignment.',
  },
  check,
}
