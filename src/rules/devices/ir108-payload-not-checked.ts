import type { MsiController } from '../../kernel/msi/msi-controller.js'
import { hasProperty } from '../../machine/devicetree.js'
import type { Provenance } from '../../machine/fact.js'
import { hex } from '../../machine/identifiers.js'
import type { MsiControllerKind } from '../../machine/kinds.js'
import type { Route } from '../../routes/route.js'
import { DeviceItems, type DeviceRemark } from '../device-items.js'
import { NOT_APPLICABLE, PASS, type Actor, type Outcome, type Rule, type Subject } from '../rule.js'

/** Who can change what keeps x86 remapping off, by where it was seen. */
function x86Actor(from: readonly Provenance[]): Actor {
  if (from.some(({ path }) => path === 'proc/cmdline')) return 'configuration'
  return from.some(({ path }) => path.startsWith('sys/class/iommu') || path.startsWith('sys/bus/pci'))
    ? 'hardware'
    : 'firmware'
}

/** What a place says against remapping; the chip of the device's own vectors adds nothing. */
function x86Cause({ path, excerpt }: Provenance): string | undefined {
  if (path === 'proc/interrupts') return 'the IO-APIC is a plain one'
  if (path.startsWith('sys/class/iommu')) return 'an IOMMU unit cannot do it'
  if (path.startsWith('sys/bus/pci')) return 'the chipset has an erratum'
  if (path.startsWith('sys/kernel/irq')) return undefined
  return excerpt?.trim()
}

function x86Remark(route: Route, from: readonly Provenance[]): DeviceRemark {
  if (route.role === 'iommu') return { message: 'the-iommu-itself', severity: 'info', actor: 'hardware' }
  const causes = new Set(from.flatMap((place) => x86Cause(place) ?? []))
  const cause = causes.size > 0 ? [...causes].join('; ') : 'their vectors are plain ones'
  return { message: 'x86', actor: x86Actor(from), details: { cause } }
}

function mbiMessage(controller: MsiController | undefined): string {
  const alias = controller?.node && hasProperty(controller.node, 'mbi-alias')
  return alias?.state === 'known' && alias.value ? 'gicv3-mbi-alias' : 'gicv3-mbi-distributor'
}

function remarkOf(route: Route, kind: MsiControllerKind, from: readonly Provenance[]): DeviceRemark | undefined {
  const { described, inUse } = route.msi
  const byFirmware = described.state === 'decided' ? described.value.controller : undefined
  const controller = byFirmware?.kind === kind ? byFirmware : undefined
  const chips = inUse.state === 'known' ? inUse.chipNames.join(', ') : ''
  const details = {
    controller: controller?.id ?? (chips === '' ? 'not described' : chips),
    doorbell: controller?.doorbell === undefined ? 'not known' : hex(controller.doorbell),
  }
  switch (kind) {
    case 'gicv2m':
    case 'host-bridge':
    case 'imsic':
    case 'other':
      return { message: kind, actor: 'hardware', details }
    case 'gicv3-mbi':
      return { message: mbiMessage(controller), actor: 'hardware', details }
    case 'x86-vector':
    case 'x86-remapped':
      return x86Remark(route, from)
    // A pre-ITS is rule IR102's; without a controller rule IR107 speaks.
    case 'its':
    case 'gicv5-its':
    case 'none':
    case 'unknown':
      return undefined
  }
}

/** The controller that checks nothing: the one in use, else the described one. */
function uncheckedOf({
  msi,
}: Route): { readonly kind: MsiControllerKind; readonly from: readonly Provenance[] } | undefined {
  const { described, inUse } = msi
  if (inUse.state === 'known' && inUse.doubt !== undefined) return undefined
  const byFirmware =
    described.state === 'decided' && described.value.payloadChecked === 'no' ? described.value : undefined
  if (inUse.state === 'known' && inUse.isolated === 'no')
    return { kind: msi.kind, from: [...(byFirmware?.from ?? []), ...inUse.from] }
  return byFirmware?.controller && { kind: byFirmware.controller.kind, from: byFirmware.from }
}

