import type { Machine } from '../../machine/machine.js'
import { nameText } from '../name-text.js'
import type { PlatformDeviceReport } from '../types.js'

/** Name of the IOMMU instance that lists the device; `unknown` where not all could be read. */
function servedBy({ iommus }: Machine, name: string): string {
  if (iommus.state !== 'known') return iommus.state === 'absent' ? 'none' : 'unknown'
  const instance = iommus.value.find(({ devices }) => devices.state === 'known' && devices.value.includes(name))
  if (instance) return instance.name
  return iommus.value.every(({ devices }) => devices.state === 'known') ? 'none' : 'unknown'
}

/** The devices other than PCI functions that a group holds or an IOMMU serves, in order of their names. */
export function platformDeviceReports(machine: Machine): readonly PlatformDeviceReport[] {
  return machine.platformDevices.map(({ name, driver, iommuGroup }) => ({
    name,
    driver: nameText(driver),
    iommuGroup: nameText(iommuGroup),
    iommu: servedBy(machine, name),
  }))
}
