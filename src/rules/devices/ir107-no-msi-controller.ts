import type { Route } from '../../routes/route.js'
import { DeviceItems } from '../device-items.js'
import { noMsiControllerCause } from './no-msi-controller-cause.js'
import { NOT_APPLICABLE, PASS, type Outcome, type Rule, type Subject } from '../rule.js'

const hasNone = ({ msi: { described } }: Route) =>
  described.state === 'decided' && described.value.controller === undefined && described.value.payloadChecked === 'no'

function check({ routes }: Subject): Outcome {
  if (routes.routes.length === 0) return NOT_APPLICABLE
  const items = new DeviceItems()
  for (const route of routes.routes) {
    if (hasNone(route)) items.add(route.fn.name, noMsiControllerCause(routes, route), route.msi.described.from)
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
  remedy: [
    {
      actor: 'hardware',
      faults: ['firmware'],
      machines: ['guest'],
      text: 'The hypervisor provides the interrupt controller: have it give this guest an ITS and map the device to it, or keep the device in this guest.',
    },
    {
      actor: 'firmware',
      machines: ['arm-acpi'],
      text: 'Map the device to an ITS in the IORT, and list that ITS in the MADT; on hardware without an ITS keep the device on the host.',
    },
    {
      actor: 'firmware',
      machines: ['devicetree'],
      text: 'Map the device to an MSI controller that checks its sender, on Arm an enabled ITS node with msi-controller (msi-map of the host bridge); on hardware without one keep the device on the host.',
    },
    {
      actor: 'firmware',
      text: 'Describe the way from the device to an MSI controller that checks its sender, on Arm an ITS; without one keep the device on the host.',
    },
    { actor: 'configuration', text: 'Remove irqchip.gicv3_nolpi from the kernel command line.' },
    { actor: 'kernel', text: 'Use a kernel that is built with CONFIG_ARM_GIC_V3_ITS.' },
    {
      actor: 'hardware',
      text: 'Read in the kernel log why the ITS did not come up; without it the device stays on the host.',
    },
  ],
  limits: 'What cannot be told is left to rule IR109.',
  references: [
    { title: 'Linux, PCI MSI domains', locator: 'drivers/pci/msi/irqdomain.c: pci_msi_get_device_domain' },
    { title: 'Linux, IORT', locator: 'drivers/acpi/arm64/iort.c: iort_get_device_domain' },
    { title: 'Linux, device tree', locator: 'drivers/of/irq.c: of_msi_get_domain' },
    { title: 'Arm Base System Architecture', locator: 'ITS_03' },
  ],
  outcomes: ['pass', 'fail', 'not-applicable'],
  messages: {
    'none-described': 'Firmware describes no MSI controller for {devices}.',
    'no-iort': 'There is no IORT that could lead the MSIs of {devices} to an ITS, and no other MSI controller in use.',
    'segment-not-described':
      'IORT has no root complex for PCI segment {segment}, so there is no MSI controller for {devices}.',
    'not-mapped-by-iort': 'No ID mapping of IORT leads from {devices} to an ITS.',
    'empty-its-group': 'The ITS group that IORT leads {devices} to names no ITS.',
    'its-not-in-madt': 'IORT leads the MSIs of {devices} to ITS {its}, which is not in MADT.',
    'lpis-disabled': 'The MSIs of {devices} would go to ITS {its}, but irqchip.gicv3_nolpi keeps it out of use.',
    'its-not-built': 'The MSIs of {devices} would go to ITS {its}, but this kernel is built without its driver.',
    'its-failed': 'The MSIs of {devices} would go to ITS {its}, but it did not come up.',
    'no-map': 'Host bridge {bridge} has neither msi-map nor msi-parent, so there is no MSI controller for {devices}.',
    'not-mapped-by-tree': 'No entry of the msi-map of {bridge} is for {devices}.',
    'map-refused':
      'Linux passes over the msi-map of {bridge} because of an error in it, so there is no MSI controller for {devices}.',
    'parent-unusable':
      'The msi-parent of {bridge} leads to no MSI controller of this kernel, so there is none for {devices}.',
    'controller-disabled': 'The MSI controller of {devices}, {its}, is disabled in the device tree.',
    'controller-unused': 'The MSIs of {devices} would go to {its}, of which this kernel makes no MSI domain.',
    'not-msi-controller':
      'The node that the MSIs of {devices} go to, {its}, has no msi-controller property, so Linux ignores it.',
  },
  check,
}