function check({ routes }: Subject): Outcome {
  if (routes.routes.length === 0) return NOT_APPLICABLE
  const items = new DeviceItems()
  for (const route of routes.routes) {
    const unchecked = uncheckedOf(route)
    const remark = unchecked && remarkOf(route, unchecked.kind, unchecked.from)
    if (remark) items.add(route.fn.name, remark, unchecked.from)
  }
  return { ...PASS, failed: items.list() }
}

export const payloadNotChecked: Rule = {
  id: 'IR108',
  slug: 'payload-not-checked',
  title: 'The MSI controller takes any interrupt number from any device',
  scope: 'device',
  severity: 'critical',
  effect: 'none',
  checks: 'The MSI controller of the function, as firmware describes it and as its interrupts in use show it.',
  why: 'An MSI is a write of a number to an address. This controller does not ask who writes, so the owner of the device raises interrupts of other devices, and of the host, by writing other numbers to the same doorbell; an IOMMU does not help, for the doorbell has to be mapped.',
  remedy: [
    {
      actor: 'hardware',
      messages: ['imsic'],
      text: 'Keep the device on the host: nothing that can be set makes an IMSIC check its sender.',
    },
    {
      actor: 'hardware',
      faults: ['hardware', 'firmware'],
      machines: ['guest'],
      messages: ['x86'],
      text: 'The hypervisor provides interrupt remapping: have it give this guest an IOMMU that remaps, or keep the device in this guest.',
    },
    {
      actor: 'hardware',
      messages: ['x86'],
      text: 'Keep the device on the host: this hardware cannot remap its interrupts.',
    },
    {
      actor: 'hardware',
      machines: ['guest'],
      text: 'The hypervisor provides the interrupt controller: have it give this guest one that checks its sender, on Arm an ITS, or keep the device in this guest.',
    },
    {
      actor: 'hardware',
      machines: ['arm-acpi'],
      text: 'Keep the device on the host, for no setting makes this controller check its sender; if the machine has an ITS, have the firmware map the device to it in the IORT.',
    },
    {
      actor: 'hardware',
      text: 'Keep the device on the host, for no setting makes this controller check its sender; if the machine has an ITS, have the firmware map the device to it (msi-map).',
    },
    {
      actor: 'firmware',
      text: 'Turn interrupt remapping (VT-d or AMD-Vi) on in the firmware setup, and update firmware whose tables leave an IO-APIC out.',
    },
    {
      actor: 'configuration',
      text: 'Remove intremap=off, nointremap, noapic and amd_iommu=off from the kernel command line and restart.',
    },
  ],
  limits:
    'Whether the interrupt files of a RISC-V IMSIC are given to one owner each cannot be seen. What cannot be told is left to rule IR109.',
  references: [
    { title: 'Linux, isolated MSI', locator: 'kernel/irq/msi.c: msi_device_has_isolated_msi' },
    { title: 'Linux, GICv2m', locator: 'drivers/irqchip/irq-gic-v2m.c' },
    { title: 'Linux, MBI', locator: 'drivers/irqchip/irq-gic-v3-mbi.c' },
    { title: 'Linux, x86 interrupt remapping', locator: 'drivers/iommu/irq_remapping.c' },
  ],
  outcomes: ['pass', 'fail', 'not-applicable'],
  messages: {
    gicv2m:
      'The MSIs of {devices} go to GICv2m frame {controller} (doorbell {doorbell}), which raises whatever interrupt of its range is written.',
    'gicv3-mbi-distributor':
      'The MSIs of {devices} go to the GICv3 distributor {controller} (doorbell {doorbell}): the page that is written also holds the registers that enable, clear and route every shared interrupt.',
    'gicv3-mbi-alias':
      'The MSIs of {devices} go to the alias page of the GICv3 distributor {controller} (doorbell {doorbell}), which raises whatever interrupt is written.',
    'host-bridge':
      'The MSIs of {devices} go to the receiver in their own host bridge ({controller}), which raises whatever interrupt is written.',
    imsic:
      'The MSIs of {devices} go to interrupt files of an IMSIC ({controller}), which raise whatever identity is written.',
    other: 'The MSIs of {devices} go to a controller that checks no sender ({controller}).',
    x86: 'The MSIs of {devices} are not remapped ({cause}): they name processor and vector themselves.',
    'the-iommu-itself': '{devices}: an IOMMU itself, whose own MSIs are not remapped and which is not for assignment.',
  },
  check,
}
