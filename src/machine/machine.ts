import type { AcpiTables } from './acpi.js'
import type { DeviceTree } from './devicetree.js'
import type { Fact } from './fact.js'
import type { FirmwareIdentity } from './firmware-identity.js'
import type { InterruptFacts } from './interrupts.js'
import type { IommuGroup, IommuInstance, PlatformDevice } from './iommu.js'
import type { Dmi, KernelFacts, VirtualizationHints } from './kernel.js'
import type { PciFunction } from './pci.js'

/** How the bytes were reached. */
export interface Origin {
  readonly kind: 'live' | 'sysroot' | 'bundle' | 'emulated'
  /** What the user named: a directory, a file, an emulated machine; the host's is `/`. */
  readonly name: string
  /** What was recognised, where evidence was told by its content. */
  readonly inputs?: readonly {
    readonly file: string
    readonly kind: string
    readonly total: number
    readonly used: number
    readonly unit: 'lines' | 'functions' | 'groups' | 'tables' | 'machine'
  }[]
  /** The file and line of a text that told what stands at a path; `excerpt` is what was read there. */
  readonly placeOf?: (path: string, excerpt?: string) => { readonly file: string; readonly line: number } | undefined
}

/** Everything that was read of one machine. Nothing right of the probes touches a file. */
export interface Machine {
  readonly origin: Origin
  /** What the archive has that was passed over or is not believed: a path in it, and why. */
  readonly passedOver?: readonly { readonly path: string; readonly problem: string }[]
  readonly kernel: KernelFacts
  readonly virtualization: VirtualizationHints
  readonly dmi: Dmi
  readonly firmware: FirmwareIdentity
  /** In address order. */
  readonly functions: Fact<readonly PciFunction[]>
  /** What lspci calls the functions, by their sysfs names; empty where nothing tells. For people: no decision asks. */
  readonly pciNames: ReadonlyMap<string, string>
  /** In numeric order; absent when the kernel has no `/sys/kernel/iommu_groups` at all. */
  readonly groups: Fact<readonly IommuGroup[]>
  readonly iommus: Fact<readonly IommuInstance[]>
  readonly platformDevices: readonly PlatformDevice[]
  readonly interrupts: InterruptFacts
  readonly acpi: AcpiTables
  readonly deviceTree: Fact<DeviceTree>
}
