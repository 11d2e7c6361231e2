import type { GroupReport, PlatformDeviceReport, Report } from '../../report/types.js'
import { enumerate } from '../layout/text-layout.js'

/** Names of the members of a group that are no PCI functions. */
export function platformMembers({ devices }: GroupReport, report: Report): readonly string[] {
  const names = new Set(report.platformDevices.map(({ name }) => name))
  return devices.filter((name) => names.has(name))
}

/** What the kernel answers for the group that a platform device is in. */
function gateWords({ iommuGroup }: PlatformDeviceReport, { groups, platform }: Report): string {
  const group = groups.find(({ id }) => id === iommuGroup)
  if (!group) return 'without a group VFIO does not hand it out'
  const answers = { yes: 'isolated', no: 'not isolated', unknown: 'isolated or not: it cannot be told' }
  return `VFIO asks of its MSI domain what it asks of a PCI function's, and ${platform.kernelRelease} calls its group ${answers[group.isolatedMsi]}`
}

/** What is known of a platform device, in one sentence. */
export function platformSentence(device: PlatformDeviceReport, report: Report): string {
  const { name, driver, iommuGroup, iommu } = device
  return `?? ${name} is a platform device (driver ${driver}, group ${iommuGroup}${iommu === 'none' ? '' : `, IOMMU ${iommu}`}), and those are not judged: how its interrupts reach the controller is not looked at. ${gateWords(device, report)}.`
}

/** Platform devices in place of endpoints, for a machine without any: how many there are, and their names. */
export function onlyPlatformWords({ platformDevices }: Report): string {
  const names = enumerate(
    platformDevices.map(({ name }) => name),
    3,
  )
  const [number, them] =
    platformDevices.length === 1 ? ['a platform device', 'it'] : [`${platformDevices.length} platform devices`, 'them']
  return `an IOMMU serves ${number} (${names}), and intremap check NAME says what is known of ${them}`
}
