import type { Fact } from '../machine/fact.js'
import type { Answer } from '../machine/kinds.js'
import { commandLineValues, type KernelContext } from './context.js'
import { isOn } from './module-parameter.js'
import { atLeast } from './release.js'

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
  if (which === 'iommufd' && context.release && !atLeast(context.release, 6, 2)) return 'absent'
  if (deviceNodes.state === 'unreadable') return 'unknown'
  if (deviceNodes.state === 'absent') return 'unknown'
  return deviceNodes.value.has(NODES[which]) ? 'present' : 'absent'
}

function configured(fact: Fact<ReadonlyMap<string, string>>, parameter: string): Answer {
  switch (fact.state) {
    case 'known':
      return isOn(fact.value.get(parameter) ?? 'N') ? 'yes' : 'no'
    case 'absent':
      return 'no'
    case 'unreadable':
      return 'unknown'
  }
}

/**
 * allow_unsafe_interrupts of the interface's module: the loaded module's value; for a module that is not loaded, what
 * modprobe.d and then the command line will tell it, of which the last word counts.
 */
export function unsafeOverride(context: KernelContext, which: AssignmentInterface): Answer {
  const parameter = OVERRIDES[which]
  const { kernel } = context.machine
  const loaded = kernel.parameters.get(parameter)?.value
  if (loaded?.state === 'known') return isOn(loaded.value) ? 'yes' : 'no'
  if (loaded?.state === 'unreadable' || kernel.commandLine.state !== 'known') return 'unknown'
  const last = commandLineValues(context.machine, parameter).at(-1)
  if (last !== undefined) return isOn(last) ? 'yes' : 'no'
  return configured(kernel.modprobeOptions, parameter)
}
