import { configured } from '../../kernel/context.js'
import { driverOption } from '../../kernel/iommu/awaited-iommu.js'
import { hex } from '../../machine/identifiers.js'
import type { IommuKind } from '../../machine/kinds.js'
import type { Route } from '../../routes/route.js'
import type { Evidence } from '../rule.js'
import type { Cause } from './cause.js'

const DRIVER_CORE = {
  title: 'Linux, deferred probing',
  locator: 'drivers/base/dd.c: driver_deferred_probe_check_state; drivers/acpi/viot.c, drivers/acpi/arm64/iort.c',
}

const kindOf = ({ iommu: { described, kind } }: Route): IommuKind =>
  described.state === 'decided' && described.value !== 'none' ? described.value.kind : kind

function nameOf({ iommu: { described, name } }: Route): string {
  if (described.state === 'undecided' || described.value === 'none' || described.value.nodePath !== undefined)
    return name
  const { kind, address } = described.value
  return address === undefined ? name : `${kind} at ${hex(address)}`
}

const describedAt = ({ iommu: { described } }: Route): readonly Evidence[] =>
  described.from.map((from) => ({ from, value: from.excerpt ?? '' }))

const registrationUndone: Cause = {
  id: 'registration-undone',
  family: 'undriven-iommu',
  scope: 'device',
  actor: 'hardware',
  title: 'The IOMMU failed to take one function, and the kernel took every function from it',
  decidedBy: 'An instance in /sys/class/iommu without a device, on Linux 6.15 or later.',
  summary:
    'its driver runs {iommu}, but the IOMMU failed to take one function and the kernel then took every function from it',
  remedy: 'Remove the function that the IOMMU failed to take, so that the kernel leaves it the others.',
  references: [
    { title: 'Linux, IOMMU core', locator: 'drivers/iommu/iommu.c: iommu_device_register, bus_iommu_probe' },
  ],
  decide: (_, route) => {
    const { attachment } = route.iommu
    const waits = attachment.state === 'deferred' || attachment.state === 'not-awaited'
    return waits && attachment.why === 'registration-undone'
      ? { details: { iommu: nameOf(route) }, evidence: describedAt(route) }
      : undefined
  },
}

const driverNotBuilt: Cause = {
  id: 'iommu-driver-not-built',
  family: 'undriven-iommu',
  scope: 'device',
  actor: 'kernel',
  title: 'The kernel was built without the driver of the IOMMU',
  decidedBy: 'The configuration of the kernel.',
  summary: 'this kernel was built without {option}, the driver of {iommu}',
  remedy: 'Use a kernel that is built with {option}.',
  references: [{ title: 'Linux', locator: 'drivers/iommu/Kconfig, drivers/iommu/arm/Kconfig' }],
  decide: ({ machine }, route) => {
    const option = driverOption(kindOf(route))
    if (option === undefined || configured(machine, option) !== 'no') return undefined
    const from = machine.kernel.configuration.from.map((place) => ({ from: place, value: `${option} is not set` }))
    return { details: { option, iommu: nameOf(route) }, evidence: from }
  },
}

const KEPT_BACK = /^(?:initcall_blacklist|module_blacklist|modprobe\.blacklist)=.*(?:smmu|iommu)/

const driverKeptBack: Cause = {
  id: 'iommu-driver-kept-back',
  family: 'undriven-iommu',
  scope: 'device',
  actor: 'configuration',
  title: 'The kernel command line keeps the driver of the IOMMU back',
  decidedBy: 'Words of the kernel command line.',
  summary: '{words} on the kernel command line keeps the driver of {iommu} back',
  remedy: 'Remove {words} from the kernel command line and restart.',
  references: [{ title: 'Linux, kernel parameters', locator: 'Documentation/admin-guide/kernel-parameters.txt' }],
  decide: ({ machine: { kernel } }, route) => {
    if (kernel.commandLine.state !== 'known') return undefined
    const words = kernel.commandLine.value.filter((word) => KEPT_BACK.test(word)).join(' ')
    const [from = { path: 'proc/cmdline' }] = kernel.commandLine.from
    return words === '' ? undefined : { details: { words, iommu: nameOf(route) }, evidence: [{ from, value: words }] }
  },
}

export const undrivenUnexplained: Cause = {
  id: 'undriven-iommu-unexplained',
  family: 'undriven-iommu',
  scope: 'device',
  actor: 'configuration',
  title: 'Nothing here tells why no driver runs the IOMMU',
  decidedBy: 'None of the other causes holds.',
  summary: 'no driver runs {iommu}, and nothing that was read tells why',
  remedy:
    'Load the driver of {iommu}, in the initial ramdisk where it comes too late; where it is loaded, read in the kernel log why it failed.',
  references: [DRIVER_CORE],
  decide: (_, route) => ({ details: { iommu: nameOf(route) }, evidence: describedAt(route) }),
}

export const UNDRIVEN_IOMMU: readonly Cause[] = [registrationUndone, driverNotBuilt, driverKeptBack]
