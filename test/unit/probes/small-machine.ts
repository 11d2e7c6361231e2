import type { MemoryEntry, TreeDescription } from '../../../src/sysroot/memory-entry.js'
import { memorySysroot, type MemorySysroot } from '../../../src/sysroot/memory-sysroot.js'

/** A symbolic link of a literal tree. */
export function link(target: string): MemoryEntry {
  return { kind: 'symlink', target }
}

interface FunctionDescription {
  /** Directory below `sys/devices`. */
  readonly path: string
  readonly vendor: string
  readonly device: string
  readonly classCode: string
  readonly headerType: number
  readonly driver?: string
  readonly group?: string
  readonly secondary?: number
  /** The MSI-X enable bit. */
  readonly msix?: boolean
  readonly virtual?: boolean
  readonly sriov?: boolean
}

/** Configuration space of 4096 bytes: the header, MSI-X at 0x70, SR-IOV at 0x160 behind an ACS capability. */
function configuration(description: FunctionDescription): Uint8Array {
  const bytes = new Uint8Array(4096)
  const view = new DataView(bytes.buffer)
  view.setUint16(0x00, description.virtual ? 0xffff : Number(`0x${description.vendor}`), true)
  view.setUint16(0x02, description.virtual ? 0xffff : Number(`0x${description.device}`), true)
  view.setUint16(0x04, 0x0406, true)
  view.setUint16(0x06, 0x0010, true)
  view.setUint32(0x08, ((Number(`0x${description.classCode}`) << 8) | 0x01) >>> 0, true)
  view.setUint8(0x0e, description.headerType)
  if (description.secondary !== undefined) bytes.set([0, description.secondary, description.secondary], 0x18)
  view.setUint8(0x34, 0x70)
  bytes.set([0x11, 0x00, 0x02, description.msix ? 0x80 : 0x00, 0x03, 0, 0, 0, 0x03, 0x20, 0, 0], 0x70)
  if (description.sriov) {
    bytes.set([0x10, 0x00, 0x01, 0x00], 0x100)
    view.setUint16(0x108, 1, true)
    view.setUint16(0x110, 1, true)
  }
  return bytes
}

function pciFunction(description: FunctionDescription): TreeDescription {
  const { path, vendor, device, classCode, driver, group } = description
  const name = path.split('/').at(-1) ?? ''
  const directory = `sys/devices/${path}`
  const up = '../'.repeat(path.split('/').length + 1)
  const subsystem = '1AF4:1100'
  return {
    [`sys/bus/pci/devices/${name}`]: link(`../../../devices/${path}`),
    [`${directory}/vendor`]: `0x${vendor}\n`,
    [`${directory}/device`]: `0x${device}\n`,
    [`${directory}/class`]: `0x${classCode}\n`,
    [`${directory}/numa_node`]: '-1\n',
    [`${directory}/config`]: configuration(description),
    [`${directory}/uevent`]:
      (driver === undefined ? '' : `DRIVER=${driver}\n`) +
      `PCI_CLASS=${classCode.replace(/^0+/, '').toUpperCase()}\nPCI_ID=${vendor.toUpperCase()}:${device.toUpperCase()}\n` +
      `PCI_SUBSYS_ID=${subsystem}\nPCI_SLOT_NAME=${name}\n`,
    ...(driver === undefined ? {} : { [`${directory}/driver`]: link(`${up}bus/pci/drivers/${driver}`) }),
    ...(group === undefined
      ? {}
      : {
          [`${directory}/iommu_group`]: link(`${up}kernel/iommu_groups/${group}`),
          [`${directory}/iommu`]: link(`${up}devices/platform/arm-smmu-v3.0.auto/iommu/smmu3.0x0000000009050000`),
          [`sys/kernel/iommu_groups/${group}/devices/${name}`]: link(`../../../../devices/${path}`),
          [`sys/kernel/iommu_groups/${group}/type`]: 'DMA\n',
          [`sys/kernel/iommu_groups/${group}/reserved_regions`]: '0x0000000008000000 0x00000000080fffff msi\n',
          [`sys/devices/platform/arm-smmu-v3.0.auto/iommu/smmu3.0x0000000009050000/devices/${name}`]: link(
            `../../../../../${path}`,
          ),
        }),
  }
}

function interrupt(irq: number, chip: string): TreeDescription {
  return { [`sys/kernel/irq/${irq}/chip_name`]: `${chip}\n` }
}

export const PORT = '0000:00:01.0'
export const NIC = '0000:01:00.0'
export const VIRTUAL = '0000:01:10.0'

