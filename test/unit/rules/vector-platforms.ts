import type { MachineDescription } from '../../../src/emulator/machine-description.js'
import { card, intel, link, type TestCase, text } from './metal.js'
import { release } from './vector.js'

export const s390 = (kernel: string): TestCase => ({
  machine: {
    name: 's390',
    architecture: 's390x',
    firmware: 'none',
    kernel: release(kernel),
    rootComplexes: [{ functions: [{ address: '00:00.0', id: '15b3:1014', driver: 'mlx5_core', msix: 2, group: 0 }] }],
  },
  edit: (files) => {
    // The zPCI driver registers one IOMMU a function.
    const instance = 'sys/devices/virtual/iommu/s390-iommu.00000000'
    files.set(`${instance}/devices/0000:00:00.0`, link('../../../../pci0000:00/0000:00:00.0'))
    files.set('sys/class/iommu/s390-iommu.00000000', link('../../devices/virtual/iommu/s390-iommu.00000000'))
    files.set('sys/devices/pci0000:00/0000:00:00.0/iommu', link('../../virtual/iommu/s390-iommu.00000000'))
  },
})

/** What `/proc/cpuinfo` and the kernel's options say on architectures that the emulator does not know. */
export function otherArchitecture(kernel: string, cpuinfo: string, option: string, chip: string): TestCase {
  return {
    machine: intel({
      kernel: release(kernel),
      iommus: [],
      acpi: { madt: null, mcfg: null },
      rootComplexes: [{ functions: [card(1, { chipName: chip })] }],
    }),
    edit: (files) => {
      files.set('proc/cpuinfo', text(cpuinfo))
      files.set(`boot/config-${kernel}`, text(`${option}=y\n`))
    },
  }
}

export const vmd = (id: string, chipName: string): MachineDescription =>
  intel({
    msiControllers: [{ name: 'vmd', type: 'vmd' }],
    rootComplexes: [
      {
        iommu: 'dmar0',
        functions: [
          { address: '00:0e.0', id, class: '010400', type: 'rc-integrated-endpoint', driver: 'vmd', msix: 2 },
        ],
      },
      {
        segment: 0x10000,
        rootBus: 0xe0,
        parentPath: 'sys/devices/pci0000:00/0000:00:0e.0',
        iommu: 'dmar0',
        msi: 'vmd',
        functions: [
          {
            address: 'e0:00.0',
            id: '8086:2030',
            type: 'root-port',
            functions: [{ address: 'e1:00.0', id: '8086:0a54', class: '010802', driver: 'nvme', msix: 2, chipName }],
          },
        ],
      },
    ],
  })

/**
 * What stands behind a VMD does its DMA as the VMD, so that the kernel puts it into the VMD's group
 * (arch/x86/pci/common.c: pci_real_dma_dev; drivers/iommu/iommu.c: pci_device_group). `beside`: a card is in it too.
 */
export function vmdInOneGroup(beside: boolean): MachineDescription {
  const machine = vmd('8086:201d', 'VMD-MSI')
  const rootComplexes = machine.rootComplexes.map((bus) => ({
    ...bus,
    functions: [
      ...bus.functions.map((fn) => ({
        ...fn,
        group: 4,
        ...(fn.functions ? { functions: fn.functions.map((one) => ({ ...one, group: 4 })) } : {}),
      })),
      ...(beside && bus.segment === undefined ? [card(2, { group: 4 })] : []),
    ],
  }))
  return { ...machine, rootComplexes }
}
