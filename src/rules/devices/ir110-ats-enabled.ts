import type { Route } from '../../routes/route.js'
import { atsReach } from './ats.js'
import { DeviceItems } from '../device-items.js'
import { NOT_APPLICABLE, type Outcome, type Rule, type Subject } from '../rule.js'

function isUntold({ fn: { configuration } }: Route): boolean {
  return configuration.state === 'unreadable' && configuration.reason === 'not-collected'
}

function check({ routes }: Subject): Outcome {
  const behind = routes.routes.filter((route) => route.iommu.kind !== 'none')
  if (behind.length === 0) return NOT_APPLICABLE
  const failed = new DeviceItems()
  const unknown = new DeviceItems()
  for (const route of behind) {
    const { answer, from } = atsReach(routes, route)
    if (answer === 'yes') failed.add(route.fn.name, { message: 'enabled' }, from)
    else if (answer === 'unknown')
      unknown.add(route.fn.name, { message: isUntold(route) ? 'not-collected' : 'unreadable' }, from)
  }
  return { failed: failed.list(), unknown: unknown.list(), applicable: true }
}

export const atsEnabled: Rule = {
  id: 'IR110',
  slug: 'ats-enabled',
  title: 'The device may send requests that are not translated any more',
  scope: 'device',
  severity: 'high',
  effect: 'caveat',
  checks:
    'The enable bit of the ATS capability; on Arm whether the root complex takes translated requests (IORT attribute, ats-supported); whether a port above blocks them (translation blocking of access control services).',
  why: 'With ATS the device says itself that an address is translated, and the IOMMU believes it: hardware that lies reaches all of memory and every doorbell. An ITS still tells its own interrupts apart by DeviceID, nothing else is held back.',
  remedy: [
    {
      actor: 'configuration',
      text: 'Start the kernel with pci=noats, or give away only devices whose hardware and device firmware you trust.',
    },
  ],
  limits:
    'A device that can do ATS and has it turned off counts as safe: vfio-pci does not let its owner turn it on. Whether its firmware obeys the bit cannot be seen.',
  references: [
    {
      kind: 'specification',
      title: 'PCI Express base specification',
      locator: 'Address Translation Services; ACS Translation Blocking',
    },
    {
      kind: 'linux',
      title: 'Linux, SMMUv3',
      locator: 'drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c: arm_smmu_ats_supported',
    },
  ],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    enabled: 'ATS is on in {devices}: what is sent as translated passes the IOMMU unchecked.',
    unreadable: 'Whether ATS is on in {devices} cannot be told: only root reads the extended configuration space.',
    'not-collected': 'Whether ATS is on in {devices} cannot be told: their configuration space was not collected.',
  },
  check,
}