/** An Arm machine: host bridge, root port, a network function with one VF, and a platform device, behind an SMMUv3. */
export const SMALL_MACHINE: TreeDescription = {
  // What the kernel lists whatever the hardware: the files are those of a whole machine.
  'sys/firmware/memmap/0/type': 'System RAM\n',
  'sys/kernel/uevent_seqnum': '1000\n',
  'sys/class/mem/null/dev': '1:3\n',
  'sys/bus/cpu/drivers_autoprobe': '1\n',
  ...pciFunction({
    path: 'pci0000:00/0000:00:00.0',
    vendor: '1b36',
    device: '0008',
    classCode: '060000',
    headerType: 0,
  }),
  ...pciFunction({
    path: `pci0000:00/${PORT}`,
    vendor: '1b36',
    device: '000c',
    classCode: '060400',
    headerType: 1,
    secondary: 1,
    driver: 'pcieport',
    group: '0',
  }),
  ...pciFunction({
    path: `pci0000:00/${PORT}/${NIC}`,
    vendor: '8086',
    device: '10c9',
    classCode: '020000',
    headerType: 0,
    driver: 'igb',
    group: '10',
    msix: true,
    sriov: true,
  }),
  ...pciFunction({
    path: `pci0000:00/${PORT}/${VIRTUAL}`,
    vendor: '8086',
    device: '10ca',
    classCode: '020000',
    headerType: 0,
    driver: 'vfio-pci',
    group: '2',
    virtual: true,
  }),
  [`sys/devices/pci0000:00/${PORT}/${NIC}/sriov_numvfs`]: '1\n',
  [`sys/devices/pci0000:00/${PORT}/${NIC}/sriov_totalvfs`]: '7\n',
  [`sys/devices/pci0000:00/${PORT}/${NIC}/virtfn0`]: link(`../${VIRTUAL}`),
  [`sys/devices/pci0000:00/${PORT}/${VIRTUAL}/physfn`]: link(`../${NIC}`),
  [`sys/devices/pci0000:00/${PORT}/${NIC}/msi_irqs/40`]: 'msix\n',
  [`sys/devices/pci0000:00/${PORT}/${NIC}/msi_irqs/41`]: 'msix\n',
  ...interrupt(40, `ITS-PCI-MSIX-${NIC}`),
  ...interrupt(41, `ITS-PCI-MSIX-${NIC}`),
  'proc/interrupts': [
    '           CPU0       CPU1       ',
    ' 10:       2482       2260     GICv3  27 Level     arch_timer',
    ` 40:          1          0  ITS-PCI-MSIX-${NIC}   0 Edge      eth0`,
    ` 41:          0          9  ITS-PCI-MSIX-${NIC}   1 Edge      eth0-TxRx-0`,
    'IPI0:       147        186       Rescheduling interrupts',
    'Err:          0',
    '',
  ].join('\n'),
  'sys/class/iommu/smmu3.0x0000000009050000': link(
    '../../devices/platform/arm-smmu-v3.0.auto/iommu/smmu3.0x0000000009050000',
  ),
  'sys/devices/platform/arm-smmu-v3.0.auto/uevent': 'DRIVER=arm-smmu-v3\n',
  'sys/devices/platform/ARMH0330:00/uevent': 'DRIVER=dma-pl330\n',
  'sys/devices/platform/ARMH0330:00/driver': link('../../../bus/platform/drivers/dma-pl330'),
  'sys/devices/platform/ARMH0330:00/iommu_group': link('../../../kernel/iommu_groups/3'),
  'sys/bus/platform/devices/ARMH0330:00': link('../../../devices/platform/ARMH0330:00'),
  'sys/kernel/iommu_groups/3/devices/ARMH0330:00': link('../../../../devices/platform/ARMH0330:00'),
  'sys/kernel/iommu_groups/3/type': 'identity\n',
  'sys/kernel/iommu_groups/3/reserved_regions': '',
  'proc/sys/kernel/osrelease': '6.12.95+deb12-arm64\n',
  'proc/version': 'Linux version 6.12.95+deb12-arm64 (debian-kernel@lists.debian.org) #1 SMP\n',
  'proc/cmdline': 'BOOT_IMAGE=/vmlinuz root=/dev/sda1 quiet\n',
  'proc/cpuinfo': 'processor\t: 0\nFeatures\t: fp asimd cpuid\nCPU implementer\t: 0x41\nCPU architecture: 8\n\n',
  'sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts': 'N\n',
  'sys/module/arm_smmu/parameters/disable_bypass': 'Y\n',
  'sys/class/dmi/id/sys_vendor': 'Example Servers\n',
  'sys/class/dmi/id/product_name': 'Model 1\n',
  'dev/nodes.txt': 'dir 0755 - /dev/vfio\nchr 0666 10:196 /dev/vfio/vfio\nabsent - - /dev/iommu\n',
}

/** The machine, with entries replaced; undefined takes one away. */
export function smallMachine(
  changes: Readonly<Record<string, TreeDescription[string] | undefined>> = {},
): MemorySysroot {
  const tree: Record<string, TreeDescription[string]> = { ...SMALL_MACHINE }
  for (const [path, entry] of Object.entries(changes)) {
    if (entry === undefined) delete tree[path]
    else tree[path] = entry
  }
  return memorySysroot({ kind: 'emulated', name: 'small' }, tree)
}
