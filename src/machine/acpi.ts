import type { Fact } from './fact.js'

/** What a parser noticed and went on from. `offset` counts from the start of the table or blob. */
export interface Diagnostic {
  readonly path: string
  readonly offset: number
  readonly message: string
}

/** ACPI system description table header (36 bytes), as in ACPI 6.5 section 5.2.6. Integers are little-endian. */
export interface TableHeader {
  readonly signature: string
  /** Length the header claims, in bytes. */
  readonly length: number
  readonly revision: number
  readonly checksum: 'ok' | 'bad'
  /** Six characters, padding kept (`HISI  `): Linux compares all six. */
  readonly oemId: string
  /** Eight characters, padding kept (`HIP07   `). */
  readonly oemTableId: string
  readonly oemRevision: number
}

/** Every decoded table: the header, the bytes it came from, and what was odd. */
export interface DecodedTable {
  readonly header: TableHeader
  readonly diagnostics: readonly Diagnostic[]
  /** True when the table's own format shows damage: wrong length or checksum, a record past the end. */
  readonly damaged: boolean
}

/** IORT ID mapping (20 bytes), DEN 0049 section 3.1.3. */
export interface IdMapping {
  /** Offset of the mapping from the start of the table. */
  readonly offset: number
  readonly inputBase: number
  /** The raw field: number of IDs minus one. */
  readonly idCount: number
  readonly outputBase: number
  /** Offset of the target node from the start of the table. */
  readonly outputReference: number
  /** Flags bit 0. */
  readonly singleMapping: boolean
}

interface IortNodeBase {
  readonly offset: number
  readonly length: number
  readonly revision: number
  readonly identifier: number
  readonly typeCode: number
  readonly mappings: readonly IdMapping[]
  /** The count the node claims; more than `mappings.length` when the array leaves the node. */
  readonly mappingCount: number
}
export interface ItsGroupNode extends IortNodeBase {
  readonly type: 'its-group'
  /** GIC ITS ids; Linux uses only the first. */
  readonly itsIds: readonly number[]
  /** The count the node claims; more than `itsIds.length` when the array leaves the node. */
  readonly itsCount?: number
}
export interface NamedComponentNode extends IortNodeBase {
  readonly type: 'named-component'
  readonly flags: number
  readonly cacheCoherency: number
  readonly memoryHints: number
  readonly memoryFlags: number
  readonly addressSizeLimit: number
  /** ACPI path, as the table spells it. */
  readonly objectName: string
}
export interface RootComplexNode extends IortNodeBase {
  readonly type: 'root-complex'
  readonly cacheCoherency: number
  readonly memoryHints: number
  readonly memoryFlags: number
  /** Bit 0 ATS supported, bit 1 PRI supported, bit 2 PASID forwarding supported. */
  readonly atsAttribute: number
  readonly segment: number
  /** Node revision 1 and later. */
  readonly addressSizeLimit?: number
  /** Only when the node is at least 40 bytes long. */
  readonly pasidCapabilities?: number
  readonly flags?: number
}
export interface SmmuNode extends IortNodeBase {
  readonly type: 'smmu'
  readonly baseAddress: bigint
  readonly span: bigint
  readonly model: number
  /** Bit 0 DVM, bit 1 coherent page table walk. */
  readonly flags: number
  /** Interrupt arrays: offsets from the start of the node. */
  readonly globalInterruptOffset?: number
  readonly contextInterruptCount?: number
  readonly contextInterruptOffset?: number
  readonly pmuInterruptCount?: number
  readonly pmuInterruptOffset?: number
}
export interface SmmuV3Node extends IortNodeBase {
  readonly type: 'smmuv3'
  readonly baseAddress: bigint
  /** Bit 0 COHACC override, bits 1-2 HTTU override, bit 3 proximity valid, bit 4 DeviceID mapping index valid. */
  readonly flags: number
  readonly vatosAddress: bigint
  readonly model: number
  readonly eventGsiv: number
  readonly priGsiv: number
  readonly gerrorGsiv: number
  readonly syncGsiv: number
  readonly proximityDomain?: number
  /** Node revision 1 and later. */
  readonly deviceIdMappingIndex?: number
}
export interface PmcgNode extends IortNodeBase {
  readonly type: 'pmcg'
  readonly page0Base: bigint
  readonly overflowGsiv: number
  readonly nodeReference: number
  readonly page1Base?: bigint
}
export interface RmrDescriptor {
  readonly base: bigint
  readonly length: bigint
}
export interface RmrNode extends IortNodeBase {
  readonly type: 'rmr'
  /** Bit 0 remapping permitted, bit 1 privileged, bits 2-9 memory attributes. */
  readonly flags: number
  readonly descriptors: readonly RmrDescriptor[]
  /** Count that the node claims, and offset of the array from the start of the node. */
  readonly descriptorCount?: number
  readonly descriptorOffset?: number
}
export interface IwbNode extends IortNodeBase {
  readonly type: 'iwb'
  readonly configBase: bigint
  readonly iwbIndex: number
  readonly objectName: string
}
/** A type this release does not know: its header and mappings are kept, its body is not interpreted. */
export interface UnknownIortNode extends IortNodeBase {
  readonly type: 'unknown'
}
export type IortNode =
  | ItsGroupNode
  | NamedComponentNode
  | RootComplexNode
  | SmmuNode
  | SmmuV3Node
  | PmcgNode
  | RmrNode
  | IwbNode
  | UnknownIortNode

