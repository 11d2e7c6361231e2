import { configured } from '../../kernel/context.js'
import type { LogLines } from '../../kernel/log-lines.js'
import { iommuDriverOf, type IommuDriver } from '../../kernel/iommu/iommu-driver.js'
import { hex } from '../../machine/identifiers.js'
import type { Route } from '../../routes/route.js'
import { evidenceFrom } from '../evidence.js'
import type { Evidence, Reference } from '../rule.js'
import type { Cause, CauseSubject } from './cause.js'

const KCONFIG: Reference = {
  kind: 'linux',
  title: 'Linux',
  locator: 'drivers/iommu/Kconfig, drivers/iommu/arm/Kconfig',
}
const DRIVER_CORE: Reference = {
  kind: 'linux',
  title: 'Linux, deferred probing',
  locator: 'drivers/base/dd.c: driver_deferred_probe_check_state; drivers/acpi/viot.c, drivers/acpi/arm64/iort.c',
}
const PARAMETERS: Reference = {
  kind: 'linux',
  title: 'Linux, kernel parameters',
  locator: 'Documentation/admin-guide/kernel-parameters.txt',
}

const LOG = { path: 'var/log/dmesg' }

/** The IOMMU before a function that no driver runs, by the name that a person would look for. */
function iommuName({ iommu: { described, name } }: Route): string {
  if (described.state === 'undecided' || described.value === 'none' || described.value.nodePath !== undefined)
    return name
  const { kind, address } = described.value
  return address === undefined ? name : `${kind} at ${hex(address)}`
}

function driverOf({ iommu: { described, kind } }: Route): IommuDriver | undefined {
  return described.state === 'decided' && described.value !== 'none'
    ? iommuDriverOf(described.value.kind, described.value.node)
    : iommuDriverOf(kind)
}

const describedAt = ({ iommu: { described } }: Route): readonly Evidence[] => evidenceFrom(described.from)

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
    {
      kind: 'linux',
      title: 'Linux, IOMMU core',
      locator: 'drivers/iommu/iommu.c: iommu_device_register, bus_iommu_probe',
    },
  ],
  decide: (_, route) => {
    const { attachment } = route.iommu
    const waits = attachment.state === 'deferred' || attachment.state === 'not-awaited'
    return waits && attachment.why === 'registration-undone'
      ? { details: { iommu: iommuName(route) }, evidence: describedAt(route) }
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
  references: [KCONFIG],
  decide: ({ machine }, route) => {
    const option = driverOf(route)?.option
    if (option === undefined || configured(machine, option) !== 'no') return undefined
    const evidence = evidenceFrom(machine.kernel.configuration.from, `${option} is not set`)
    return { details: { option, iommu: iommuName(route) }, evidence }
  },
}

/** Words that keep an initcall or module back, as far as they name this driver. */
function keepsBack(word: string, { module, logName }: IommuDriver): boolean {
  const [key = '', ...rest] = word.split('=')
  if (!['initcall_blacklist', 'module_blacklist', 'modprobe.blacklist'].includes(key)) return false
  const stem = (module ?? logName).replaceAll('-', '_').replace(/_v3$/, '')
  return rest
    .join('=')
    .split(',')
    .some((name) => name.replaceAll('-', '_').startsWith(stem))
}

const driverKeptBack: Cause = {
  id: 'iommu-driver-kept-back',
  family: 'undriven-iommu',
  scope: 'device',
  actor: 'configuration',
  title: 'The kernel command line keeps the driver of the IOMMU back',
  decidedBy: 'The words initcall_blacklist, module_blacklist and modprobe.blacklist that name the driver.',
  summary: '{words} on the kernel command line keeps the driver of {iommu} back',
  remedy: 'Remove {words} from the kernel command line and restart.',
  references: [PARAMETERS],
  decide: ({ machine: { kernel } }, route) => {
    const driver = driverOf(route)
    if (kernel.commandLine.state !== 'known' || !driver) return undefined
    const words = kernel.commandLine.value.filter((word) => keepsBack(word, driver)).join(' ')
    return words === ''
      ? undefined
      : { details: { words, iommu: iommuName(route) }, evidence: evidenceFrom(kernel.commandLine.from, words) }
  },
}

/** What the drivers of IOMMUs print when their probe gives up, and what the driver core adds. */
const PROBE_FAILED =
  /^(?:arm-smmu|arm-smmu-v3|virtio_iommu)\b.*(?:failed with error|[Ff]ailed to|unable to|missing|no translation support|GBPA not responding|too small|unknown output|not supported)/

