import type { Answer } from '../machine/kinds.js'
import type { Machine } from '../machine/machine.js'
import { configured, type KernelContext } from './context.js'
import { isSwitchedOn, moduleParameter } from './module-parameter.js'
import { atLeast, mayCarryLaterCode } from './release.js'

export type AssignmentInterface = 'vfioType1' | 'iommufd'

const NODES: Readonly<Record<AssignmentInterface, string>> = { vfioType1: 'dev/vfio/vfio', iommufd: 'dev/iommu' }
const OVERRIDES: Readonly<Record<AssignmentInterface, string>> = {
  vfioType1: 'vfio_iommu_type1.allow_unsafe_interrupts',
  iommufd: 'iommufd.allow_unsafe_interrupts',
}

/** Options without which a kernel has no such node, whatever else it has. */
const OPTIONS: Readonly<Record<AssignmentInterface, string>> = { vfioType1: 'CONFIG_VFIO', iommufd: 'CONFIG_IOMMUFD' }

/** A device node of a kernel whose configuration says that it was built without what serves the node. */
export interface ContradictedNode {
  readonly node: string
  readonly option: string
}

/**
 * The contradiction between `/dev` and the configuration, where there is one. The configuration is believed, because it is
 * the weaker witness: a node may be left in a copied or static `/dev`, and opening it would fail (ENXIO, ENODEV).
 */
export function contradictedNode(machine: Machine, which: AssignmentInterface): ContradictedNode | undefined {
  const { deviceNodes, configuration } = machine.kernel
  const [node, option] = [NODES[which], OPTIONS[which]]
  const isThere = deviceNodes.state === 'known' && deviceNodes.value.has(node)
  const isLeftOut = configuration.state === 'known' && configuration.value.get(option) === 'n'
  return isThere && isLeftOut ? { node, option } : undefined
}

/**
 * Whether the kernel offers the interface: its device node is there, the release has it (iommufd: 6.2), and the
 * configuration does not say that it was left out.
 */
export function interfacePresence(
  context: KernelContext,
  which: AssignmentInterface,
): 'present' | 'absent' | 'unknown' {
  const { deviceNodes } = context.machine.kernel
  if (which === 'iommufd' && context.release && !atLeast(context.release, 6, 2) && !mayCarryLaterCode(context.release))
    return 'absent'
  if (deviceNodes.state === 'unreadable') return 'unknown'
  if (deviceNodes.state === 'absent') return 'unknown'
  if (contradictedNode(context.machine, which)) return 'absent'
  return deviceNodes.value.has(NODES[which]) ? 'present' : 'absent'
}

/** allow_unsafe_interrupts of the interface's module, as it is or as it will be once the module is loaded. */
export function unsafeOverride({ machine }: KernelContext, which: AssignmentInterface): Answer {
  return isSwitchedOn(machine, OVERRIDES[which])
}

/**
 * Whether vfio-pci binds a function without a group in no-IOMMU mode, as the parameter is or will be once vfio is loaded.
 * Source: K: drivers/vfio/group.c, `vfio_group_find_or_alloc`; the parameter is there only with CONFIG_VFIO_NOIOMMU.
 */
export function noIommuMode({ machine }: KernelContext): Answer {
  const parameter = 'vfio.enable_unsafe_noiommu_mode'
  const { source } = moduleParameter(machine, parameter)
  if (source === 'command-line' || source === 'modprobe') {
    const { loadedModules } = machine.kernel
    const isLoaded = loadedModules.state === 'known' && loadedModules.value.has('vfio')
    // Loaded without the parameter, or built without it: nobody takes the word.
    if (isLoaded || configured(machine, 'CONFIG_VFIO_NOIOMMU') === 'no') return 'no'
  }
  return isSwitchedOn(machine, parameter)
}
