import { commandLineValues } from '../kernel/context.js'
import { evidenceFrom, evidenceOf } from './evidence.js'
import { NOT_APPLICABLE, type Evidence, type Outcome, type OutcomeItem, type Rule, type Subject } from './rule.js'

const SWITCHES = [
  { parameter: 'vfio_iommu_type1.allow_unsafe_interrupts', gate: 'VFIO type1' },
  { parameter: 'iommufd.allow_unsafe_interrupts', gate: 'iommufd' },
] as const

const isOn = (value: string) => /^(y|1|on)/i.test(value)

function item(
  subject: string,
  message: string,
  details: Record<string, string>,
  evidence: readonly Evidence[],
): OutcomeItem {
  return { subject, devices: [], message, details, evidence }
}

function check({ machine }: Subject): Outcome {
  const failed: OutcomeItem[] = []
  const unknown: OutcomeItem[] = []
  for (const { parameter, gate } of SWITCHES) {
    const loaded = machine.kernel.parameters.get(parameter)?.value
    if (loaded?.state === 'known') {
      if (isOn(loaded.value)) failed.push(item(parameter, 'in-force', { parameter, gate }, evidenceOf(loaded)))
      continue
    }
    if (loaded?.state === 'unreadable') unknown.push(item(parameter, 'unreadable', { parameter }, evidenceOf(loaded)))
    // The module is not loaded: what it will be told when it is.
    const onCommandLine = commandLineValues(machine, parameter).some(isOn)
    const options = machine.kernel.modprobeOptions
    const configured = options.state === 'known' && isOn(options.value.get(parameter) ?? 'N')
    if (onCommandLine)
      failed.push(item(parameter, 'configured', { parameter, gate }, evidenceFrom(machine.kernel.commandLine.from)))
    else if (configured) failed.push(item(parameter, 'configured', { parameter, gate }, evidenceFrom(options.from)))
  }
  const applicable = machine.functions.state === 'known' && machine.functions.value.length > 0
  return applicable ? { failed, unknown, applicable } : NOT_APPLICABLE
}

export const unsafeInterruptsAllowed: Rule = {
  id: 'IR001',
  slug: 'unsafe-interrupts-allowed',
  title: 'Devices without isolated interrupts are let through',
  scope: 'machine',
  severity: 'critical',
  effect: 'none',
  checks:
    'The parameter allow_unsafe_interrupts of vfio_iommu_type1 and of iommufd: loaded value, kernel command line, modprobe.d.',
  why: 'With the override the kernel gives devices to user space whose MSIs are not checked: a guest that owns one can raise interrupts of the host and of other guests.',
  remedy: [
    {
      actor: 'configuration',
      text: 'Remove allow_unsafe_interrupts from the kernel command line and modprobe.d, and keep devices without isolated MSIs on the host.',
    },
  ],
  limits: 'A value changed at run time and back again leaves no trace.',
  references: [
    { title: 'Linux, VFIO type1', locator: 'drivers/vfio/vfio_iommu_type1.c: vfio_iommu_type1_attach_group' },
    { title: 'Linux, iommufd', locator: 'drivers/iommu/iommufd/device.c: iommufd_device_bind' },
  ],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    'in-force': '{parameter} is on: {gate} accepts devices whose interrupts are not isolated.',
    configured:
      '{parameter} will be on when its module is loaded: {gate} will accept devices whose interrupts are not isolated.',
    unreadable: '{parameter} cannot be read.',
  },
  check,
}