export interface IortTable extends DecodedTable {
  /** Table order, as Linux walks them. */
  readonly nodes: readonly IortNode[]
  readonly nodeCount: number
}

interface MadtEntryBase {
  readonly offset: number
  readonly length: number
  readonly typeCode: number
}
export type MadtEntry = MadtEntryBase &
  (
    | {
        readonly type: 'gicc'
        readonly cpuInterfaceNumber: number
        readonly processorUid: number
        readonly flags: number
        readonly parkingProtocolVersion: number
        readonly performanceGsiv: number
        readonly parkedAddress: bigint
        readonly gicBaseAddress: bigint
        readonly gicvBaseAddress?: bigint
        readonly gichBaseAddress?: bigint
        readonly maintenanceGsiv?: number
        readonly gicrBaseAddress?: bigint
        readonly mpidr?: bigint
        readonly efficiencyClass?: number
        readonly speGsiv?: number
        readonly trbeGsiv?: number
        readonly iaffid?: number
        readonly irsId?: number
      }
    | {
        readonly type: 'gicd'
        readonly gicId: number
        readonly baseAddress: bigint
        /** 0 probe the hardware, else GIC architecture version 1 to 5. */
        readonly version: number
        readonly gsiBase: number
      }
    | {
        readonly type: 'gic-msi-frame'
        readonly frameId: number
        readonly baseAddress: bigint
        /** Bit 0: the SPI count and base fields override MSI_TYPER. */
        readonly flags: number
        readonly spiCount: number
        readonly spiBase: number
      }
    | { readonly type: 'gicr'; readonly flags: number; readonly baseAddress: bigint; readonly rangeLength: number }
    | {
        readonly type: 'gic-its'
        readonly flags: number
        /** GIC ITS id: the key that IORT ITS groups use. */
        readonly translationId: number
        readonly baseAddress: bigint
      }
    | {
        readonly type: 'gicv5-irs'
        readonly version: number
        readonly irsId: number
        readonly flags: number
        readonly configBase: bigint
        readonly setlpiBase: bigint
      }
    | {
        readonly type: 'gicv5-its-config'
        readonly flags: number
        readonly translatorId: number
        readonly baseAddress: bigint
      }
    | {
        readonly type: 'gicv5-its-translate'
        readonly linkedTranslatorId: number
        readonly translateFrameId: number
        readonly baseAddress: bigint
      }
    | { readonly type: 'io-apic'; readonly ioApicId: number; readonly address: number; readonly gsiBase: number }
    | { readonly type: 'imsic' }
    | { readonly type: 'aplic' }
    | { readonly type: 'plic' }
    | { readonly type: 'loongarch-msi-pic' }
    /** Named for people (`local-apic`, `x2apic`, `rintc`, …); nothing is decided from it. */
    | { readonly type: 'other'; readonly name: string }
  )

export interface MadtTable extends DecodedTable {
  readonly localInterruptControllerAddress: number
  readonly flags: number
  readonly entries: readonly MadtEntry[]
}

/** DMAR or IVRS device scope target. */
export interface DmarDeviceScope {
  readonly offset: number
  readonly type: 'endpoint' | 'bridge' | 'io-apic' | 'hpet' | 'namespace' | 'other'
  readonly typeCode: number
  readonly flags: number
  readonly enumerationId: number
  readonly startBus: number
  /** Pairs of device and function, from the start bus downwards. */
  readonly path: readonly { readonly device: number; readonly function: number }[]
}
export interface DmarStructureBase {
  readonly offset: number
  readonly length: number
  readonly typeCode: number
}
export type DmarStructure = DmarStructureBase &
  (
    | {
        readonly type: 'drhd'
        /** Bit 0: INCLUDE_PCI_ALL. */
        readonly flags: number
        readonly segment: number
        readonly registerBase: bigint
        readonly scopes: readonly DmarDeviceScope[]
      }
    | {
        readonly type: 'rmrr'
        readonly segment: number
        readonly base: bigint
        readonly end: bigint
        readonly scopes: readonly DmarDeviceScope[]
      }
    | {
        readonly type: 'atsr'
        readonly flags: number
        readonly segment: number
        readonly scopes: readonly DmarDeviceScope[]
      }
    | { readonly type: 'rhsa'; readonly base: bigint; readonly proximityDomain: number }
    | { readonly type: 'andd'; readonly deviceNumber: number; readonly objectName: string }
    | {
        readonly type: 'satc'
        readonly flags: number
        readonly segment: number
        readonly scopes: readonly DmarDeviceScope[]
      }
    | { readonly type: 'sidp'; readonly segment: number; readonly scopes: readonly DmarDeviceScope[] }
    | { readonly type: 'unknown' }
  )
