import type { PciePortType } from '../machine/pci.js'
import type { TableOptions } from './firmware/acpi-table.js'
import type { NodeSource, PropertySource } from './firmware/devicetree-source.js'
import type { DmarDescription } from './firmware/dmar-writer.js'
import type { IortDescription } from './firmware/iort-writer.js'
import type { IvrsDescription } from './firmware/ivrs-writer.js'
import type { MadtDescription } from './firmware/madt-writer.js'
import type { McfgDescription } from './firmware/mcfg-writer.js'
import type { ViotDescription } from './firmware/viot-writer.js'

/** A number, or `0x…` text for what JSON cannot spell. */
export type Integer = number | string

/**
 * A whole machine in a few lines of JSON: what its firmware says, which kernel runs and what that kernel made of it. The
 * defaults are those of a sound machine, so that a description names only what is special about it.
 */
export interface MachineDescription {
  readonly $schema?: string
  readonly name: string
  /** One line for people: what the machine is, and after which board. */
  readonly title?: string
  readonly architecture: 'arm64' | 'x86_64' | 'riscv64' | 's390x'
  /** `none`: neither ACPI tables nor a device tree (s390). */
  readonly firmware: 'acpi' | 'devicetree' | 'none'
  /** Whom the tree is shown to: `nobody` gets 64 bytes of configuration space, no tables, no debugfs, no log. */
  readonly privilege?: 'root' | 'nobody'
  readonly cpus?: number
  readonly kernel: KernelDescription
  readonly dmi?: { readonly vendor: string; readonly product: string; readonly biosVendor?: string }
  /** Arm: distributor (GICv5: IRS) of the interrupt controller. The version follows from the MSI controllers unless given. */
  readonly gic?: { readonly address?: Integer; readonly version?: 2 | 3 | 4 | 5; readonly node?: string }
  readonly iommus?: readonly IommuDescription[]
  readonly msiControllers?: readonly MsiControllerDescription[]
  readonly rootComplexes: readonly RootComplexDescription[]
  readonly acpi?: AcpiOverrides
  readonly deviceTree?: DeviceTreeOverrides
  readonly faults?: readonly Fault[]
}

export type DeviceNode = 'dev/vfio/vfio' | 'dev/iommu' | 'dev/kvm'

export interface KernelDescription {
  readonly release: string
  readonly commandLine?: string
  /** Options of the build, `CONFIG_IOMMUFD` → `m`; `n` writes "is not set". Added to a plausible set. */
  readonly configuration?: Readonly<Record<string, string>>
  /** `vfio_iommu_type1.allow_unsafe_interrupts` → `Y`: parameters of loaded modules. */
  readonly parameters?: Readonly<Record<string, string>>
  /** Below `/etc/modprobe.d`: file name → text. */
  readonly modprobe?: Readonly<Record<string, string>>
  /** Device nodes that exist; `dev/vfio/vfio` unless said otherwise. */
  readonly deviceNodes?: readonly DeviceNode[]
  /** Show `/sys/kernel/debug/irq` (root only). */
  readonly debugfs?: boolean
  /** `false` leaves the log out; lines are added to those that the machine makes. */
  readonly log?: false | readonly string[]
}

export interface IommuDescription {
  readonly name: string
  readonly type: 'smmuv3' | 'smmuv2' | 'virtio-iommu' | 'vt-d' | 'amd-vi' | 'riscv'
  /** Register base. Not for an IOMMU that is a PCI function and nothing else. */
  readonly address?: Integer
  /** virtio-iommu and AMD-Vi: the PCI function that it is, described below its root complex too. */
  readonly function?: string
  /** Page table walks (SMMUv3: what the firmware says about them). */
  readonly coherent?: boolean
  /** False: described, but no driver runs it, so that its devices stay deferred. */
  readonly driver?: boolean
  /** Device tree only: a node with `status = "disabled"`. */
  readonly enabled?: boolean
  /** Type of every group's default domain, in place of what the command line leads to. */
  readonly groupType?: 'DMA' | 'DMA-FQ' | 'identity' | 'blocked'
  /** VT-d and AMD-Vi; true unless the command line turns it off. */
  readonly interruptRemapping?: boolean
  /** VT-d registers, hexadecimal without `0x`. */
  readonly capability?: string
  readonly extendedCapability?: string
  /** Device tree: node name (`iommu@fc900000`), `compatible`, `#iommu-cells`. */
  readonly node?: string
  readonly compatible?: readonly string[]
  readonly iommuCells?: number
}

export interface MsiControllerDescription {
  readonly name: string
  readonly type: 'its' | 'gicv5-its' | 'gicv2m' | 'gicv3-mbi' | 'imsic' | 'dwc' | 'hyper-v' | 'vmd' | 'private'
  readonly address?: Integer
  /** ITS: the GIC ITS id that MADT and IORT join on; position in the list unless given. */
  readonly id?: number
  /** GICv2m and MBI: the SPIs of the frame or range. */
  readonly spiBase?: number
  readonly spiCount?: number
  /** ITS behind a Socionext pre-ITS window. */
  readonly preIts?: { readonly base: Integer; readonly size: Integer }
  /** False: the firmware names it, but the kernel made no MSI domain of it. */
  readonly usable?: boolean
  /** ACPI only: leave it out of the MADT. */
  readonly inMadt?: boolean
  /** Type `private`: prefix of its chips' names (`BRCM`), and the one name they all had before. */
  readonly prefix?: string
  readonly legacyChipName?: string
  /** Device tree: node name, `compatible`, `#msi-cells`, `msi-controller` left out. */
  readonly node?: string
  readonly compatible?: readonly string[]
  readonly msiCells?: number
  readonly msiControllerProperty?: boolean
}

