import { bytesOfHex, ByteRecord, type BytePatch, type IntegerLike } from '../byte-record.js'

/** A node's name in the description, or a raw offset from the start of the table. */
export type IortReference = string | number

export interface IdMappingDescription {
  readonly inputBase?: number
  /** Number of ids; the table gets one less. 0x10000 unless said otherwise. */
  readonly ids?: number
  /** The raw field (ids minus one), in place of `ids`: this is how a table with n instead of n - 1 is written. */
  readonly idCount?: number
  readonly outputBase?: number
  readonly output: IortReference
  readonly singleMapping?: boolean
  /** The whole flags word, in place of `singleMapping`. */
  readonly flags?: number
}

interface NodeDescription {
  readonly name?: string
  readonly revision?: number
  readonly identifier?: number
  readonly mappings?: readonly IdMappingDescription[]
  /** Replaces the true number of mappings. */
  readonly mappingCount?: number
  /** Replaces the true offset of the mapping array from the start of the node. */
  readonly mappingOffset?: number
  /** Replaces the node's length field; the next node still follows the true end. */
  readonly length?: number
  /** Replaces the node's type byte. */
  readonly typeCode?: number
  /** Bytes of zeros at the end of the node. */
  readonly padding?: number
  /** Offsets from the start of the node. */
  readonly patches?: readonly BytePatch[]
}

interface MemoryProperties {
  /** 1 is fully coherent. */
  readonly cacheCoherency?: number
  /** Bit 0 transient, 1 write allocate, 2 read allocate, 3 override. */
  readonly memoryHints?: number
  /** Bit 0 coherent path to memory, 1 device attributes cacheable, 2 CANWBS. */
  readonly memoryFlags?: number
}

export interface ItsGroupDescription extends NodeDescription {
  readonly type: 'its-group'
  readonly itsIds: readonly number[]
  /** Replaces the true number of ids. */
  readonly itsCount?: number
}
export interface NamedComponentDescription extends NodeDescription, MemoryProperties {
  readonly type: 'named-component'
  readonly objectName: string
  readonly flags?: number
  readonly addressSizeLimit?: number
}
export interface RootComplexDescription extends NodeDescription, MemoryProperties {
  readonly type: 'root-complex'
  readonly segment?: number
  /** Bit 0 ATS, 1 PRI, 2 PASID forwarding. */
  readonly atsAttribute?: number
  readonly addressSizeLimit?: number
  readonly pasidCapabilities?: number
  readonly flags?: number
  /** Bytes before the mapping array: 32 in revision 0, 36 up to 3, 40 from 4 on. */
  readonly bodyLength?: number
}
export interface SmmuDescription extends NodeDescription {
  readonly type: 'smmu'
  readonly base: IntegerLike
  readonly span?: IntegerLike
  /** 0 v1, 1 v2, 2 MMU-400, 3 MMU-500, 4 MMU-401, 5 Cavium ThunderX v2. */
  readonly model?: number
  /** Bit 0 DVM, bit 1 coherent page table walk. */
  readonly flags?: number
  readonly globalInterrupts?: readonly [number, number]
  readonly contextInterrupts?: readonly number[]
}
export interface SmmuV3Description extends NodeDescription {
  readonly type: 'smmuv3'
  readonly base: IntegerLike
  /** Bit 0 COHACC override, 1-2 HTTU override, 3 proximity valid, 4 DeviceID mapping index valid. */
  readonly flags?: number
  readonly vatos?: IntegerLike
  readonly model?: number
  readonly eventGsiv?: number
  readonly priGsiv?: number
  readonly gerrorGsiv?: number
  readonly syncGsiv?: number
  readonly proximityDomain?: number
  readonly deviceIdMappingIndex?: number
}
export interface PmcgDescription extends NodeDescription {
  readonly type: 'pmcg'
  readonly page0Base: IntegerLike
  readonly overflowGsiv?: number
  readonly nodeReference: IortReference
  readonly page1Base?: IntegerLike
}
export interface RmrDescription extends NodeDescription {
  readonly type: 'rmr'
  /** Bit 0 remapping permitted, 1 privileged, 2-9 memory attributes. */
  readonly flags?: number
  readonly regions?: readonly { readonly base: IntegerLike; readonly length: IntegerLike }[]
}
export interface IwbDescription extends NodeDescription {
  readonly type: 'iwb'
  readonly configBase: IntegerLike
  readonly iwbIndex?: number
  readonly objectName: string
}
/** A node of any type: `data` are the hexadecimal bytes behind the 16 bytes of the header. */
export interface RawNodeDescription extends NodeDescription {
  readonly type: 'raw'
  readonly typeCode: number
  readonly data?: string
}
export type IortNodeDescription =
  | ItsGroupDescription
  | NamedComponentDescription
  | RootComplexDescription
  | SmmuDescription
  | SmmuV3Description
  | PmcgDescription
  | RmrDescription
  | IwbDescription
  | RawNodeDescription

