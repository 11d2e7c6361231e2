import type { FunctionDescription, MachineDescription } from '../../../src/emulator/machine-description.js'

/** `irqs` from the first on. */
const numbers = (first: number, count: number): number[] => Array.from({ length: count }, (_, index) => first + index)

const rcie = { type: 'rc-integrated-endpoint' } as const
const pci = { type: 'conventional', subsystem: '1af4:1100' } as const
const virtio = { ...pci, driver: 'virtio-pci', revision: 1 } as const

/**
 * The functions of the lab's ordinary Arm machine. `first` is the first interrupt of virtio-blk; `gap` more are taken
 * before those of the other functions.
 */
function armFunctions(first: number, gap: number): readonly FunctionDescription[] {
  return [
    { ...pci, address: '00:00.0', id: '1b36:0008', class: '060000' },
    {
      ...rcie,
      address: '00:02.0',
      id: '1b36:0010',
      subsystem: '1af4:1100',
      class: '010802',
      revision: 2,
      driver: 'nvme',
      msix: 3,
      msixCapable: 65,
      irqs: numbers(first + 3 + gap, 3),
      actions: ['nvme0q0', 'nvme0q1', 'nvme0q2'],
      group: 4,
    },
    {
      ...rcie,
      address: '00:03.0',
      id: '8086:10d3',
      subsystem: '8086:0000',
      driver: 'e1000e',
      msix: 3,
      irqs: numbers(first + 6 + gap, 3),
      actions: ['eth0-rx-0', 'eth0-tx-0', 'eth0'],
      group: 5,
    },
    { ...virtio, address: '00:04.0', id: '1af4:1041', msix: 3, irqs: numbers(first + 9 + gap, 3), group: 0 },
    { ...virtio, address: '00:05.0', id: '1af4:1042', class: '010000', msix: 3, irqs: numbers(first, 3), group: 1 },
    {
      ...virtio,
      address: '00:06.0',
      id: '1af4:1005',
      subsystem: '1af4:0004',
      class: '00ff00',
      revision: 0,
      msix: 2,
      irqs: numbers(first + 17 + gap, 2),
      group: 2,
    },
    {
      ...virtio,
      address: '00:07.0',
      id: '1af4:1048',
      class: '010000',
      msix: 5,
      irqs: numbers(first + 12 + gap, 5),
      group: 3,
    },
    { ...pci, address: '00:08.0', id: '1234:11e8', class: '00ff00', revision: 0x10 },
    {
      ...pci,
      address: '00:09.0',
      id: '8086:2922',
      class: '010601',
      revision: 2,
      driver: 'ahci',
      msi: 1,
      irqs: [first + 19 + gap],
      group: 6,
    },
    {
      ...rcie,
      address: '00:0a.0',
      id: '1b36:000d',
      subsystem: '1af4:1100',
      class: '0c0330',
      revision: 1,
      driver: 'xhci_hcd',
      msix: 3,
      msixCapable: 16,
      irqs: numbers(first + 20 + gap, 3),
      group: 7,
    },
  ]
}

const armParts = {
  architecture: 'arm64',
  iommus: [{ name: 'smmu', type: 'smmuv3', address: '0x9050000', node: 'smmuv3@9050000' }],
  msiControllers: [{ name: 'its', type: 'its', address: '0x8080000', node: 'its@8080000' }],
} as const

export const armAcpi: MachineDescription = {
  ...armParts,
  name: 'arm-v3its-smmu-acpi-612',
  firmware: 'acpi',
  kernel: {
    release: '6.12.95+deb12-arm64',
    commandLine: 'initrd=initrd console=ttyAMA0 acpi=force loglevel=7 panic=-1',
  },
  rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: armFunctions(55, 0) }],
}

export const armDeviceTree: MachineDescription = {
  ...armParts,
  name: 'arm-v3its-smmu-dt-612',
  firmware: 'devicetree',
  gic: { node: 'intc@8000000' },
  deviceTree: { compatible: ['linux,dummy-virt'] },
  kernel: { release: '6.12.95+deb12-arm64', commandLine: 'console=ttyAMA0 loglevel=7 panic=-1' },
  rootComplexes: [{ iommu: 'smmu', msi: 'its', node: 'pcie@10000000', functions: armFunctions(24, 1) }],
}

