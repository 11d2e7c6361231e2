import type { Machine } from '../../machine/machine.js'
import { kernelAnswers } from '../../routes/kernel-answers.js'
import type { RouteMap } from '../../routes/route.js'
import { listOf } from '../device-items.js'
import { NOT_APPLICABLE, type Outcome, type OutcomeItem, type Rule, type Subject } from '../rule.js'
import { switchState } from './switch-parameter.js'

const SWITCHES = [
  { parameter: 'vfio_iommu_type1.allow_unsafe_interrupts', gate: 'VFIO type1' },
  { parameter: 'iommufd.allow_unsafe_interrupts', gate: 'iommufd' },
] as const

type Need = 'needed' | 'removable' | 'undetermined'

/** Whether some endpoint is let through only by the override: its group's predicate says no on this kernel. */
function needOf(routes: RouteMap): { readonly need: Need; readonly devices: readonly string[] } {
  const answers = kernelAnswers(routes)
  const endpoints = routes.routes.filter((route) => route.role === 'endpoint')
  const said = endpoints.map((route) => ({ name: route.fn.name, answer: answers.isolatedWithGroup(route) }))
  const refused = said.filter(({ answer }) => answer === 'no').map(({ name }) => name)
  if (refused.length > 0) return { need: 'needed', devices: refused }
  const undetermined = said.length === 0 || said.some(({ answer }) => answer === 'unknown')
  return { need: undetermined ? 'undetermined' : 'removable', devices: [] }
}

function hasFunctions(machine: Machine): boolean {
  return machine.functions.state === 'known' && machine.functions.value.length > 0
}

function check({ machine, routes }: Subject): Outcome {
  if (!hasFunctions(machine)) return NOT_APPLICABLE
  const failed: OutcomeItem[] = []
  const unknown: OutcomeItem[] = []
  let need: ReturnType<typeof needOf> | undefined
  for (const { parameter, gate } of SWITCHES) {
    const { state, evidence } = switchState(machine, parameter)
    const item = { subject: parameter, devices: [], evidence }
    if (state === 'off') continue
    if (state === 'unreadable') {
      unknown.push({ ...item, message: 'unreadable', details: { parameter } })
      continue
    }
    need ??= needOf(routes)
    const details = { parameter, gate, needing: listOf(need.devices) }
    failed.push({ ...item, message: `${state === 'on' ? 'in-force' : 'configured'}-${need.need}`, details })
  }
  return { failed, unknown, applicable: true }
}

export const unsafeInterruptsAllowed: Rule = {
  id: 'IR001',
  slug: 'unsafe-interrupts-allowed',
  title: 'Devices without isolated interrupts are let through',
  scope: 'machine',
  severity: 'critical',
  effect: 'none',
  checks:
    'The parameter allow_unsafe_interrupts of vfio_iommu_type1 and of iommufd: loaded value, kernel command line, modprobe.d. Where it is on: whether this kernel would refuse any endpoint without it.',
  why: 'With the override the kernel gives devices to user space whose MSIs are not checked: a guest that owns one can raise interrupts of the host and of other guests.',
  remedy: [
    {
      actor: 'configuration',
      text: 'Remove allow_unsafe_interrupts from the kernel command line and modprobe.d, and keep devices without isolated MSIs on the host.',
    },
  ],
  limits:
    'A value changed at run time and back again leaves no trace. Needed and removable are about the functions that are here now.',
  references: [
    {
      kind: 'linux',
      title: 'Linux, VFIO type1',
      locator: 'drivers/vfio/vfio_iommu_type1.c: vfio_iommu_type1_attach_group',
    },
    { kind: 'linux', title: 'Linux, iommufd', locator: 'drivers/iommu/iommufd/device.c: iommufd_device_bind' },
  ],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    'in-force-needed':
      '{parameter} is on: {gate} accepts devices whose interrupts are not isolated, and would refuse {needing} without it.',
    'in-force-removable':
      '{parameter} is on, and nothing here needs it: every endpoint has isolated interrupts. It can be removed.',
    'in-force-undetermined':
      '{parameter} is on: {gate} accepts devices whose interrupts are not isolated. Whether anything here needs it cannot be told.',
    'configured-needed':
      '{parameter} will be on when its module is loaded: {gate} will accept devices whose interrupts are not isolated, {needing} among them.',
    'configured-removable':
      '{parameter} will be on when its module is loaded, and nothing here needs it: every endpoint has isolated interrupts. It can be removed.',
    'configured-undetermined':
      '{parameter} will be on when its module is loaded: {gate} will accept devices whose interrupts are not isolated. Whether anything here needs it cannot be told.',
    unreadable: '{parameter} cannot be read.',
  },
  check,
}
