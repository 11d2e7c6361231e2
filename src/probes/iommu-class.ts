import type { DeviceTree } from '../machine/devicetree.js'
import { absent, known, type Fact } from '../machine/fact.js'
import { parsePciAddress } from '../machine/identifiers.js'
import type { IommuInstance, IommuInstanceKind } from '../machine/iommu.js'
import type { Sysroot } from '../sysroot/sysroot.js'
import { damaged, parsed, readLink, readMatching, readNames, readNamesIn, required } from './attribute.js'
import { membersOf } from './membership.js'
import { readDeviceTreeNode } from './device-tree-node.js'

const DIRECTORY = 'sys/class/iommu'
const TARGET = /^\.\.\/\.\.\/(devices\/.+?)(\/virtio\d+)?\/iommu\/([^/]+)$/
const SMMU_NAME = /^smmu(?:3)?\.0x([0-9a-f]{8,16})$/

/**
 * The driver behind an instance's name (sysfs-procfs.md section 2). virtio-iommu is named after its parent, so a PCI
 * address alone tells it, and on a platform bus only the `virtioN` in its path does.
 */
function kindOf(name: string, target: Fact<string>): IommuInstanceKind {
  if (name.startsWith('smmu3.')) return 'smmuv3'
  if (name.startsWith('smmu.')) return 'smmuv2'
  if (/^dmar\d+$/.test(name)) return 'vt-d'
  if (/^ivhd\d+$/.test(name)) return 'amd-vi'
  if (name.startsWith('riscv-iommu@')) return 'riscv'
  if (parsePciAddress(name)) return 'virtio-iommu'
  return target.state === 'known' && TARGET.exec(target.value)?.[2] !== undefined ? 'virtio-iommu' : 'other'
}

function deviceBehind(sysroot: Sysroot, name: string, target: Fact<string>): Fact<string> {
  const path = parsed(target, (text) => {
    const match = TARGET.exec(text)
    return match?.[3] === name ? match[1] : undefined
  })
  if (path.state !== 'known' || path.value !== 'devices/virtual') return path
  // The RISC-V driver registers without a parent and puts the device into the name.
  const device = /^riscv-iommu@(.+)$/.exec(name)?.[1]
  if (device === undefined) return absent(...path.from)
  const bus = parsePciAddress(device) ? 'pci' : 'platform'
  return parsed(required(readLink(sysroot, `sys/bus/${bus}/devices`, device)), (link) =>
    link.endsWith(`/${device}`) ? /^\.\.\/\.\.\/\.\.\/(devices\/.+)$/.exec(link)?.[1] : undefined,
  )
}

function readRegister(sysroot: Sysroot, directory: string, register: string): Fact<bigint> {
  return required(
    readMatching(sysroot, `${directory}/intel-iommu`, register, /^[0-9a-f]{1,16}$/, (digits) => BigInt(`0x${digits}`)),
  )
}

function readInstance(sysroot: Sysroot, name: string, tree: Fact<DeviceTree>): IommuInstance {
  const directory = `${DIRECTORY}/${name}`
  const target = readLink(sysroot, DIRECTORY, name)
  const kind = kindOf(name, target)
  const devicePath = deviceBehind(sysroot, name, target)
  const registers = kind === 'vt-d'
  const none = absent({ path: directory })
  const base = SMMU_NAME.exec(name)?.[1]
  return {
    name,
    kind,
    address: registers
      ? readRegister(sysroot, directory, 'address')
      : base === undefined
        ? kind === 'smmuv3' || kind === 'smmuv2'
          ? damaged(none)
          : none
        : known(BigInt(`0x${base}`), { path: directory }),
    devices: membersOf(required(readNamesIn(sysroot, directory, 'devices')), sysroot.budget),
    capability: registers ? readRegister(sysroot, directory, 'cap') : none,
    extendedCapability: registers ? readRegister(sysroot, directory, 'ecap') : none,
    devicePath,
    deviceTreeNode:
      devicePath.state === 'known' ? readDeviceTreeNode(sysroot, `sys/${devicePath.value}`, tree) : devicePath,
  }
}

/** The IOMMUs that a driver runs; absent on a kernel without the class. */
export function probeIommuInstances(sysroot: Sysroot, tree: Fact<DeviceTree>): Fact<readonly IommuInstance[]> {
  const names = readNames(sysroot, DIRECTORY)
  if (names.state !== 'known') return names
  return known(
    names.value.map((name) => readInstance(sysroot, name, tree)),
    ...names.from,
  )
}
