import { driverOption } from '../../kernel/iommu/awaited-iommu.js'
import { configured } from '../../kernel/context.js'
import { hex } from '../../machine/identifiers.js'
import type { Machine } from '../../machine/machine.js'
import type { Route } from '../../routes/route.js'
import { DeviceItems, type DeviceRemark } from '../device-items.js'
import { NOT_APPLICABLE, PASS, type Outcome, type Rule, type Subject } from '../rule.js'

function nameOf({ iommu: { described, name } }: Route): string {
  if (described.state === 'undecided' || described.value === 'none' || described.value.nodePath !== undefined)
    return name
  const { kind, address } = described.value
  return address === undefined ? name : `${kind} at ${hex(address)}`
}

/** Built in or a module, kept back by the command line, or not built at all. */
function remarkOf(machine: Machine, route: Route): DeviceRemark {
  const { attachment, described } = route.iommu
  const iommu = nameOf(route)
  const waits = attachment.state === 'deferred' || attachment.state === 'not-awaited'
  if (waits && attachment.why === 'registration-undone')
    return { message: attachment.why, actor: 'hardware', details: { iommu } }
  const kind = described.state === 'decided' && described.value !== 'none' ? described.value.kind : route.iommu.kind
  const option = driverOption(kind)
  if (option !== undefined && configured(machine, option) === 'no')
    return { message: 'not-built', actor: 'kernel', details: { iommu, option } }
  const { commandLine } = machine.kernel
  const words = commandLine.state === 'known' ? commandLine.value : []
  const kept = words.filter((word) =>
    /^(initcall_blacklist|module_blacklist|modprobe\.blacklist)=.*(smmu|iommu)/.test(word),
  )
  if (kept.length > 0) return { message: 'kept-back', actor: 'configuration', details: { iommu, word: kept.join(' ') } }
  return { message: 'not-driven', actor: 'configuration', details: { iommu } }
}

function check({ machine, routes }: Subject): Outcome {
  if (routes.routes.length === 0) return NOT_APPLICABLE
  const items = new DeviceItems()
  for (const route of routes.routes) {
    const { attachment } = route.iommu
    if (attachment.state === 'deferred' || attachment.state === 'not-awaited')
      items.add(route.fn.name, remarkOf(machine, route), attachment.from)
  }
  return { ...PASS, failed: items.list() }
}

export const iommuNotDriven: Rule = {
  id: 'IR106',
  slug: 'iommu-not-driven',
  title: 'Firmware describes an IOMMU that no driver runs',
  scope: 'device',
  severity: 'high',
  effect: 'none',
  checks: 'Whether the IOMMU that firmware describes for a function is among those that the kernel drives.',
  why: 'Nothing translates the device now, and it cannot be assigned: vfio-pci is put off until the IOMMU has a driver (EAGAIN), or, where the kernel does not wait for one, fails to bind (EINVAL).',
  remedy: [
    {
      actor: 'configuration',
      messages: ['kept-back'],
      text: 'Remove what keeps the driver of the IOMMU back from the kernel command line, and restart.',
    },
    {
      actor: 'configuration',
      text: 'Load the driver of the IOMMU, in the initial ramdisk where it comes too late; where it is loaded, read in the kernel log why it failed.',
    },
    {
      actor: 'kernel',
      text: 'Use a kernel that is built with the driver of this IOMMU.',
    },
    {
      actor: 'hardware',
      text: 'Remove the function that the IOMMU failed to take, so that the kernel leaves it the others.',
    },
  ],
  limits: 'Why the driver does not run shows only as far as build options, command line and log tell.',
  references: [
    {
      title: 'Linux, deferred probing',
      locator: 'drivers/base/dd.c: driver_deferred_probe_check_state; drivers/acpi/viot.c, drivers/acpi/arm64/iort.c',
    },
  ],
  outcomes: ['pass', 'fail', 'not-applicable'],
  messages: {
    'not-driven': 'Firmware puts IOMMU {iommu} before {devices}, but no driver runs it.',
    'not-built': 'Firmware puts IOMMU {iommu} before {devices}, but this kernel was built without {option}.',
    'kept-back':
      'Firmware puts IOMMU {iommu} before {devices}, but {word} on the kernel command line keeps its driver back.',
    'registration-undone':
      'Firmware puts IOMMU {iommu} before {devices}, and its driver runs, but the IOMMU failed to take one function and the kernel then took every function from it.',
  },
  check,
}
