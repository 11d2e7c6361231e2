import type { Machine } from '../machine/machine.js'
import type { Route } from '../routes/route.js'
import { DeviceItems, type DeviceRemark } from './device-items.js'
import { NOT_APPLICABLE, PASS, type Outcome, type Rule, type Subject } from './rule.js'

const OFF_WORDS = /^(intel_iommu|amd_iommu|iommu)=(.*,)?off(,|$)/

/** Words of the command line that keep an x86 IOMMU from being driven. */
function offWords(machine: Machine): string {
  const { commandLine } = machine.kernel
  const words = commandLine.state === 'known' ? commandLine.value.filter((word) => OFF_WORDS.test(word)) : []
  return words.length > 0 ? words.join(' ') : 'the kernel shows no unit'
}

function remarkOf(machine: Machine, route: Route): DeviceRemark | undefined {
  const { attachment } = route.iommu
  if (attachment.state === 'never-or-deferred') return { message: 'none-to-come', actor: 'firmware' }
  if (attachment.state !== 'never') return undefined
  if (route.role === 'iommu') return { message: 'the-iommu-itself', severity: 'info' }
  switch (attachment.why) {
    case 'not-described':
      return { message: 'not-described', actor: 'firmware' }
    case 'not-driven':
      return { message: 'not-driven', actor: 'configuration', details: { cause: offWords(machine) } }
    case 'refused':
      return { message: 'refused', actor: 'hardware' }
    case 'stream-id-taken':
      return { message: 'stream-id-taken', actor: 'hardware' }
    case 'no-iommu-mode':
      return { message: 'no-iommu-mode', actor: 'configuration' }
  }
}

function check({ machine, routes }: Subject): Outcome {
  if (routes.routes.length === 0) return NOT_APPLICABLE
  const items = new DeviceItems()
  for (const route of routes.routes) {
    const remark = remarkOf(machine, route)
    const { attachment } = route.iommu
    if (remark) items.add(route.fn.name, remark, attachment.from)
  }
  return { ...PASS, failed: items.list() }
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
  why: 'Without an IOMMU (I/O memory management unit) the device reads and writes all of memory: it reaches every interrupt doorbell, and the tables that decide where interrupts go. That holds even where an ITS (interrupt translation service) checks its own MSIs.',
  remedy: [
    {
      actor: 'firmware',
      text: 'Enable the IOMMU in the firmware setup (SMMU, VT-d, AMD-Vi), or describe it for this device in IORT, DMAR, IVRS or iommu-map; on hardware without one, keep the device on the host.',
    },
    {
      actor: 'configuration',
      text: 'Remove the words that turn the IOMMU off from the kernel command line, turn the no-IOMMU mode of VFIO off, and use a kernel with the driver of the IOMMU.',
    },
    {
      actor: 'hardware',
      text: 'Move the device to a slot where no other function has its RequesterID, not below a PCIe-to-PCI bridge with others; else keep it on the host.',
    },
  ],
  limits:
    'Firmware is believed: an IOMMU that is there but not described counts as none. What cannot be told is left to rule IR109, a device with a group but without a described IOMMU to IR104.',
  references: [
    { title: 'Linux, IOMMU groups', locator: 'drivers/iommu/iommu.c: __iommu_probe_device' },
    { title: 'Linux, IORT', locator: 'drivers/acpi/arm64/iort.c: iort_iommu_configure_id' },
    { title: 'Linux, device tree', locator: 'drivers/iommu/of_iommu.c: of_iommu_configure' },
  ],
  outcomes: ['pass', 'fail', 'not-applicable'],
  messages: {
    'not-described': 'Firmware describes no IOMMU for {devices}: nothing translates what they write.',
    'not-driven': 'An IOMMU is described for {devices}, but it is not in use ({cause}).',
    refused: 'The driver of the IOMMU was asked for {devices} and made no group: they never get one.',
    'stream-id-taken':
      'Another function already owns a StreamID of {devices}: the driver of the SMMU refuses them a group.',
    'no-iommu-mode': '{devices} are held by the no-IOMMU mode of VFIO: nothing translates what they write.',
    'none-to-come': '{devices} have no group, and no IOMMU is in use here that could give them one.',
    'the-iommu-itself': '{devices} is an IOMMU itself: nothing translates for it, and it is not for assignment.',
  },
  check,
}