export interface DmarTable extends DecodedTable {
  readonly hostAddressWidth: number
  /** Bit 0 INTR_REMAP, bit 1 X2APIC_OPT_OUT, bit 2 DMA_CTRL_PLATFORM_OPT_IN. */
  readonly flags: number
  readonly structures: readonly DmarStructure[]
}

export interface IvhdDeviceEntry {
  readonly offset: number
  readonly type: number
  readonly deviceId: number
  readonly settings: number
  /** Type 72 (special device): handle, used id and variety (1 IO-APIC, 2 HPET). */
  readonly special?: { readonly handle: number; readonly usedDeviceId: number; readonly variety: number }
  /** Type 66/67 (alias): the device id the IOMMU sees. */
  readonly sourceDeviceId?: number
}
export type IvrsBlock = DmarStructureBase &
  (
    | {
        readonly type: 'ivhd'
        readonly flags: number
        readonly deviceId: number
        readonly capabilityOffset: number
        readonly baseAddress: bigint
        readonly segment: number
        readonly info: number
        readonly featureReporting: number
        readonly extendedFeatures?: bigint
        readonly entries: readonly IvhdDeviceEntry[]
      }
    | {
        readonly type: 'ivmd'
        readonly flags: number
        readonly deviceId: number
        readonly auxiliaryData: number
        readonly start: bigint
        readonly blockLength: bigint
      }
    | { readonly type: 'unknown' }
  )
export interface IvrsTable extends DecodedTable {
  readonly ivInfo: number
  readonly blocks: readonly IvrsBlock[]
}

export type ViotNode = DmarStructureBase &
  (
    | {
        readonly type: 'pci-range'
        readonly endpointStart: number
        readonly segmentStart: number
        readonly segmentEnd: number
        /** RequesterID range, inclusive. */
        readonly bdfStart: number
        readonly bdfEnd: number
        /** Offset of the IOMMU node from the start of the table. */
        readonly outputNode: number
      }
    | { readonly type: 'mmio-endpoint'; readonly endpoint: number; readonly base: bigint; readonly outputNode: number }
    | { readonly type: 'virtio-iommu-pci'; readonly segment: number; readonly bdf: number }
    | { readonly type: 'virtio-iommu-mmio'; readonly base: bigint }
    | { readonly type: 'unknown' }
  )
export interface ViotTable extends DecodedTable {
  readonly nodes: readonly ViotNode[]
}

export interface McfgAllocation {
  readonly offset: number
  readonly baseAddress: bigint
  readonly segment: number
  readonly startBus: number
  readonly endBus: number
}
export interface McfgTable extends DecodedTable {
  readonly allocations: readonly McfgAllocation[]
}

export type RimtNode = DmarStructureBase &
  (
    | {
        readonly type: 'iommu'
        readonly baseAddress: bigint
        readonly segment: number
        readonly bdf: number
        readonly flags: number
      }
    | {
        readonly type: 'root-complex'
        readonly segment: number
        readonly flags: number
        readonly mappings: readonly {
          readonly sourceBase: number
          readonly idCount: number
          readonly destinationBase: number
          readonly destinationOffset: number
        }[]
      }
    | { readonly type: 'platform' }
    | { readonly type: 'unknown' }
  )
export interface RimtTable extends DecodedTable {
  readonly nodes: readonly RimtNode[]
}

/**
 * The tables of one machine. A table whose own format shows damage is unreadable (`malformed`); where the directory of
 * tables itself cannot be read, each of them is.
 */
export interface AcpiTables {
  /** Names in `/sys/firmware/acpi/tables`; absent on a machine that did not boot with ACPI. */
  readonly names: Fact<readonly string[]>
  readonly iort: Fact<IortTable>
  readonly madt: Fact<MadtTable>
  readonly dmar: Fact<DmarTable>
  readonly ivrs: Fact<IvrsTable>
  readonly viot: Fact<ViotTable>
  readonly mcfg: Fact<McfgTable>
  readonly rimt: Fact<RimtTable>
}

/** Any table, told apart by its signature; `other` are those of which only the header is decoded. */
export type ParsedAcpiTable =
  | { readonly kind: 'IORT'; readonly table: IortTable }
  | { readonly kind: 'APIC'; readonly table: MadtTable }
  | { readonly kind: 'DMAR'; readonly table: DmarTable }
  | { readonly kind: 'IVRS'; readonly table: IvrsTable }
  | { readonly kind: 'VIOT'; readonly table: ViotTable }
  | { readonly kind: 'MCFG'; readonly table: McfgTable }
  | { readonly kind: 'RIMT'; readonly table: RimtTable }
  | { readonly kind: 'other'; readonly table: DecodedTable }
