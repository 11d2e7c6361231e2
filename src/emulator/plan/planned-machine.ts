import { formatPciAddress, parsePciAddress, requesterIdOf, type PciAddress } from '../../machine/identifiers.js'
import type { PciePortType } from '../../machine/pci.js'
import type { MapEntry } from './id-map.js'
import type {
  FunctionDescription,
  IommuDescription,
  MachineDescription,
  MsiControllerDescription,
  RootComplexDescription,
} from '../machine-description.js'
import { atLeast } from './release.js'

/** Name of an IOMMU in `/sys/class/iommu`, and directories of its device and of the instance. */
export interface IommuPlace {
  readonly className: string
  /** The device behind it; undefined for VT-d and RISC-V, whose instances are virtual devices. */
  readonly device: string | undefined
  readonly instance: string
  /** Directory of its platform device, for an IOMMU that is one. */
  readonly platformDevice: string | undefined
}

/** One MSI or MSI-X vector in use. */
export interface Vector {
  readonly irq: number
  readonly mode: 'msi' | 'msix'
  readonly chipName: string
  readonly hwirq: number
  readonly action: string
}

/** An interrupt that is no function's MSI. */
export interface WiredInterrupt {
  readonly irq: number
  readonly chipName: string
  readonly hwirq: number
  readonly type: 'level' | 'edge'
  /** Suffix of the flow handler, printed by x86 and a few others. */
  readonly handler: string
  readonly action: string
}

/** One function of the machine, with everything that the description leads to. */
export interface PlannedFunction {
  readonly description: FunctionDescription
  readonly address: PciAddress
  readonly name: string
  readonly complex: PlannedComplex
  readonly parent: PlannedFunction | undefined
  /** Directory in sysfs. */
  readonly path: string
  readonly type: PciePortType | 'conventional'
  readonly secondaryBus: number | undefined
  readonly subordinateBus: number | undefined
  multifunction: boolean
  readonly physicalFunction: PlannedFunction | undefined
  readonly virtualFunctions: PlannedFunction[]
  /** The IOMMU that the firmware puts before it, with the StreamIDs of all its aliases. */
  readonly iommu: IommuDescription | undefined
  readonly streamIds: readonly number[]
  readonly driver: string | undefined
  /** Controller of its MSIs; `vector` is the x86 one without remapping, `remapped` the one with. */
  readonly msi: MsiControllerDescription | 'vector' | 'remapped' | undefined
  readonly deviceId: number | undefined
  group: number | undefined
  vectors: readonly Vector[]
}

export interface PlannedComplex {
  readonly description: RootComplexDescription
  readonly segment: number
  readonly rootBus: number
  /** Directory of the root bus. */
  readonly path: string
  readonly iommuMap: readonly MapEntry[]
  readonly msiMap: readonly MapEntry[]
}

export interface MachinePlan {
  readonly description: MachineDescription
  readonly complexes: readonly PlannedComplex[]
  /** In address order. */
  readonly functions: readonly PlannedFunction[]
  readonly byName: ReadonlyMap<string, PlannedFunction>
  readonly iommus: ReadonlyMap<string, IommuDescription>
  /** By name. */
  readonly iommuPlaces: ReadonlyMap<string, IommuPlace>
  readonly msiControllers: ReadonlyMap<string, MsiControllerDescription>
  readonly wiredInterrupts: readonly WiredInterrupt[]
  readonly remapping: boolean
}

/** RequesterID of the function itself. */
export function ridOf(fn: PlannedFunction): number {
  return requesterIdOf(fn.address)
}

/** Configuration window of a root complex, 256 MiB a segment unless described. */
export function ecamOf(complex: RootComplexDescription): bigint {
  return BigInt(complex.ecam ?? 0x40_1000_0000 + 0x1000_0000 * (complex.segment ?? 0))
}

/** Device-tree node of a host bridge. */
export function hostBridgeNode(complex: RootComplexDescription): string {
  return complex.node ?? `pcie@${ecamOf(complex).toString(16)}`
}

/** Platform device of a host bridge: its address and the node's name without the unit. */
export function hostBridgeName(complex: RootComplexDescription): string {
  return `${ecamOf(complex).toString(16)}.${hostBridgeNode(complex).split('@')[0] ?? 'pcie'}`
}

/** The name with a segment: `00:01.0` → `0000:00:01.0`. */
export function longName(address: string): string {
  const parsed = parsePciAddress(address)
  return parsed ? formatPciAddress(parsed) : address
}

/** What the bridges above put in place of a function's RequesterID, nearest first (pci_for_each_dma_alias). */
export function aliasesOf(
  parent: PlannedFunction | undefined,
): readonly { readonly bridge: PlannedFunction; readonly rid: number }[] {
  const aliases: { bridge: PlannedFunction; rid: number }[] = []
  for (let bridge = parent; bridge; bridge = bridge.parent) {
    if (bridge.type === 'pcie-to-pci-bridge') aliases.push({ bridge, rid: (bridge.secondaryBus ?? 0) << 8 })
    else if (bridge.type === 'conventional' || bridge.type === 'pci-to-pcie-bridge') {
      aliases.push({ bridge, rid: ridOf(bridge) })
    }
  }
  return aliases
}

/** True where the IOMMU takes its devices when they are enumerated, not when a driver binds (commit bcb81ac6ae3c, 6.15). */
export function groupsAtEnumeration(machine: MachineDescription, iommu: IommuDescription): boolean {
  return iommu.type === 'vt-d' || iommu.type === 'amd-vi' || atLeast(machine.kernel.release, 6, 15)
}
