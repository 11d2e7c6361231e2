import { writeTable, type TableOptions } from './acpi-table.js'
import { bytesOfHex, ByteRecord, concatenate } from '../byte-record.js'
import { nodeBody, nodeTypeCode, type IortNodeDescription, type IortReference } from './iort-nodes.js'

/** An IORT: nodes in table order; references by node name or as raw offsets from the start of the table. */
export interface IortDescription extends TableOptions {
  readonly nodes: readonly IortNodeDescription[]
  /** Replaces the true number of nodes. */
  readonly nodeCount?: number
  /** Replaces the true offset of the first node. */
  readonly nodeOffset?: number
}

const HEADER_LENGTH = 48
const MAPPING_LENGTH = 20

interface PlacedNode {
  readonly node: IortNodeDescription
  readonly offset: number
  /** Header and type-specific data. */
  readonly body: Uint8Array
  /** What follows the mapping array: RMR descriptors, padding. */
  readonly tail: Uint8Array
}

/**
 * Bytes of an IORT. Every length, count and reference is right unless the description replaces it. Throws RangeError
 * where a reference names no node. Source: DEN 0049 (E.f) sections 3.1 and 3.2.
 */
export function writeIort(description: IortDescription): Uint8Array {
  let offset = HEADER_LENGTH
  const placed: PlacedNode[] = description.nodes.map((node) => {
    const body = nodeBody(node)
    const tail = tailOf(node)
    const at = offset
    offset += body.length + MAPPING_LENGTH * (node.mappings?.length ?? 0) + tail.length
    return { node, offset: at, body, tail }
  })
  const offsets = new Map(placed.flatMap(({ node, offset }) => (node.name === undefined ? [] : [[node.name, offset]])))
  const resolve = (reference: IortReference): number => {
    if (typeof reference === 'number') return reference
    const found = offsets.get(reference)
    if (found === undefined) throw new RangeError(`IORT: no node is named "${reference}"`)
    return found
  }
  const head = new ByteRecord(12)
    .u32(0, description.nodeCount ?? placed.length)
    .u32(4, description.nodeOffset ?? HEADER_LENGTH)
  const bytes = concatenate([head.bytes, ...placed.map((node) => writeNode(node, resolve))])
  return writeTable('IORT', 6, bytes, description)
}

function tailOf(node: IortNodeDescription): Uint8Array {
  const padding = new Uint8Array(node.padding ?? 0)
  if (node.type !== 'rmr') return padding
  const descriptors = (node.regions ?? []).map(
    ({ base, length }) => new ByteRecord(20).u64(0, base).u64(8, length).bytes,
  )
  return concatenate([...descriptors, padding])
}

function writeNode({ node, body, tail }: PlacedNode, resolve: (reference: IortReference) => number): Uint8Array {
  const mappings = node.mappings ?? []
  const bytes = new Uint8Array(body.length + MAPPING_LENGTH * mappings.length + tail.length)
  bytes.set(body)
  bytes.set(tail, bytes.length - tail.length)
  const record = new ByteRecord(bytes)
  record
    .u8(0, nodeTypeCode(node))
    .u16(1, node.length ?? bytes.length)
    .u8(3, node.revision ?? 0)
    .u32(4, node.identifier ?? 0)
    .u32(8, node.mappingCount ?? mappings.length)
    .u32(12, node.mappingOffset ?? (mappings.length > 0 ? body.length : 0))
  mappings.forEach((mapping, index) => {
    const at = body.length + index * MAPPING_LENGTH
    record
      .u32(at, mapping.inputBase ?? 0)
      .u32(at + 4, mapping.idCount ?? (mapping.ids ?? 0x10000) - 1)
      .u32(at + 8, mapping.outputBase ?? 0)
      .u32(at + 12, resolve(mapping.output))
      .u32(at + 16, mapping.flags ?? (mapping.singleMapping ? 1 : 0))
  })
  if (node.type === 'pmcg') record.u32(28, resolve(node.nodeReference))
  if (node.type === 'rmr') {
    record.u32(20, node.regions?.length ?? 0).u32(24, body.length + mappings.length * MAPPING_LENGTH)
  }
  if (node.type === 'raw') bytes.set(bytesOfHex(node.data ?? ''), 16)
  record.patch(node.patches)
  return bytes
}
