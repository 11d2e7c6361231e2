import type { Answer } from '../machine/kinds.js'
import type { KernelContext } from './context.js'
import { isOn, moduleParameter } from './module-parameter.js'
import { atLeast, mayCarryLaterCode } from './release.js'

export type AssignmentInterface = 'vfioType1' | 'iommufd'

const NODES: Readonly<Record<AssignmentInterface, string>> = { vfioType1: 'dev/vfio/vfio', iommufd: 'dev/iommu' }
const OVERRIDES: Readonly<Record<AssignmentInterface, string>> = {
  vfioType1: 'vfio_iommu_type1.allow_unsafe_interrupts',
  iommufd: 'iommufd.allow_unsafe_interrupts',
}

/** Whether the kernel offers the interface: its device node is there, and the release has it (iommufd: 6.2). */
export function interfacePresence(
  context: KernelContext,
  which: AssignmentInterface,
): 'present' | 'absent' | 'unknown' {
  const { deviceNodes } = context.machine.kernel
  if (which === 'iommufd' && context.release && !atLeast(context.release, 6, 2) && !mayCarryLaterCode(context.release))
    return 'absent'
  if (deviceNodes.state === 'unreadable') return 'unknown'
  if (deviceNodes.state === 'absent') return 'unknown'
  return deviceNodes.value.has(NODES[which]) ? 'present' : 'absent'
}

/** allow_unsafe_interrupts of the interface's module, as it is or as it will be once the module is loaded. */
export function unsafeOverride(context: KernelContext, which: AssignmentInterface): Answer {
  const setting = moduleParameter(context.machine, OVERRIDES[which])
  switch (setting.source) {
    case 'default':
      return 'no'
    case 'unreadable':
      return 'unknown'
    case 'loaded':
    case 'command-line':
    case 'modprobe':
      return isOn(setting.value) ? 'yes' : 'no'
  }
}
