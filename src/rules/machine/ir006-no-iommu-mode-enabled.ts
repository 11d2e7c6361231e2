import { noIommuMode } from '../../kernel/interfaces.js'
import { evidenceOf } from '../evidence.js'
import { NOT_APPLICABLE, type Outcome, type OutcomeItem, type Rule, type Subject } from '../rule.js'
import { switchState } from './switch-parameter.js'

const PARAMETER = 'vfio.enable_unsafe_noiommu_mode'

function check({ machine, routes }: Subject): Outcome {
  if (routes.routes.length === 0) return NOT_APPLICABLE
  const failed: OutcomeItem[] = []
  const unknown: OutcomeItem[] = []
  const { state, evidence } = switchState(machine, PARAMETER)
  const item = { subject: PARAMETER, devices: [], details: {}, evidence }
  if (state === 'on') failed.push({ ...item, message: 'on' })
  else if (state === 'will-be-on' && noIommuMode(routes.context) === 'yes')
    failed.push({ ...item, message: 'configured' })
  else if (state === 'unreadable') unknown.push({ ...item, message: 'unreadable' })
  for (const group of machine.groups.state === 'known' ? machine.groups.value : []) {
    if (group.name.state !== 'known' || group.name.value !== 'vfio-noiommu') continue
    const devices = group.devices.state === 'known' ? [...group.devices.value] : []
    const details = { group: group.id }
    failed.push({ subject: `group ${group.id}`, devices, message: 'in-use', details, evidence: evidenceOf(group.name) })
  }
  return { failed, unknown, applicable: true }
}

export const noIommuModeEnabled: Rule = {
  id: 'IR006',
  slug: 'no-iommu-mode-enabled',
  title: 'VFIO hands out devices without an IOMMU',
  scope: 'machine',
  severity: 'critical',
  effect: 'none',
  checks:
    'The parameter enable_unsafe_noiommu_mode of vfio: loaded value, kernel command line, modprobe.d; and groups named vfio-noiommu.',
  why: 'The owner of such a device reads and writes all of memory, and raises any interrupt by writing to any doorbell. Nothing that the kernel asks of VFIO (virtual function I/O) is asked in this mode.',
  remedy: [
    {
      actor: 'configuration',
      text: 'Remove enable_unsafe_noiommu_mode, and drive devices that have no IOMMU from the host.',
    },
  ],
  limits: 'Drivers that hand out devices without VFIO, such as uio_pci_generic, are not looked for.',
  references: [{ kind: 'linux', title: 'Linux, VFIO', locator: 'drivers/vfio/group.c: vfio_noiommu' }],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    on: 'enable_unsafe_noiommu_mode is on: VFIO gives out devices that nothing translates.',
    configured:
      'enable_unsafe_noiommu_mode will be on when vfio is loaded: it will give out devices that nothing translates.',
    'in-use': 'Group {group} is one of the no-IOMMU mode of VFIO: nothing translates its devices.',
    unreadable: 'Whether VFIO gives out devices that nothing translates cannot be read.',
  },
  check,
}
