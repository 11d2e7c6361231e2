import type { MsiController } from '../../kernel/msi/msi-controller.js'
import { hasProperty } from '../../machine/devicetree.js'
import type { Provenance } from '../../machine/fact.js'
import { hex } from '../../machine/identifiers.js'
import type { MsiControllerKind } from '../../machine/kinds.js'
import type { Route } from '../../routes/route.js'
import type { CauseFamily } from '../causes/cause.js'
import { causeRemedies } from '../causes/cause-remedies.js'
import { CausedItems } from '../causes/caused-items.js'
import { DeviceItems, type DeviceRemark } from '../device-items.js'
import { NOT_APPLICABLE, PASS, type Outcome, type Rule, type Subject } from '../rule.js'

function mbiMessage(controller: MsiController | undefined): string {
  const alias = controller?.node && hasProperty(controller.node, 'mbi-alias')
  return alias?.state === 'known' && alias.value ? 'gicv3-mbi-alias' : 'gicv3-mbi-distributor'
}

function remarkOf(route: Route, kind: MsiControllerKind): DeviceRemark | undefined {
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
      return { message: kind, details }
    case 'gicv3-mbi':
      return { message: mbiMessage(controller), details }
    case 'x86-vector':
    case 'x86-remapped':
      return { message: 'x86' }
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

const IS_X86: ReadonlySet<MsiControllerKind> = new Set(['x86-vector', 'x86-remapped'])

function check(subject: Subject): Outcome {
  const { routes } = subject.routes
  if (routes.length === 0) return NOT_APPLICABLE
  const caused = new CausedItems(subject)
  const own = new DeviceItems()
  for (const route of routes) {
    const unchecked = uncheckedOf(route)
    const remark = unchecked && remarkOf(route, unchecked.kind)
    if (!remark) continue
    const family: CauseFamily = IS_X86.has(unchecked.kind) ? 'missing-remapping' : 'unchecked-payload'
    if (route.role === 'iommu' && family === 'missing-remapping')
      own.add(route.fn.name, { message: 'the-iommu-itself', severity: 'info', actor: 'hardware' }, unchecked.from)
    else caused.add(route, family, remark, unchecked.from)
  }
  return { ...PASS, failed: [...caused.list(), ...own.list()] }
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
    ...causeRemedies('unchecked-payload', 'missing-remapping'),
    { actor: 'hardware', messages: ['the-iommu-itself'], text: 'Leave the IOMMU to the host.' },
  ],
  limits:
    'Whether the interrupt files of a RISC-V IMSIC are given to one owner each cannot be seen. What cannot be told is left to rule IR109.',
  references: [
    { kind: 'linux', title: 'Linux, isolated MSI', locator: 'kernel/irq/msi.c: msi_device_has_isolated_msi' },
    { kind: 'linux', title: 'Linux, GICv2m', locator: 'drivers/irqchip/irq-gic-v2m.c' },
    { kind: 'linux', title: 'Linux, MBI', locator: 'drivers/irqchip/irq-gic-v3-mbi.c' },
    { kind: 'linux', title: 'Linux, x86 interrupt remapping', locator: 'drivers/iommu/irq_remapping.c' },
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
    x86: 'The MSIs of {devices} name processor and vector themselves, for interrupt remapping is off: {cause}.',
    'the-iommu-itself': '{devices}: an IOMMU itself, whose own MSIs are not remapped and which is not for assignment.',
  },
  check,
}
