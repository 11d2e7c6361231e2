import type { Fact, ReadFailure } from './fact.js'
import type { PciAddress } from './identifiers.js'

/** PCI Express device/port types (PCIe capability, flags bits 4-7). */
export type PciePortType =
  | 'endpoint'
  | 'legacy-endpoint'
  | 'root-port'
  | 'upstream-port'
  | 'downstream-port'
  | 'pcie-to-pci-bridge'
  | 'pci-to-pcie-bridge'
  | 'rc-integrated-endpoint'
  | 'rc-event-collector'
  | 'reserved'

export interface PcieCapability {
  readonly offset: number
  readonly portType: PciePortType
}
export interface MsiCapability {
  readonly offset: number
  readonly enabled: boolean
  /** Programmed message address; 0 when never programmed. */
  readonly address: bigint
  readonly data: number
  readonly maximumVectors: number
}
export interface MsixCapability {
  readonly offset: number
  readonly enabled: boolean
  readonly functionMasked: boolean
  readonly tableSize: number
  readonly tableBar: number
  readonly tableOffset: number
  readonly pendingBar: number
  readonly pendingOffset: number
}
export interface AcsCapability {
  readonly offset: number
  /** Bits 0 SV, 1 TB, 2 RR, 3 CR, 4 UF, 5 EC, 6 DT. */
  readonly capability: number
  readonly control: number
}
export interface AtsCapability {
  readonly offset: number
  readonly enabled: boolean
  readonly queueDepth: number
}
export interface SriovCapability {
  readonly offset: number
  readonly vfEnabled: boolean
  readonly totalVfs: number
  readonly initialVfs: number
  readonly numVfs: number
  readonly firstVfOffset: number
  readonly vfStride: number
  readonly vfDeviceId: number
}
export interface EnhancedAllocationCapability {
  readonly offset: number
}
export interface AriCapability {
  readonly offset: number
  readonly nextFunction: number
  readonly control: number
}
export interface EnableCapability {
  readonly offset: number
  readonly enabled: boolean
}

/**
 * Decoded configuration space. `extent` tells how much of it was there to read: 64 (128 for CardBus) bytes are what an
 * unprivileged reader gets, so capabilities are unknown; 256 bytes are all of a function without extended space; 4096
 * are all. Every capability is therefore a fact of its own: absent is knowledge, unreadable (`permission`) is not.
 */
export interface ConfigurationSpace {
  readonly extent: 'header' | 'conventional' | 'extended'
  /** Header type, bits 0-6: 0 endpoint, 1 bridge, 2 CardBus. */
  readonly headerType: number
  /** Header type bit 7; left out where a listing does not show it. */
  readonly multifunctionBit?: boolean
  readonly busMaster: boolean
  readonly revision: number
  /** Type 1 headers. */
  readonly bridge?: { readonly primaryBus: number; readonly secondaryBus: number; readonly subordinateBus: number }
  readonly pcie: Fact<PcieCapability>
  readonly msi: Fact<MsiCapability>
  readonly msix: Fact<MsixCapability>
  readonly enhancedAllocation: Fact<EnhancedAllocationCapability>
  readonly acs: Fact<AcsCapability>
  readonly ari: Fact<AriCapability>
  readonly ats: Fact<AtsCapability>
  readonly sriov: Fact<SriovCapability>
  readonly pri: Fact<EnableCapability>
  readonly pasid: Fact<EnableCapability>
}

/** An MSI or MSI-X vector that a driver holds now. */
export interface MsiVector {
  /** Linux interrupt number. */
  readonly irq: number
  readonly mode: Fact<'msi' | 'msix'>
}

/** The root bus above a function. */
export interface RootBus {
  /** Name of its directory, `pci0000:00`. */
  readonly name: string
  /** Path of the device above it (`devices/platform/4010000000.pcie`); empty where there is none, as with ACPI. */
  readonly parentPath: string
  /** Device-tree path of the host bridge, from the `of_node` of that device or of the root bus. */
  readonly deviceTreeNode: Fact<string>
}

/** One function below `/sys/bus/pci/devices`. */
export interface PciFunction {
  readonly address: PciAddress
  /** The sysfs name, `0000:01:00.0`. */
  readonly name: string
  readonly vendor: Fact<number>
  readonly device: Fact<number>
  readonly subsystemVendor: Fact<number>
  readonly subsystemDevice: Fact<number>
  /** 24 bits: base class, subclass, programming interface. */
  readonly classCode: Fact<number>
  readonly revision: Fact<number>
  readonly configuration: Fact<ConfigurationSpace>
  /**
   * Path of the function below the root bus: names of the bridges above it, nearest last; empty on the root bus.
   * Unreadable when the link does not read as a chain of PCI functions.
   */
  readonly upstream: Fact<readonly string[]>
  readonly rootBus: Fact<RootBus>
  /** Name of the bound driver. `uevent` is its second witness: where link and `DRIVER=` disagree it is unreadable. */
  readonly driver: Fact<string>
  /** Number of the IOMMU group: the link, joined with the groups' own `devices`; unreadable where they disagree. */
  readonly iommuGroup: Fact<string>
  /** Name of the IOMMU instance (`smmu3.0x0000000009050000`), from the `iommu` link. */
  readonly iommu: Fact<string>
  /** Name of the physical function, for a VF. */
  readonly physicalFunction: Fact<string>
  readonly sriovNumVfs: Fact<number>
  readonly sriovTotalVfs: Fact<number>
  /** Vectors in use; absent when no MSI is enabled. */
  readonly msiVectors: Fact<readonly MsiVector[]>
  /** Device-tree path behind the function's own `of_node`; the host bridge's is in `rootBus`. */
  readonly deviceTreeNode: Fact<string>
  readonly numaNode: Fact<number>
  /** The only driver that may bind, from `driver_override`; absent where none is set. */
  readonly driverOverride: Fact<string>
  /** Ways to reset the function (5.15 and later); empty text where it is there and names none. */
  readonly resetMethod: Fact<string>
  /** Name of its VFIO device (`vfio0`, 6.1 and later with CONFIG_VFIO_DEVICE_CDEV); looked for where a VFIO driver is bound. */
  readonly vfioDevice: Fact<string>
}

/** Vendor and device id; the reason when either cannot be read (a function without ids does not exist). */
export function idsOf(fn: PciFunction): { readonly vendor: number; readonly device: number } | ReadFailure {
  if (fn.vendor.state !== 'known') return fn.vendor.state === 'unreadable' ? fn.vendor.reason : 'io'
  if (fn.device.state !== 'known') return fn.device.state === 'unreadable' ? fn.device.reason : 'io'
  return { vendor: fn.vendor.value, device: fn.device.value }
}
