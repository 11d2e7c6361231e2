import type { DecodedTable } from './acpi-table.js'

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
  /** Those of `nodes` that are root complexes, by PCI segment: every function asks for its own. */
  readonly rootComplexes: ReadonlyMap<number, readonly RootComplexNode[]>
  readonly nodeCount: number
}

/** Root complexes by PCI segment, in the order of the nodes. */
export function rootComplexesBySegment(nodes: readonly IortNode[]): ReadonlyMap<number, readonly RootComplexNode[]> {
  const found = new Map<number, RootComplexNode[]>()
  for (const node of nodes) {
    if (node.type !== 'root-complex') continue
    const known = found.get(node.segment)
    if (known) known.push(node)
    else found.set(node.segment, [node])
  }
  return found
}
