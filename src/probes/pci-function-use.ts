import type { DeviceTree } from '../machine/devicetree.js'
import { absentIn, withoutValue, type Fact } from '../machine/fact.js'
import type { MsiVector } from '../machine/pci.js'
import type { Sysroot } from '../sysroot/sysroot.js'
import {
  intactText,
  parsed,
  readAttribute,
  readLinkedName,
  readMatching,
  readNames,
  readNamesIn,
  readText,
} from './attribute.js'
import { readDeviceTreeNode } from './device-tree-node.js'
import type { Memberships } from './membership.js'
import type { FreshReading } from './pci-function-reading.js'
import { readListedVectors } from './pci-msi-vectors.js'
import { confirmedByUevent } from './uevent.js'

const GROUP_TARGET = /^(?:\.\.\/)+kernel\/iommu_groups\/\d+$/
const IOMMU_TARGET = /^\.\.\/.*\biommu\/[^/]+$/
const DRIVER_TARGET = /^(?:\.\.\/)+bus\/pci\/drivers\/[^/]+$/

/** What a function's directory says of where it belongs and who uses it, before other places are asked. */
export interface PciFunctionUse {
  readonly driver: Fact<string>
  readonly iommuGroup: Fact<string>
  readonly iommu: Fact<string>
  readonly deviceTreeNode: Fact<string>
  readonly msiVectors: Fact<readonly MsiVector[]>
  readonly driverOverride: Fact<string>
  readonly resetMethod: Fact<string>
  readonly vfioDevice: Fact<string>
  readonly numaNode: Fact<number>
}

/**
 * Name of the IOMMU instance from the `iommu` link. A function that is an IOMMU itself (AMD) has a directory of that
 * name instead, which holds its instance.
 */
function readIommuLink(sysroot: Sysroot, directory: string, iommus: Memberships): Fact<string> {
  const link = readLinkedName(sysroot, directory, 'iommu', IOMMU_TARGET)
  if (link.state !== 'unreadable' || link.reason !== 'malformed') return link
  const held = readNames(sysroot, `${directory}/iommu`)
  const isInstance =
    held.state === 'known' && held.value.length > 0 && held.value.every((name) => iommus.containers.has(name))
  return isInstance ? absentIn(directory, 'iommu') : link
}

/** The name in `driver_override`; the kernel writes `(null)` where none is set (K: drivers/pci/pci-sysfs.c). */
function readDriverOverride(sysroot: Sysroot, directory: string): Fact<string> {
  const name = readAttribute(sysroot, directory, 'driver_override')
  return name.state === 'known' && name.value === '(null)' ? withoutValue(name) : name
}

/** The character device that VFIO gave the function; only a VFIO driver makes one (K: drivers/vfio/device_cdev.c). */
function readVfioDevice(sysroot: Sysroot, directory: string, driver: Fact<string>): Fact<string> {
  if (driver.state !== 'known' || !driver.value.includes('vfio')) return absentIn(directory, 'vfio-dev')
  return parsed(readNamesIn(sysroot, directory, 'vfio-dev'), (names) =>
    names.find((name) => /^vfio\d{1,6}$/.test(name)),
  )
}

/** Reads the rest of a function's directory right after its attributes, while it is at hand. */
export function readPciFunctionUse(
  sysroot: Sysroot,
  { directory, uevent }: FreshReading,
  { iommus, tree }: { readonly iommus: Memberships; readonly tree: Fact<DeviceTree> },
): PciFunctionUse {
  const driver = readLinkedName(sysroot, directory, 'driver', DRIVER_TARGET)
  return {
    driver: confirmedByUevent(driver, uevent, 'DRIVER'),
    iommuGroup: readLinkedName(sysroot, directory, 'iommu_group', GROUP_TARGET),
    iommu: readIommuLink(sysroot, directory, iommus),
    deviceTreeNode: readDeviceTreeNode(sysroot, directory, tree, uevent),
    msiVectors: readListedVectors(sysroot, directory),
    driverOverride: readDriverOverride(sysroot, directory),
    resetMethod: readText(sysroot, directory, 'reset_method', (text) => intactText(text, true)?.trim()),
    vfioDevice: readVfioDevice(sysroot, directory, driver),
    numaNode: readMatching(sysroot, directory, 'numa_node', /^(?:-1|\d{1,5})$/, Number),
  }
}
