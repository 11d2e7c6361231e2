import { evidenceOf } from '../evidence.js'
import type { Cause } from './cause.js'

const guest: Cause = {
  id: 'guest-payload-unchecked',
  family: 'unchecked-payload',
  scope: 'machine',
  actor: 'hardware',
  title: 'The hypervisor gives this guest an interrupt controller that checks no sender',
  decidedBy: 'What shows that the machine is a guest.',
  summary: 'this is a virtual machine, and its hypervisor gives it an MSI controller that checks no sender',
  remedy:
    'The hypervisor provides the interrupt controller: have it give this guest one that checks its sender, on Arm an ITS, or keep the device in this guest.',
  references: [{ title: 'Linux, isolated MSI', locator: 'kernel/irq/msi.c: msi_device_has_isolated_msi' }],
  decide: ({ machine: { virtualization } }) =>
    virtualization.virtualized === 'yes' ? { evidence: evidenceOf(virtualization.evidence) } : undefined,
}

export const uncheckedByHardware: Cause = {
  id: 'payload-unchecked-by-hardware',
  family: 'unchecked-payload',
  scope: 'device',
  actor: 'hardware',
  title: 'The MSI controller of the hardware checks no sender',
  decidedBy: 'The MSI controller that firmware describes and that is in use.',
  summary: 'its MSI controller checks no sender, and firmware leads it to no other',
  remedy:
    'Keep the device on the host, for no setting makes this controller check its sender; if the machine has an ITS, have the firmware map the device to it.',
  references: [{ title: 'Linux, isolated MSI', locator: 'kernel/irq/msi.c: msi_device_has_isolated_msi' }],
  decide: () => ({ evidence: [] }),
}

export const UNCHECKED_PAYLOAD: readonly Cause[] = [guest]
