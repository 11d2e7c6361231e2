import { evidenceFrom } from '../evidence.js'
import type { Actor, Reference } from '../rule.js'
import type { Cause } from './cause.js'
import { msiWayEnd, type MsiWayEnd } from './msi-way-end.js'
import { ITS_INIT, MSI_DOMAIN, OF_MSI } from './shared-references.js'

const IORT_MSI: Reference = {
  kind: 'linux',
  title: 'Linux, IORT',
  locator: 'drivers/acpi/arm64/iort.c: iort_get_device_domain',
}

interface Row {
  readonly id: string
  readonly end: MsiWayEnd
  readonly actor: Actor
  readonly title: string
  readonly summary: string
  readonly remedy: string
  readonly reference: Reference
}

const ROWS: readonly Row[] = [
  {
    id: 'iort-absent',
    end: 'no-iort',
    actor: 'firmware',
    title: 'There is no IORT',
    summary: 'there is no IORT that could lead its MSIs to an ITS, and no other MSI controller in use',
    remedy:
      'Have the vendor describe the way from the device to an ITS in an IORT; without an ITS keep the device on the host.',
    reference: IORT_MSI,
  },
  {
    id: 'iort-segment-not-described',
    end: 'segment-not-described',
    actor: 'firmware',
    title: 'IORT has no root complex for the PCI segment',
    summary: 'IORT has no root complex for PCI segment {segment}',
    remedy:
      'Have the vendor add a root complex node for PCI segment {segment} to the IORT, mapped to an SMMU and an ITS group.',
    reference: IORT_MSI,
  },
  {
    id: 'msi-not-mapped-by-iort',
    end: 'not-mapped-by-iort',
    actor: 'firmware',
    title: 'No ID mapping of IORT leads to an ITS',
    summary: 'no ID mapping of IORT leads from it to an ITS',
    remedy:
      'Have the vendor map the device to an ITS group in the IORT; on hardware without an ITS keep the device on the host.',
    reference: IORT_MSI,
  },
  {
    id: 'empty-its-group',
    end: 'empty-its-group',
    actor: 'firmware',
    title: 'The ITS group names no ITS',
    summary: 'the ITS group that IORT leads it to names no ITS',
    remedy: 'Have the vendor name the ITS in the ITS group node of the IORT.',
    reference: IORT_MSI,
  },
  {
    id: 'its-not-in-madt',
    end: 'its-not-in-madt',
    actor: 'firmware',
    title: 'The ITS is not in the MADT',
    summary: 'IORT leads its MSIs to ITS {its}, which is not in MADT',
    remedy: 'Have the vendor list ITS {its} in the MADT, or leave it out of the IORT where the hardware has none.',
    reference: ITS_INIT,
  },
  {
    id: 'lpis-disabled',
    end: 'lpis-disabled',
    actor: 'configuration',
    title: 'irqchip.gicv3_nolpi keeps the ITS out of use',
    summary: 'irqchip.gicv3_nolpi on the kernel command line keeps ITS {its} out of use',
    remedy: 'Remove irqchip.gicv3_nolpi from the kernel command line and restart.',
    reference: { kind: 'linux', title: 'Linux, GICv3', locator: 'drivers/irqchip/irq-gic-v3.c: gicv3_nolpi_cfg' },
  },
  {
    id: 'its-driver-not-built',
    end: 'its-not-built',
    actor: 'kernel',
    title: 'The kernel was built without what serves the ITS',
    summary: 'this kernel was built without {option}, without which ITS {its} serves no PCI device',
    remedy: 'Use a kernel that is built with {option}.',
    reference: { kind: 'linux', title: 'Linux', locator: 'drivers/irqchip/Kconfig: ARM_GIC_V3_ITS' },
  },
  {
    id: 'its-failed',
    end: 'its-failed',
    actor: 'hardware',
    title: 'The ITS did not come up',
    summary: 'ITS {its} is described and did not come up',
    remedy:
      'Read in the kernel log why ITS {its} did not come up (lines that begin with ITS); without it the device stays on the host.',
    reference: ITS_INIT,
  },
  {
    id: 'msi-map-missing',
    end: 'no-map',
    actor: 'firmware',
    title: 'The host bridge has neither msi-map nor msi-parent',
    summary: '{bridge} has neither msi-map nor msi-parent',
    remedy:
      'Have the device tree map {bridge} to an ITS (msi-map); on hardware without one keep the device on the host.',
    reference: OF_MSI,
  },
  {
    id: 'msi-map-does-not-reach',
    end: 'not-mapped-by-tree',
    actor: 'firmware',
    title: 'The msi-map of the host bridge has no entry for the function',
    summary: 'no entry of the msi-map of {bridge} is for it',
    remedy: 'Have the device tree or the boot loader that writes msi-map add the device to {bridge}.',
    reference: OF_MSI,
  },
  {
    id: 'msi-map-refused',
    end: 'map-refused',
    actor: 'firmware',
    title: 'Linux passes over the msi-map because of an error in it',
    summary: 'the msi-map of {bridge} has an error, and Linux passes over it',
    remedy: 'Correct the msi-map of {bridge} in the device tree; `intremap lint` names the cells.',
    reference: OF_MSI,
  },
  {
    id: 'msi-parent-unusable',
    end: 'parent-unusable',
    actor: 'firmware',
    title: 'The msi-parent leads to no MSI controller',
    summary: 'the msi-parent of {bridge} leads to no MSI controller that this kernel would take from it',
    remedy:
      'Have the device tree lead {bridge} to an enabled ITS by msi-map, which every release follows; `intremap lint` names what is wrong with its msi-parent.',
    reference: OF_MSI,
  },
  {
    id: 'msi-controller-disabled',
    end: 'controller-disabled',
    actor: 'firmware',
    title: 'The device tree describes the MSI controller and disables it',
    summary: 'its MSI controller, {its}, is disabled in the device tree',
    remedy: 'Boot with a device tree in which {its} has status "okay".',
    reference: OF_MSI,
  },
  {
    id: 'msi-controller-property-missing',
    end: 'not-msi-controller',
    actor: 'firmware',
    title: 'The node of the MSI controller has no msi-controller property',
    summary: 'the node that its MSIs go to, {its}, has no msi-controller property, so that Linux ignores it',
    remedy: 'Have the device tree give {its} the msi-controller property.',
    reference: OF_MSI,
  },
  {
    id: 'msi-controller-unused',
    end: 'controller-unused',
    actor: 'firmware',
    title: 'This kernel makes no MSI domain of the controller',
    summary: 'its MSIs would go to {its}, of which this kernel makes no MSI domain',
    remedy:
      'Have the device tree map the device to an enabled ITS; on hardware without one keep the device on the host.',
    reference: OF_MSI,
  },
]

const causeOf = ({ reference, end, ...data }: Row): Cause => ({
  ...data,
  family: 'missing-msi-controller',
  scope: 'device',
  decidedBy: 'The way that firmware describes from the function to an MSI controller, followed as Linux follows it.',
  references: [reference, MSI_DOMAIN],
  decide: ({ routes }, route) => {
    const ended = msiWayEnd(routes, route)
    return ended.end === end
      ? { ...(ended.details ? { details: ended.details } : {}), evidence: evidenceFrom(route.msi.described.from) }
      : undefined
  },
})

/** One for each place where the way to an MSI controller can end. */
export const MSI_WAY_CAUSES: readonly Cause[] = ROWS.map(causeOf)
