import type { KernelContext } from '../../kernel/context.js'
import type { Fact } from '../../machine/fact.js'
import type { IommuInstance } from '../../machine/iommu.js'
import { nameText } from '../name-text.js'
import type { PlatformDeviceReport } from '../types.js'

/** What is said of a device that no IOMMU instance lists: not all could be read, or none has it. */
function unlisted(iommus: Fact<readonly IommuInstance[]>): 'none' | 'unknown' {
  if (iommus.state !== 'known') return iommus.state === 'absent' ? 'none' : 'unknown'
  return iommus.value.every(({ devices }) => devices.state === 'known') ? 'none' : 'unknown'
}

/** The devices other than PCI functions that a group holds or an IOMMU serves, in order of their names. */
export function platformDeviceReports(context: KernelContext): readonly PlatformDeviceReport[] {
  const { machine } = context
  const iommus = context.drivenIommus()
  const otherwise = unlisted(machine.iommus)
  return machine.platformDevices.map(({ name, driver, iommuGroup }) => ({
    name,
    driver: nameText(driver),
    iommuGroup: nameText(iommuGroup),
    iommu: iommus.serving(name)?.name ?? otherwise,
  }))
}