/** `count` RequesterIDs from `from` on become ids from `outputBase` on. */
export interface MapEntryDescription {
  readonly from?: Integer
  readonly count?: Integer
  /** Name of an IOMMU or MSI controller. */
  readonly to: string
  readonly outputBase?: Integer
  /** IORT single mapping: every id becomes `outputBase`. */
  readonly single?: boolean
}

export interface RootComplexDescription {
  readonly segment?: number
  readonly rootBus?: number
  readonly endBus?: number
  readonly ecam?: Integer
  /** All RequesterIDs go to this IOMMU, unchanged. */
  readonly iommu?: string
  /** In place of `iommu`; a RequesterID in no entry bypasses. */
  readonly iommuMap?: readonly MapEntryDescription[]
  /** Device tree `iommu-map-mask`. */
  readonly iommuMapMask?: Integer
  /** All RequesterIDs raise their MSIs through this controller, as DeviceIDs unchanged. */
  readonly msi?: string
  readonly msiMap?: readonly MapEntryDescription[]
  readonly msiMapMask?: Integer
  /** Device tree: `msi-parent` in place of `msi-map`; the cells behind the phandle. */
  readonly msiParent?: { readonly to: string; readonly cells?: readonly number[] }
  readonly atsSupported?: boolean
  /** Device tree: node name, `compatible`, name of the platform driver. */
  readonly node?: string
  readonly compatible?: readonly string[]
  readonly driver?: string
  /** Directory of the root bus's parent, in place of the usual one (`sys/devices/…`). */
  readonly parentPath?: string
  readonly functions: readonly FunctionDescription[]
}

export interface FunctionDescription {
  /** `00:02.0`; the segment is the root complex's. */
  readonly address: string
  /** `8086:10d3`. */
  readonly id: string
  readonly subsystem?: string
  /** Six hexadecimal digits; by the port type, else a network controller. */
  readonly class?: string
  readonly revision?: number
  /** `conventional` is a function without PCI Express capability. */
  readonly type?: PciePortType | 'conventional'
  /** What lies behind a bridge. */
  readonly functions?: readonly FunctionDescription[]
  readonly secondaryBus?: number
  readonly subordinateBus?: number
  readonly driver?: string
  /** Vectors in use. The function has the capability either way with `msiCapable`, `msixCapable`. */
  readonly msi?: number
  readonly msix?: number
  readonly msiCapable?: number
  readonly msixCapable?: number
  /** Linux interrupt numbers and names of the actions of the vectors, in place of generated ones. */
  readonly irqs?: readonly number[]
  readonly actions?: readonly string[]
  /** Chip name of the vectors, in place of the one that release and controller give. */
  readonly chipName?: string
  /** true: SV, RR, CR, UF in force; false: no capability; a number: the control bits. Ports have it unless said otherwise. */
  readonly acs?: boolean | number
  readonly ari?: boolean
  readonly ats?: 'capable' | 'enabled'
  readonly pri?: 'capable' | 'enabled'
  readonly pasid?: 'capable' | 'enabled'
  readonly sriov?: SriovDescription
  /** Number of the IOMMU group, null for none, in place of what the kernel's steps lead to. */
  readonly group?: number | null
  /** Lines added to the group's `reserved_regions`. */
  readonly reservedRegions?: readonly { readonly start: Integer; readonly end: Integer; readonly type: string }[]
  readonly numaNode?: number
  readonly configSize?: 64 | 128 | 256 | 4096
}

export interface SriovDescription {
  readonly total: number
  readonly enabled?: number
  readonly firstOffset?: number
  readonly stride?: number
  /** Device id of the VFs, hexadecimal. */
  readonly device?: string
  readonly driver?: string
  readonly msix?: number
}

/** Tables in place of generated ones; null leaves a table out. */
export interface AcpiOverrides {
  /** Header fields of every generated table. */
  readonly header?: TableOptions
  readonly iort?: IortDescription | null
  readonly madt?: MadtDescription | null
  readonly mcfg?: McfgDescription | null
  readonly dmar?: DmarDescription | null
  readonly ivrs?: IvrsDescription | null
  readonly viot?: ViotDescription | null
  /** More tables: name → hexadecimal bytes. */
  readonly tables?: Readonly<Record<string, string>>
}

export interface DeviceTreeOverrides {
  readonly model?: string
  readonly compatible?: readonly string[]
  /** Node path → properties to set; null removes one. */
  readonly properties?: Readonly<Record<string, Readonly<Record<string, PropertySource | null>>>>
  /** Nodes below the root, by name. */
  readonly nodes?: Readonly<Record<string, NodeSource>>
}

/** Damage done to the finished tree. Paths may lead through links. */
export type Fault =
  | { readonly remove: string }
  | { readonly unreadable: string; readonly reason?: 'permission' | 'io' }
  | { readonly truncate: string; readonly length: number }
  | { readonly corrupt: string; readonly offset: number; readonly bytes: string }
  | { readonly replace: string; readonly text: string }
  | { readonly retarget: string; readonly target: string }
