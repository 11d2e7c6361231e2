import type { DeviceTree } from '../machine/devicetree.js'
import { valueOr, type Fact } from '../machine/fact.js'
import { parsePciAddress } from '../machine/identifiers.js'
import type { IommuGroup, IommuInstance, PlatformDevice } from '../machine/iommu.js'
import type { Sysroot } from '../sysroot/sysroot.js'
import { readLinkedName, readNames } from './attribute.js'
import { readDeviceTreeNode } from './device-tree-node.js'
import { confirmedByListing, type Memberships } from './membership.js'
import { confirmedByUevent, readUevent } from './uevent.js'

const PLATFORM_DEVICES = 'sys/bus/platform/devices'

/** Devices that are no PCI functions, and the directory where each is known to be listed. */
function listedDevices(
  groups: Fact<readonly IommuGroup[]>,
  iommus: Fact<readonly IommuInstance[]>,
): ReadonlyMap<string, string> {
  const listed = new Map<string, string>()
  const add = (devices: Fact<readonly string[]>, directory: string) => {
    for (const name of valueOr(devices, [])) {
      if (!parsePciAddress(name) && !listed.has(name)) listed.set(name, `${directory}/devices/${name}`)
    }
  }
  for (const { id, devices } of valueOr(groups, [])) add(devices, `sys/kernel/iommu_groups/${id}`)
  for (const { name, devices } of valueOr(iommus, [])) add(devices, `sys/class/iommu/${name}`)
  return listed
}

/**
 * Devices other than PCI functions that a group lists or an IOMMU serves, in order of their names. Those of another
 * bus (fsl-mc, AMBA) are read through the listing's own link.
 */
export function probePlatformDevices(
  sysroot: Sysroot,
  groups: Fact<readonly IommuGroup[]>,
  iommus: Fact<readonly IommuInstance[]>,
  memberships: Memberships,
  tree: Fact<DeviceTree>,
): readonly PlatformDevice[] {
  const listed = listedDevices(groups, iommus)
  if (listed.size === 0) return []
  const onPlatformBus = new Set(valueOr(readNames(sysroot, PLATFORM_DEVICES), []))
  return [...listed]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, listing]) => {
      const directory = onPlatformBus.has(name) ? `${PLATFORM_DEVICES}/${name}` : listing
      const uevent = readUevent(sysroot, directory)
      const driver = readLinkedName(sysroot, directory, 'driver', /^(?:\.\.\/)+bus\/[^/]+\/drivers\/[^/]+$/)
      const group = readLinkedName(sysroot, directory, 'iommu_group', /^(?:\.\.\/)+kernel\/iommu_groups\/\d+$/)
      return {
        name,
        driver: confirmedByUevent(driver, uevent, 'DRIVER'),
        iommuGroup: confirmedByListing(name, group, memberships),
        deviceTreeNode: readDeviceTreeNode(sysroot, directory, tree, uevent),
      }
    })
}