const driverFailed: Cause = {
  id: 'iommu-driver-failed',
  family: 'undriven-iommu',
  scope: 'device',
  actor: 'firmware',
  title: 'The driver of the IOMMU started and gave up',
  decidedBy: 'Lines of the driver in the kernel log that say so.',
  summary: 'its driver gave up on {iommu}: "{line}"',
  remedy:
    'Mend what the driver says of {iommu}: "{line}". Most often firmware left it without clock, power, memory or interrupts, or holds it itself; an update of firmware or device tree is the usual cure.',
  references: [
    { kind: 'linux', title: 'Linux, Arm SMMU', locator: 'drivers/iommu/arm: arm_smmu_device_probe' },
    { kind: 'linux', title: 'Linux, driver core', locator: 'drivers/base/dd.c: really_probe' },
  ],
  decide: ({ routes: { context } }, route) => {
    const driver = driverOf(route)
    if (!driver) return undefined
    const own = ownLines(context.hazards.matching(PROBE_FAILED).matching(new RegExp(`^${driver.logName}[ :]`)), route)
    const [first] = own
    return first === undefined
      ? undefined
      : { details: { iommu: iommuName(route), line: first }, evidence: linesEvidence(own) }
  },
}

const linesEvidence = (lines: readonly string[]): readonly Evidence[] =>
  lines.slice(0, 3).map((value) => ({ from: LOG, value }))

/** Lines about this IOMMU by its address; all lines of the driver where none of them says an address of a device tree. */
function ownLines(log: LogLines, { iommu: { described } }: Route): readonly string[] {
  if (described.state === 'undecided' || described.value === 'none') return log.lines
  const { address, ownFunction, source } = described.value
  return source !== 'devicetree' || address === undefined || ownFunction !== undefined
    ? log.lines
    : linesAt(log, address)
}

/** Lines that name the device of a tree which has its registers at an address. */
function linesAt(log: LogLines, address: bigint): readonly string[] {
  return log.naming(/ [0-9a-f]{1,16}\./g, ` ${address.toString(16)}.`)
}

/** K: drivers/base/dd.c, deferred_probe_timeout_work_func: `deferred probe pending`, with the reason from 6.8 on. */
const PENDING = /^(?:platform|virtio|pci) \S+: deferred probe pending/

const driverWaits: Cause = {
  id: 'iommu-driver-waits',
  family: 'undriven-iommu',
  scope: 'device',
  actor: 'kernel',
  title: 'The driver of the IOMMU waits for another driver',
  decidedBy: 'The line of the driver core about a probe that is still pending, for the device of the IOMMU.',
  summary: 'the driver of {iommu} waits for a supplier that never came: "{line}"',
  remedy:
    'Give the kernel the driver of the supplier that {iommu} waits for (clock, power domain, interconnect), in the initial ramdisk where it comes too late: "{line}".',
  references: [
    { kind: 'linux', title: 'Linux, driver core', locator: 'drivers/base/dd.c: deferred_probe_timeout_work_func' },
  ],
  decide: ({ routes: { context } }, route) => {
    const { described } = route.iommu
    if (described.state === 'undecided' || described.value === 'none') return undefined
    const { address } = described.value
    if (address === undefined) return undefined
    const lines = linesAt(context.hazards.matching(PENDING), address)
    const [first] = lines
    return first === undefined
      ? undefined
      : { details: { iommu: iommuName(route), line: first }, evidence: linesEvidence(lines) }
  },
}

/** Modules whose directory every reader looks for, so that its absence counts in a capture too. */
const LOOKED_FOR: ReadonlySet<string> = new Set(['arm_smmu', 'arm_smmu_v3'])

/** Whether a module is surely not there, neither loaded nor, with parameters, built in. */
function isNotLoaded({ machine: { kernel, origin } }: CauseSubject, module: string): boolean {
  const { loadedModules } = kernel
  if (loadedModules.state !== 'known' || loadedModules.value.has(module)) return false
  return origin.kind === 'live' || LOOKED_FOR.has(module)
}

const driverNotLoaded: Cause = {
  id: 'iommu-driver-not-loaded',
  family: 'undriven-iommu',
  scope: 'device',
  actor: 'configuration',
  title: 'The driver of the IOMMU is a module that is not loaded',
  decidedBy: 'The configuration of the kernel, which has the driver as a module, and /sys/module, which lacks it.',
  summary: '{module}, the driver of {iommu}, is a module ({option}=m) that is not loaded',
  remedy:
    'Load {module} before the drivers of the devices: put it into the initial ramdisk, and restart; `modprobe {module}` is for trying.',
  references: [KCONFIG, DRIVER_CORE],
  decide: (subject, route) => {
    const driver = driverOf(route)
    const { configuration, loadedModules } = subject.machine.kernel
    if (driver?.module === undefined || configuration.state !== 'known') return undefined
    const { module, option } = driver
    if (configuration.value.get(option) !== 'm' || !isNotLoaded(subject, module)) return undefined
    return {
      details: { module, option, iommu: iommuName(route) },
      evidence: [
        ...evidenceFrom(configuration.from, `${option}=m`),
        ...evidenceFrom(loadedModules.from, `${module} is not there`),
      ],
    }
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
    'Look for {driver} in the kernel log since the start, which tells whether the driver of {iommu} started and why it gave up.',
  references: [DRIVER_CORE],
  decide: (_, route) => ({
    details: { iommu: iommuName(route), driver: driverOf(route)?.logName ?? 'iommu' },
    evidence: describedAt(route),
  }),
}

export const UNDRIVEN_IOMMU: readonly Cause[] = [
  registrationUndone,
  driverNotBuilt,
  driverKeptBack,
  driverFailed,
  driverWaits,
  driverNotLoaded,
]
