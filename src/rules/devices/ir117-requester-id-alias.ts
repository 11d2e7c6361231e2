import { realDmaDevice } from '../../kernel/pci/dma-alias.js'
import { aliasesOnBus } from '../../kernel/pci/pci-topology.js'
import { hex } from '../../machine/identifiers.js'
import type { PciFunction } from '../../machine/pci.js'
import { DeviceItems } from '../device-items.js'
import { usesIts } from './its-users.js'
import { NOT_APPLICABLE, type Outcome, type Rule, type Subject } from '../rule.js'

function requesterIds(fn: PciFunction, aliases: readonly number[]): string {
  const bus = fn.address.bus << 8
  const shown = aliases.slice(0, 4).map((devfn) => hex(bus | devfn))
  return aliases.length > shown.length ? `${shown.join(', ')} and others` : shown.join(', ')
}

function check({ routes }: Subject): Outcome {
  const concerned = routes.routes.filter((route) => usesIts(route) || route.iommu.kind !== 'none')
  if (concerned.length === 0) return NOT_APPLICABLE
  const failed = new DeviceItems()
  const unknown = new DeviceItems()
  for (const { fn } of concerned) {
    const device = realDmaDevice(routes.context.topology, fn)
    const aliases = aliasesOnBus(routes.context.topology, device)
    if (aliases === 'unknown')
      unknown.add(fn.name, { message: 'unknown' }, [...device.vendor.from, ...device.device.from])
    else if (aliases.length > 0)
      failed.add(
        fn.name,
        { message: 'aliases', details: { aliases: requesterIds(device, aliases) } },
        device.device.from,
      )
  }
  return { failed: failed.list(), unknown: unknown.list(), applicable: true }
}

export const requesterIdAlias: Rule = {
  id: 'IR117',
  slug: 'requester-id-alias',
  title: 'The device is known to use RequesterIDs of other functions',
  scope: 'device',
  severity: 'medium',
  effect: 'caveat',
  checks: 'Vendor and device against the table of devices whose DMA carries another RequesterID on their own bus.',
  why: 'The kernel lets all of these RequesterIDs pass the IOMMU, but takes the DeviceID of MSIs from that of the function itself: an MSI that carries the other one is lost, or is looked up as that of another function. On x86 such entries are checked by bus number only.',
  remedy: [
    { actor: 'hardware', text: 'Give the device away together with every function of its bus, or use another one.' },
  ],
  limits:
    'Which RequesterID the device puts on MSIs cannot be seen. Devices that are not in the table are taken at their word.',
  references: [
    { kind: 'linux', title: 'Linux, DMA aliases', locator: 'drivers/pci/quirks.c: pci_add_dma_alias' },
    { kind: 'linux', title: 'Linux, MSI requester', locator: 'drivers/pci/msi/irqdomain.c: get_msi_id_cb' },
    {
      kind: 'linux',
      title: 'Linux, VT-d interrupt remapping',
      locator: 'drivers/iommu/intel/irq_remapping.c: set_msi_sid',
    },
  ],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    aliases:
      'RequesterID {aliases} is used by {devices} as well; MSIs that carry it may be lost, or taken for those of another function.',
    unknown: 'Whether RequesterIDs of other functions are used by {devices} cannot be told.',
  },
  check,
}
