import { writeTable, type TableOptions } from './acpi-table.js'
import { bytesOfHex, ByteRecord, concatenate, type BytePatch, type IntegerLike } from '../byte-record.js'

/** The IOMMU node's name in the description, or a raw offset from the start of the table. */
export type ViotReference = string | number

export type ViotNodeDescription = {
  readonly name?: string
  /** Replaces the node's length field. */
  readonly length?: number
  /** Offsets from the start of the node. */
  readonly patches?: readonly BytePatch[]
} & (
  | {
      readonly type: 'pci-range'
      readonly endpointStart?: number
      readonly segmentStart?: number
      readonly segmentEnd?: number
      /** RequesterIDs, inclusive. */
      readonly bdfStart: number
      readonly bdfEnd: number
      readonly output: ViotReference
    }
  | {
      readonly type: 'mmio-endpoint'
      readonly endpoint: number
      readonly base: IntegerLike
      readonly output: ViotReference
    }
  | { readonly type: 'virtio-iommu-pci'; readonly segment?: number; readonly bdf: number }
  | { readonly type: 'virtio-iommu-mmio'; readonly base: IntegerLike }
  | { readonly type: 'raw'; readonly typeCode: number; readonly data?: string }
)

export interface ViotDescription extends TableOptions {
  readonly nodes: readonly ViotNodeDescription[]
  /** Replaces the true number of nodes. */
  readonly nodeCount?: number
}

const HEADER_LENGTH = 48

/** Bytes of a VIOT. Throws RangeError where a reference names no node. Source: ACPI 6.5 section 5.2.34. */
export function writeViot(description: ViotDescription): Uint8Array {
  const offsets = new Map<string, number>()
  let offset = HEADER_LENGTH
  for (const node of description.nodes) {
    if (node.name !== undefined) offsets.set(node.name, offset)
    offset += nodeSize(node)
  }
  const resolve = (reference: ViotReference): number => {
    const found = typeof reference === 'number' ? reference : offsets.get(reference)
    if (found === undefined) throw new RangeError(`VIOT: no node is named "${reference}"`)
    return found
  }
  const head = new ByteRecord(12).u16(0, description.nodeCount ?? description.nodes.length).u16(2, HEADER_LENGTH)
  const nodes = description.nodes.map((node) => {
    const record = nodeBody(node, resolve)
    return record.u16(2, node.length ?? record.bytes.length).patch(node.patches).bytes
  })
  return writeTable('VIOT', 0, concatenate([head.bytes, ...nodes]), description)
}

function nodeSize(node: ViotNodeDescription): number {
  switch (node.type) {
    case 'pci-range':
    case 'mmio-endpoint':
      return 24
    case 'virtio-iommu-pci':
    case 'virtio-iommu-mmio':
      return 16
    case 'raw':
      return 4 + bytesOfHex(node.data ?? '').length
  }
}

function nodeBody(node: ViotNodeDescription, resolve: (reference: ViotReference) => number): ByteRecord {
  const record = new ByteRecord(nodeSize(node))
  switch (node.type) {
    case 'pci-range':
      return record
        .u8(0, 1)
        .u32(4, node.endpointStart ?? node.bdfStart)
        .u16(8, node.segmentStart ?? 0)
        .u16(10, node.segmentEnd ?? node.segmentStart ?? 0)
        .u16(12, node.bdfStart)
        .u16(14, node.bdfEnd)
        .u16(16, resolve(node.output))
    case 'mmio-endpoint':
      return record.u8(0, 2).u32(4, node.endpoint).u64(8, node.base).u16(16, resolve(node.output))
    case 'virtio-iommu-pci':
      return record
        .u8(0, 3)
        .u16(4, node.segment ?? 0)
        .u16(6, node.bdf)
    case 'virtio-iommu-mmio':
      return record.u8(0, 4).u64(8, node.base)
    case 'raw':
      record.bytes.set(bytesOfHex(node.data ?? ''), 4)
      return record.u8(0, node.typeCode)
  }
}