const port = { type: 'root-port', id: '1b36:000c', subsystem: '1b36:0000', driver: 'pcieport', msix: 1 } as const
const endpoint = { type: 'endpoint', subsystem: '1af4:1100' } as const
const downstream = { type: 'downstream-port', id: '104c:8233', revision: 1, driver: 'pcieport', acs: false } as const

/** Switch, PCIe-to-PCI bridge and multifunction slots behind VT-d: groups and numbers are left to the emulator. */
export const intelTopology: MachineDescription = {
  name: 'x86-intel-topo-612',
  architecture: 'x86_64',
  firmware: 'acpi',
  kernel: { release: '6.12.95+deb12-amd64', commandLine: 'console=ttyS0 loglevel=7 panic=-1 intel_iommu=on' },
  iommus: [
    {
      name: 'dmar0',
      type: 'vt-d',
      address: '0xfed90000',
      groupType: 'DMA',
      capability: '80d2008c222f0686',
      extendedCapability: 'f00f4e',
    },
  ],
  rootComplexes: [
    {
      iommu: 'dmar0',
      functions: [
        { ...pci, address: '00:00.0', id: '8086:29c0', class: '060000' },
        {
          ...port,
          address: '00:02.0',
          irqs: [25],
          functions: [
            {
              ...endpoint,
              address: '01:00.0',
              id: '1af4:1042',
              class: '010000',
              revision: 1,
              driver: 'virtio-pci',
              msix: 3,
              irqs: [29, 30, 31],
            },
          ],
        },
        {
          ...port,
          address: '00:03.0',
          irqs: [26],
          functions: [
            {
              type: 'pcie-to-pci-bridge',
              address: '02:00.0',
              id: '1b36:000e',
              functions: [
                { ...pci, address: '03:01.0', id: '8086:100e', revision: 3, driver: 'e1000' },
                { ...pci, address: '03:02.0', id: '1234:11e8', class: '00ff00', revision: 0x10 },
              ],
            },
          ],
        },
        {
          ...port,
          address: '00:04.0',
          irqs: [27],
          functions: [
            {
              type: 'upstream-port',
              address: '04:00.0',
              id: '104c:8232',
              revision: 2,
              driver: 'pcieport',
              functions: [
                {
                  ...downstream,
                  address: '05:00.0',
                  functions: [
                    {
                      ...endpoint,
                      address: '06:00.0',
                      id: '1b36:0010',
                      class: '010802',
                      revision: 2,
                      driver: 'nvme',
                      msix: 3,
                      msixCapable: 65,
                      irqs: [32, 33, 34],
                      actions: ['nvme0q0', 'nvme0q1', 'nvme0q2'],
                    },
                  ],
                },
                {
                  ...downstream,
                  address: '05:01.0',
                  functions: [
                    {
                      type: 'endpoint',
                      address: '07:00.0',
                      id: '8086:10d3',
                      subsystem: '8086:0000',
                      driver: 'e1000e',
                      msix: 3,
                      irqs: [35, 36, 37],
                    },
                  ],
                },
              ],
            },
          ],
        },
        {
          ...port,
          address: '00:05.0',
          irqs: [28],
          functions: ['08:00.0', '08:00.1'].map((address, index) => ({
            ...endpoint,
            address,
            id: '1af4:1044',
            class: '00ff00',
            revision: 1,
            driver: 'virtio-pci',
            msix: 2,
            irqs: numbers(40 + 2 * index, 2),
          })),
        },
        {
          ...pci,
          address: '00:06.0',
          id: '8086:2922',
          class: '010601',
          revision: 2,
          driver: 'ahci',
          msi: 1,
          irqs: [44],
        },
        {
          ...pci,
          address: '00:06.1',
          id: '1af4:1005',
          subsystem: '1af4:0004',
          class: '00ff00',
          driver: 'virtio-pci',
          msix: 2,
          irqs: [38, 39],
        },
        { ...pci, address: '00:1f.0', id: '8086:2918', class: '060100', revision: 2 },
        {
          ...pci,
          address: '00:1f.2',
          id: '8086:2922',
          class: '010601',
          revision: 2,
          driver: 'ahci',
          msi: 1,
          irqs: [45],
        },
        { ...pci, address: '00:1f.3', id: '8086:2930', class: '0c0500', revision: 2 },
      ],
    },
  ],
}
