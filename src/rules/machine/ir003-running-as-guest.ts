import { evidenceOf } from '../evidence.js'
import { NOT_APPLICABLE, PASS, type Outcome, type Rule, type Subject } from '../rule.js'

function check({ machine, routes }: Subject): Outcome {
  const devices = routes.routes.map((route) => route.fn.name)
  if (devices.length === 0) return NOT_APPLICABLE
  const { virtualized, hypervisor, evidence } = machine.virtualization
  const item = (message: string) => ({
    subject: 'machine',
    devices,
    message,
    details: { hypervisor: hypervisor ?? 'a hypervisor' },
    evidence: evidenceOf(evidence),
  })
  switch (virtualized) {
    case 'yes':
      return { ...PASS, failed: [item('guest')] }
    case 'unknown':
      return { ...PASS, unknown: [item('unknown')] }
    case 'no':
      return PASS
  }
}

export const runningAsGuest: Rule = {
  id: 'IR003',
  slug: 'running-as-guest',
  title: 'The machine is a guest',
  scope: 'machine',
  severity: 'info',
  effect: 'caveat',
  checks:
    'DMI vendor and product, the hypervisor bit of the CPU, device-tree and ACPI marks of virtual machines; against it the maker in DMI, on Arm the hypervisor mode of the kernel (log, /dev/kvm), and a device tree of a board that is built.',
  why: 'IOMMU and interrupt controller are then emulated: the answer holds inside this guest, and is as good as the host behind it.',
  remedy: [
    {
      actor: 'configuration',
      messages: ['unknown'],
      text: 'Find out whether this machine is a guest; if it is, run intremap on the host as well.',
    },
    { actor: 'configuration', text: 'Run intremap on the host as well.' },
  ],
  limits: 'A virtual machine that hides all of these marks is not recognised.',
  references: [
    { kind: 'linux', title: 'Linux, isolated MSI', locator: 'kernel/irq/msi.c: msi_device_has_isolated_msi' },
  ],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    guest: 'This machine is a guest of {hypervisor}: its interrupt remapping is as good as the host behind it.',
    unknown: 'Nothing tells whether this machine is a guest, so its IOMMU and interrupt controller may be emulated.',
  },
  check,
}
