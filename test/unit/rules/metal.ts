import { RedactingSysroot } from '../../../src/capture/redacting-sysroot.js'
import { emulateMachine } from '../../../src/emulator/emulate.js'
import type { DeviceNode, FunctionDescription, MachineDescription } from '../../../src/emulator/machine-description.js'
import type { TreeEntry } from '../../../src/emulator/sysfs-builder.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { analyse, type Analysis } from '../../../src/report/probe/build.js'
import { MemorySysroot, MemoryTree } from '../../../src/sysroot/memory-sysroot.js'

/** A machine to judge: a description, and what no description can say. */
export interface TestCase {
  readonly machine: MachineDescription
  readonly edit?: (tree: Map<string, TreeEntry>) => void
}

const encoder = new TextEncoder()

export const text = (content: string): TreeEntry => ({ kind: 'file', content: encoder.encode(content) })
export const link = (target: string): TreeEntry => ({ kind: 'symlink', target })
export const closed: TreeEntry = { kind: 'file', content: 'permission' }

export function sysrootOf({ machine, edit }: TestCase): MemorySysroot {
  const tree = new Map(emulateMachine(machine))
  edit?.(tree)
  return new MemorySysroot({ kind: 'emulated', name: machine.name }, new MemoryTree(tree))
}

/** What is said of the machine, seen through the redaction as every run sees it: what it takes away is no evidence. */
export function judged(testCase: TestCase): Analysis {
  return analyse(probeMachine(new RedactingSysroot(sysrootOf(testCase))))
}

/** A function that no driver has. */
export const IDLE = 'none'

/** The driver of a description, left out where there is none. */
export const drivenBy = (driver: string): Partial<FunctionDescription> => (driver === IDLE ? {} : { driver })

/** A network card below a root port: `bus` is the port's device number and secondary bus. */
export function card(bus: number, more: Partial<FunctionDescription> = {}, driver = 'i40e'): FunctionDescription {
  const number = bus.toString(16).padStart(2, '0')
  return {
    address: `00:${number}.0`,
    id: '1def:e100',
    type: 'root-port',
    driver: 'pcieport',
    functions: [{ address: `${number}:00.0`, id: '8086:1572', ...drivenBy(driver), msix: 2, ...more }],
  }
}

const SERVER = { vendor: 'Example', product: 'Server' }
const NODES: readonly DeviceNode[] = ['dev/vfio/vfio', 'dev/iommu']

type Change = Partial<Omit<MachineDescription, 'kernel'>> & { readonly kernel?: Partial<MachineDescription['kernel']> }

const with_ = (base: MachineDescription, change: Change): MachineDescription => ({
  ...base,
  ...change,
  kernel: { ...base.kernel, ...change.kernel },
})

/** Arm hardware with ACPI: SMMUv3, ITS, one card at 01:00.0. */
export function arm(change: Change = {}): MachineDescription {
  const base: MachineDescription = {
    name: 'arm',
    architecture: 'arm64',
    firmware: 'acpi',
    kernel: { release: '6.12.0', deviceNodes: NODES },
    dmi: SERVER,
    iommus: [{ name: 'smmu', type: 'smmuv3', address: '0x9050000' }],
    msiControllers: [{ name: 'its', type: 'its', address: '0x8080000' }],
    rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [card(1)] }],
  }
  return with_(base, change)
}

/** The same with a device tree. */
export function tree(change: Change = {}): MachineDescription {
  return arm({ firmware: 'devicetree', ...change })
}

/** Intel hardware: VT-d with interrupt remapping, one card at 01:00.0. */
export function intel(change: Change = {}): MachineDescription {
  const base: MachineDescription = {
    name: 'intel',
    architecture: 'x86_64',
    firmware: 'acpi',
    kernel: { release: '6.12.0', deviceNodes: NODES },
    dmi: SERVER,
    iommus: [{ name: 'dmar0', type: 'vt-d', address: '0xfed90000' }],
    rootComplexes: [{ iommu: 'dmar0', functions: [card(1)] }],
  }
  return with_(base, change)
}
