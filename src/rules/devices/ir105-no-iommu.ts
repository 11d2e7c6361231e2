import type { Machine } from '../../machine/machine.js'
import type { Route } from '../../routes/route.js'
import { DeviceItems, type DeviceRemark } from '../device-items.js'
import { NOT_APPLICABLE, PASS, type Outcome, type Rule, type Subject } from '../rule.js'

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
  why: 'Without an IOMMU the device reads and writes all of memory: it reaches every interrupt doorbell, and the tables that decide where interrupts go. That holds even where an ITS checks its own MSIs.',
  remedy: [
    {
      actor: 'hardware',
      faults: ['firmware'],
      machines: ['guest'],
      text: 'The hypervisor provides the IOMMU: have it give this guest one that covers the device, or keep the device in this guest.',
    },
    {
      actor: 'firmware',
      machines: ['x86'],
      text: 'Turn VT-d or AMD-Vi on in the firmware setup; where it is on, have the vendor add the device to DMAR or IVRS. On hardware without an IOMMU keep the device on the host.',
    },
    {
      actor: 'firmware',
      machines: ['arm-acpi'],
      text: 'Turn the SMMU on in the firmware setup; where it is on, have the vendor map the device to it in the IORT. On hardware without an SMMU keep the device on the host.',
    },
    {
      actor: 'firmware',
      machines: ['devicetree'],
      text: 'Where the board has an IOMMU before its PCI host bridge, enable its node and map the device to it (iommu-map). Many boards have none, and nothing can be set: keep the device on the host.',
    },
    {
      actor: 'firmware',
      text: 'Have the firmware describe the IOMMU that stands before the device; on hardware without one keep the device on the host.',
    },
    {
      actor: 'configuration',
      messages: ['no-iommu-mode'],
      text: 'Turn the no-IOMMU mode of VFIO off, and keep the device on the host.',
    },
    {
      actor: 'configuration',
      text: 'Boot with the IOMMU on: remove the words that turn it off from the kernel command line, and on an Intel machine add intel_iommu=on where the kernel leaves it off by default.',
    },
    {
      actor: 'hardware',
      messages: ['refused'],
      text: 'Read in the kernel log why the driver of the IOMMU refused the device; if it is below a PCIe-to-PCI bridge with others, move it to a slot of its own, else keep it on the host.',
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
    'not-described': 'Firmware describes no IOMMU for {devices}: writes go untranslated.',
    'not-driven': 'An IOMMU is described for {devices}, but it is not in use ({cause}).',
    refused: 'The driver of the IOMMU was asked for {devices} and made no group, so that none will come.',
    'stream-id-taken':
      'Another function already owns a StreamID of {devices}: the driver of the SMMU refuses a second group.',
    'no-iommu-mode': 'The no-IOMMU mode of VFIO holds {devices}: writes go untranslated.',
    'none-to-come': 'No IOMMU is in use here that could give a group to {devices}.',
    'the-iommu-itself': '{devices}: an IOMMU itself, for which nothing translates and which is not for assignment.',
  },
  check,
}
