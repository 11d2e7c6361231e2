import { emulateMachine } from '../../src/emulator/emulate.js'
import type { MachineDescription } from '../../src/emulator/machine-description.js'
import { MemorySysroot, MemoryTree } from '../../src/sysroot/memory-sysroot.js'
import type { TestMachine } from './machines.js'

/** A bundled machine that needs rows of the table of absences: groups of several functions, one of them worse than the others. */
export const WITH_ABSENCES = 'arm-v3its-topo-acpi-612'

type Changes = Partial<Omit<MachineDescription, 'kernel'>> & { readonly kernel?: Partial<MachineDescription['kernel']> }

const EL2 = 'CPU: All CPU(s) started at EL2'

/**
 * A sound board with a device tree and no blob beside it, so that the tree has no second witness. Each machine below
 * changes it in one thing whose absence Linux takes for a value.
 */
function board(name: string, changes: Changes): TestMachine {
  const description: MachineDescription = {
    name,
    architecture: 'arm64',
    firmware: 'devicetree',
    iommus: [{ name: 'smmu', type: 'smmuv3', address: '0x9050000', coherent: true }],
    msiControllers: [{ name: 'its', type: 'its', address: '0x8080000' }],
    rootComplexes: [
      { ecam: '0x4010000000', iommu: 'smmu', msi: 'its', functions: [{ address: '00:02.0', id: '8086:10d3' }] },
    ],
    deviceTree: { compatible: ['vendor,board'] },
    ...changes,
    kernel: { release: '6.12.95', log: [EL2], ...changes.kernel },
    faults: [{ remove: 'sys/firmware/fdt' }, ...(changes.faults ?? [])],
  }
  const tree = new MemoryTree(emulateMachine(description))
  return { name, sysroot: new MemorySysroot({ kind: 'emulated', name }, tree) }
}

const function2 = { address: '00:02.0', id: '8086:10d3', driver: 'e1000e' } as const
const ROOT_COMPLEX = { ecam: '0x4010000000', iommu: 'smmu', msi: 'its' } as const

const DOMAINS = 'sys/kernel/debug/irq/domains'
const ITS_DOMAIN = ':interrupt-controller@8000000:msi-controller@8080000-5'
const domain = (name: string) => `name:   ${name}\n size:   0\n mapped: 1\n flags:  0x00000103\n`

/** Machines for the rows of the table of absences, and one whose module parameter no loss may hide. */
export const ABSENCE_MACHINES: readonly TestMachine[] = [
  // Its ITS is disabled: without `status` it would serve.
  board('status', {
    rootComplexes: [{ ...ROOT_COMPLEX, functions: [function2] }],
    deviceTree: {
      compatible: ['vendor,board'],
      properties: { '/interrupt-controller@8000000/msi-controller@8080000': { status: ['disabled'] } },
    },
  }),
  // Two functions share a DeviceID by a mask.
  board('mask', {
    rootComplexes: [
      {
        ...ROOT_COMPLEX,
        msiMap: [{ from: 0, count: 0x10000, to: 'its' }],
        msiMapMask: '0xffff00',
        functions: [
          { ...function2, msix: 1 },
          { address: '00:03.0', id: '8086:10d3', driver: 'e1000e', msix: 1 },
        ],
      },
    ],
  }),
  board('ats', {
    rootComplexes: [
      {
        ...ROOT_COMPLEX,
        atsSupported: true,
        functions: [{ ...function2, msix: 1, ats: 'enabled', type: 'rc-integrated-endpoint' }],
      },
    ],
  }),
  // 4.11 to 6.2 ask about every MSI controller of the machine, this board's GICv2m frame included.
  board('frame', {
    kernel: { release: '6.1.100' },
    gic: { address: '0x8000000', version: 2 },
    msiControllers: [{ name: 'frame', type: 'gicv2m', address: '0x8020000' }],
    rootComplexes: [{ ecam: '0x4010000000', iommu: 'smmu', functions: [function2] }],
  }),
  board('parameter', {
    kernel: { release: '6.12.95', log: [EL2], parameters: { 'arm_smmu.disable_bypass': 'N' } },
    iommus: [{ name: 'smmu', type: 'smmuv2', address: '0x5000000', coherent: true }],
    rootComplexes: [{ ...ROOT_COMPLEX, functions: [{ ...function2, msix: 1 }] }],
  }),
  board('log', {
    kernel: { release: '6.12.95', log: [EL2, 'ITS@0x0000000008080000: No ITS detected, giving up'] },
    rootComplexes: [{ ...ROOT_COMPLEX, functions: [function2] }],
  }),
  // The chip name promises what no domain of the chain carries.
  board('debugfs', {
    kernel: { release: '6.12.95', log: [EL2], debugfs: true },
    rootComplexes: [{ ...ROOT_COMPLEX, functions: [{ ...function2, msix: 1 }] }],
    faults: [
      { replace: `${DOMAINS}/${ITS_DOMAIN}`, text: domain(ITS_DOMAIN) },
      { replace: `${DOMAINS}/ITS-PCI-MSIX-0000:00:02.0-12`, text: domain('ITS-PCI-MSIX-0000:00:02.0-12') },
    ],
  }),
]