/** The type byte, DEN 0049 section 3.1.2. */
export function nodeTypeCode(node: IortNodeDescription): number {
  if (node.typeCode !== undefined) return node.typeCode
  switch (node.type) {
    case 'its-group':
      return 0
    case 'named-component':
      return 1
    case 'root-complex':
      return 2
    case 'smmu':
      return 3
    case 'smmuv3':
      return 4
    case 'pmcg':
      return 5
    case 'rmr':
      return 6
    case 'iwb':
      return 7
    case 'raw':
      return node.typeCode
  }
}

const aligned = (length: number): number => (length + 3) & ~3

/** Node header (16 bytes, still empty) and type-specific data, in the layout of the node's revision. */
export function nodeBody(node: IortNodeDescription): Uint8Array {
  switch (node.type) {
    case 'its-group': {
      const record = new ByteRecord(20 + 4 * node.itsIds.length).u32(16, node.itsCount ?? node.itsIds.length)
      node.itsIds.forEach((id, index) => record.u32(20 + index * 4, id))
      return record.bytes
    }
    case 'named-component': {
      const record = new ByteRecord(aligned(29 + node.objectName.length + 1)).u32(16, node.flags ?? 0)
      memoryProperties(record, 20, node)
      return record.u8(28, node.addressSizeLimit ?? 64).text(29, node.objectName, node.objectName.length).bytes
    }
    case 'root-complex':
      return rootComplexBody(node)
    case 'smmu':
      return smmuBody(node)
    case 'smmuv3':
      return smmuV3Body(node)
    case 'pmcg':
      return new ByteRecord((node.revision ?? 0) >= 1 ? 40 : 32)
        .u64(16, node.page0Base)
        .u32(24, node.overflowGsiv ?? 0)
        .patch((node.revision ?? 0) >= 1 ? [{ at: 32, size: 8, value: node.page1Base ?? 0 }] : []).bytes
    case 'rmr':
      return new ByteRecord(28).u32(16, node.flags ?? 0).bytes
    case 'iwb':
      return new ByteRecord(aligned(26 + node.objectName.length + 1))
        .u64(16, node.configBase)
        .u16(24, node.iwbIndex ?? 0)
        .text(26, node.objectName, node.objectName.length).bytes
    case 'raw':
      return new Uint8Array(16 + bytesOfHex(node.data ?? '').length)
  }
}

function memoryProperties(record: ByteRecord, at: number, node: MemoryProperties): void {
  record
    .u32(at, node.cacheCoherency ?? 1)
    .u8(at + 4, node.memoryHints ?? 0)
    .u8(at + 7, node.memoryFlags ?? 3)
}

function rootComplexBody(node: RootComplexDescription): Uint8Array {
  const revision = node.revision ?? 0
  const record = new ByteRecord(node.bodyLength ?? (revision === 0 ? 32 : revision < 4 ? 36 : 40))
  memoryProperties(record, 16, node)
  record.u32(24, node.atsAttribute ?? 0).u32(28, node.segment ?? 0)
  if (record.bytes.length >= 36) record.u8(32, node.addressSizeLimit ?? 64).u16(33, node.pasidCapabilities ?? 0)
  if (record.bytes.length >= 40) record.u32(36, node.flags ?? 0)
  return record.bytes
}

function smmuBody(node: SmmuDescription): Uint8Array {
  const context = node.contextInterrupts ?? []
  const [global, configuration] = node.globalInterrupts ?? [0, 0]
  const record = new ByteRecord(76 + 8 * context.length)
    .u64(16, node.base)
    .u64(24, node.span ?? 0x10000)
    .u32(32, node.model ?? 3)
    .u32(36, node.flags ?? 0)
    .u32(40, 60)
    .u32(44, context.length)
    .u32(48, 76)
    .u32(56, 76 + 8 * context.length)
    .u32(60, global)
    .u32(68, configuration)
  context.forEach((gsiv, index) => record.u32(76 + index * 8, gsiv))
  return record.bytes
}

function smmuV3Body(node: SmmuV3Description): Uint8Array {
  const record = new ByteRecord((node.revision ?? 0) >= 1 ? 68 : 60)
    .u64(16, node.base)
    .u32(24, node.flags ?? 0)
    .u64(32, node.vatos ?? 0)
    .u32(40, node.model ?? 0)
    .u32(44, node.eventGsiv ?? 0)
    .u32(48, node.priGsiv ?? 0)
    .u32(52, node.gerrorGsiv ?? 0)
    .u32(56, node.syncGsiv ?? 0)
  if (record.bytes.length >= 68) record.u32(60, node.proximityDomain ?? 0).u32(64, node.deviceIdMappingIndex ?? 0)
  return record.bytes
}
