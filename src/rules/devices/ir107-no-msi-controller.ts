import type { Route } from '../../routes/route.js'
import { causeRemedies } from '../causes/cause-remedies.js'
import { CausedItems } from '../causes/caused-items.js'
import { bsaRule } from '../firmware-references.js'
import { NOT_APPLICABLE, PASS, type Outcome, type Rule, type Subject } from '../rule.js'

const hasNone = ({ msi: { described } }: Route) =>
  described.state === 'decided' && described.value.controller === undefined && described.value.payloadChecked === 'no'

function check(subject: Subject): Outcome {
  const { routes } = subject.routes
  if (routes.length === 0) return NOT_APPLICABLE
  const items = new CausedItems(subject)
  for (const route of routes) {
    if (hasNone(route)) items.add(route, 'missing-msi-controller', { message: 'missing' }, route.msi.described.from)
  }
  return { ...PASS, failed: items.list() }
}

export const noMsiController: Rule = {
  id: 'IR107',
  slug: 'no-msi-controller',
  title: 'Linux finds no MSI controller for the device',
  scope: 'device',
  severity: 'high',
  effect: 'none',
  checks:
    'The way that firmware describes from the function to an MSI controller, and whether this kernel has the controller at its end.',
  why: 'Without an MSI domain nothing checks what the device writes, and Linux 6.3 and later refuse to assign it. The device has wired interrupts only, or none.',
  remedy: causeRemedies('missing-msi-controller'),
  limits: 'What cannot be told is left to rule IR109.',
  references: [
    {
      kind: 'linux',
      title: 'Linux, PCI MSI domains',
      locator: 'drivers/pci/msi/irqdomain.c: pci_msi_get_device_domain',
    },
    { kind: 'linux', title: 'Linux, IORT', locator: 'drivers/acpi/arm64/iort.c: iort_get_device_domain' },
    { kind: 'linux', title: 'Linux, device tree', locator: 'drivers/of/irq.c: of_msi_get_domain' },
    bsaRule('ITS_03'),
  ],
  outcomes: ['pass', 'fail', 'not-applicable'],
  messages: { missing: 'There is no MSI controller for {devices}: {cause}.' },
  check,
}
