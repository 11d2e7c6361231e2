import { idsOf } from '../../machine/pci.js'
import type { MsiLink } from '../../routes/route.js'
import { DeviceItems } from '../device-items.js'
import { evidenceOf } from '../evidence.js'
import { MSI_BACK_DOORS } from './quirks/msi-back-doors.js'
import { NOT_APPLICABLE, type Outcome, type Rule, type Subject } from '../rule.js'

/** By whether the controller checks the payload; where a hypervisor decides, Linux's own no says nothing of it. */
function messageOf({ isolated, described, inUse }: MsiLink): 'guarded' | 'open' | 'untold' {
  if (isolated === 'yes') return 'guarded'
  const isSeen = inUse.state === 'known' && inUse.isolated === 'no' && inUse.doubt === undefined
  return isolated === 'no' && (isSeen || described.state === 'decided') ? 'open' : 'untold'
}

function check({ routes }: Subject): Outcome {
  const endpoints = routes.routes.filter((route) => route.role === 'endpoint')
  if (endpoints.length === 0) return NOT_APPLICABLE
  const failed = new DeviceItems()
  const unknown = new DeviceItems()
  for (const { fn, msi } of endpoints) {
    const ids = idsOf(fn)
    if (typeof ids === 'string' || fn.classCode.state !== 'known') {
      unknown.add(fn.name, { message: 'unreadable' }, [...fn.vendor.from, ...fn.classCode.from])
      continue
    }
    const { vendor, device } = ids
    const kind = fn.classCode.value >>> 8
    const door = MSI_BACK_DOORS.find(
      (at) =>
        at.vendor === vendor &&
        (at.device === undefined || at.device === device) &&
        (at.baseAndSubclass === undefined || at.baseAndSubclass === kind),
    )
    if (!door) continue
    const message = messageOf(msi)
    const severity = message === 'open' ? 'high' : 'info'
    failed.add(fn.name, { message, severity, details: { name: door.name, way: door.way } }, evidenceOf(fn.device))
  }
  return { failed: failed.list(), unknown: unknown.list(), applicable: true }
}

export const msiConfigurationBackDoor: Rule = {
  id: 'IR116',
  slug: 'msi-configuration-back-door',
  title: 'The device has a back door to its MSI configuration',
  scope: 'device',
  severity: 'info',
  effect: 'none',
  checks: 'Vendor, device and class of the function against a table of known back doors.',
  why: 'The owner of the device writes any MSI address and payload, whatever the host traps. Any device may have such a way, and vfio-pci shows the MSI-X table to user space anyway: only a controller that checks the payload helps.',
  remedy: [
    {
      actor: 'hardware',
      text: 'Give the device away only where its payload is checked; trapping its registers is not enough.',
    },
  ],
  limits: 'The table holds the devices that QEMU knows. That a device is not in it says nothing.',
  references: [{ kind: 'source', title: 'QEMU', locator: 'hw/vfio/pci-quirks.c' }],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    guarded: '{devices} ({name}): {way}. The MSI controller checks what is written, so this gives the owner nothing.',
    open: '{devices} ({name}): {way}. Nothing checks what is written, so the owner raises any interrupt.',
    untold:
      '{devices} ({name}): {way}. Whether anything checks what is written is not known; only that keeps the owner to its own interrupts.',
    unreadable:
      'Vendor and device id of {devices} cannot be read, so whether there is a known back door cannot be told.',
  },
  check,
}
