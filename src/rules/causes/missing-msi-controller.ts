import { hostBridgeNodeOf } from '../../kernel/devicetree/host-bridge.js'
import { evidenceFrom } from '../evidence.js'
import type { Cause } from './cause.js'
import { guestCause } from './guest-cause.js'
import { isMapWrittenByBootLoader, TELL_U_BOOT, uBootDetails } from './map-writers.js'
import { MSI_WAY_CAUSES } from './msi-way-causes.js'
import { msiWayEnd } from './msi-way-end.js'
import { MSI_DOMAIN, OF_MSI } from './shared-references.js'

const guest = guestCause({
  id: 'guest-without-msi-controller',
  family: 'missing-msi-controller',
  title: 'The hypervisor gives this guest no ITS',
  summary: 'this is a virtual machine, and its hypervisor leads the device to no ITS',
  remedy:
    'The hypervisor provides the interrupt controller: have it give this guest an ITS and map the device to it, or keep the device in this guest.',
  references: [MSI_DOMAIN],
})

export const unexplainedMsiController: Cause = {
  id: 'missing-msi-controller-unexplained',
  family: 'missing-msi-controller',
  scope: 'device',
  actor: 'firmware',
  title: 'Firmware describes no MSI controller',
  decidedBy: 'None of the other causes holds.',
  summary: 'firmware describes no MSI controller for it',
  remedy:
    'Describe the way from the device to an MSI controller that checks its sender, on Arm an ITS; without one keep the device on the host.',
  references: [MSI_DOMAIN],
  decide: (_, route) => ({ evidence: evidenceFrom(route.msi.described.from) }),
}

const bootLoaderDidNotSee: Cause = {
  id: 'boot-loader-left-msi-out',
  family: 'missing-msi-controller',
  scope: 'device',
  actor: 'firmware',
  title: 'The boot loader wrote msi-map without this function',
  decidedBy:
    'The entries of msi-map, the RequesterID of the function, and a host bridge whose maps U-Boot writes (Layerscape).',
  summary: 'the boot loader, which writes iommu-map and msi-map of {bridge}, gave entries only to the functions it saw',
  remedy: TELL_U_BOOT,
  covers: ['IR306'],
  references: [
    {
      kind: 'source',
      title: 'U-Boot',
      locator: 'drivers/pci/pcie_layerscape_fixup.c; fsl-layerscape/doc/README.pci_iommu_extra',
    },
    OF_MSI,
  ],
  decide: ({ routes }, route) => {
    if (msiWayEnd(routes, route).end !== 'not-mapped-by-tree') return undefined
    const bridge = hostBridgeNodeOf(routes.context, route.fn)
    if (bridge.state !== 'known' || !isMapWrittenByBootLoader(bridge.value)) return undefined
    return { details: uBootDetails(bridge.value), evidence: evidenceFrom(route.msi.described.from, 'no entry for it') }
  },
}

const configured = new Set(['lpis-disabled', 'its-driver-not-built'])

export const MISSING_MSI_CONTROLLER: readonly Cause[] = [
  ...MSI_WAY_CAUSES.filter(({ id }) => configured.has(id)),
  guest,
  bootLoaderDidNotSee,
  ...MSI_WAY_CAUSES.filter(({ id }) => !configured.has(id)),
]
