import { configured, type KernelContext } from '../../kernel/context.js'
import { interfacePresence, unsafeOverride, type AssignmentInterface } from '../../kernel/interfaces.js'
import type { InterfaceReport } from '../assignment-types.js'
import type { Answer, Report } from '../types.js'

const MODULES: Readonly<Record<AssignmentInterface, string>> = { vfioType1: 'vfio_iommu_type1', iommufd: 'iommufd' }

function moduleLoaded({ machine }: KernelContext, name: string): Answer {
  const { loadedModules } = machine.kernel
  if (loadedModules.state !== 'known') return 'unknown'
  return loadedModules.value.has(name) ? 'yes' : 'no'
}

function interfaceReport(context: KernelContext, which: AssignmentInterface): InterfaceReport {
  const presence = interfacePresence(context, which)
  return {
    offered: presence === 'unknown' ? 'unknown' : presence === 'present' ? 'yes' : 'no',
    moduleLoaded: moduleLoaded(context, MODULES[which]),
    unsafeInterruptsAllowed: unsafeOverride(context, which),
  }
}

/** A character device for each function (6.6 and later): one that is there, else what the kernel was built with. */
function vfioCdev({ machine }: KernelContext): Answer {
  const { deviceNodes } = machine.kernel
  const isThere =
    deviceNodes.state === 'known' && [...deviceNodes.value].some((node) => node.startsWith('dev/vfio/devices/'))
  return isThere ? 'yes' : configured(machine, 'CONFIG_VFIO_DEVICE_CDEV')
}

/** What this kernel offers to hand devices out with. */
export function interfacesReport(context: KernelContext): Report['platform']['interfaces'] {
  return {
    vfioType1: interfaceReport(context, 'vfioType1'),
    iommufd: interfaceReport(context, 'iommufd'),
    vfioCdev: vfioCdev(context),
  }
}
