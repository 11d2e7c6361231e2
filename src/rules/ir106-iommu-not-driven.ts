import type { DeferredReason } from '../kernel/iommu-attachment.js'
import { hex } from '../machine/identifiers.js'
import type { Machine } from '../machine/machine.js'
import type { Route } from '../routes/route.js'
import { DeviceItems, type DeviceRemark } from './device-items.js'
import { NOT_APPLICABLE, PASS, type Outcome, type Rule, type Subject } from './rule.js'

const OPTIONS: Readonly<Record<string, string>> = {
  smmuv3: 'CONFIG_ARM_SMMU_V3',
  smmuv2: 'CONFIG_ARM_SMMU',
  'virtio-iommu': 'CONFIG_VIRTIO_IOMMU',
  riscv: 'CONFIG_RISCV_IOMMU',
}

function nameOf({ iommu: { described, name } }: Route): string {
  if (described.state === 'undecided' || described.value === 'none' || described.value.nodePath !== undefined)
    return name
  const { kind, address } = described.value
  return address === undefined ? name : `${kind} at ${hex(address)}`
}

/** Built in or a module, kept back by the command line, or not built at all. */
function remarkOf(machine: Machine, route: Route, why: DeferredReason): DeviceRemark {
  const { described } = route.iommu
  const iommu = nameOf(route)
  if (why === 'registration-undone') return { message: why, actor: 'kernel', details: { iommu } }
  const kind = described.state === 'decided' && described.value !== 'none' ? described.value.kind : route.iommu.kind
  const option = OPTIONS[kind] ?? ''
  const { configuration, commandLine } = machine.kernel
  const built = configuration.state === 'known' ? configuration.value.get(option) : undefined
  if (built === 'n') return { message: 'not-built', actor: 'kernel', details: { iommu, option } }
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
    if (attachment.state === 'deferred') {
      items.add(route.fn.name, remarkOf(machine, route, attachment.why), attachment.from)
    }
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
  why: 'Nothing translates the device now, and the kernel puts off every driver that asks for it (EAGAIN), vfio-pci included.',
  remedy: [
    {
      actor: 'configuration',
      text: 'Load the driver of the IOMMU, and remove what keeps it back from the kernel command line.',
    },
    {
      actor: 'kernel',
      text: 'Use a kernel that is built with the driver of this IOMMU; where the kernel took the IOMMU back, remove the function that the IOMMU did not take.',
    },
  ],
  limits: 'Why the driver does not run shows only as far as build options, command line and log tell.',
  references: [
    { title: 'Linux, deferred probing', locator: 'drivers/iommu/of_iommu.c, drivers/acpi/scan.c: EPROBE_DEFER' },
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
