import { ByteRecord, concatenate, type BytePatch } from '../byte-record.js'
import type { EncodedNode } from './devicetree-source.js'

export interface BlobOptions {
  /** Raw overrides, offsets from the start of the blob. */
  readonly patches?: readonly BytePatch[]
  /** Physical id of the boot processor. */
  readonly bootProcessor?: number
}

const MAGIC = 0xd00dfeed
const HEADER_LENGTH = 40
/** One empty entry ends the list of reserved memory. */
const RESERVATION_LENGTH = 16
const BEGIN_NODE = 1
const END_NODE = 2
const PROPERTY = 3
const END = 9

const encoder = new TextEncoder()
const aligned = (length: number): number => (length + 3) & ~3

/** Name → offset in the strings block; equal names are stored once. */
class StringsBlock {
  private readonly offsets = new Map<string, number>()
  private readonly parts: Uint8Array[] = []
  private length = 0

  offsetOf(name: string): number {
    const known = this.offsets.get(name)
    if (known !== undefined) return known
    const offset = this.length
    const bytes = encoder.encode(`${name}\0`)
    this.offsets.set(name, offset)
    this.parts.push(bytes)
    this.length += bytes.length
    return offset
  }

  bytes(): Uint8Array {
    return concatenate(this.parts)
  }
}

/** A flattened device tree, version 17 (readable from 16 on), big-endian. Source: devicetree specification 0.4, chapter 5. */
export function writeFdt(root: EncodedNode, options: BlobOptions = {}): Uint8Array {
  const strings = new StringsBlock()
  const structure: Uint8Array[] = []
  writeNode(root, strings, structure)
  structure.push(new ByteRecord(4, 'big').u32(0, END).bytes)
  const structureBytes = concatenate(structure)
  const stringBytes = strings.bytes()
  const structureOffset = HEADER_LENGTH + RESERVATION_LENGTH
  const stringsOffset = structureOffset + structureBytes.length
  const header = new ByteRecord(structureOffset, 'big')
    .u32(0, MAGIC)
    .u32(4, stringsOffset + stringBytes.length)
    .u32(8, structureOffset)
    .u32(12, stringsOffset)
    .u32(16, HEADER_LENGTH)
    .u32(20, 17)
    .u32(24, 16)
    .u32(28, options.bootProcessor ?? 0)
    .u32(32, stringBytes.length)
    .u32(36, structureBytes.length)
  const bytes = concatenate([header.bytes, structureBytes, stringBytes])
  return new ByteRecord(bytes, 'big').patch(options.patches).bytes
}

function writeNode(node: EncodedNode, strings: StringsBlock, out: Uint8Array[]): void {
  const name = encoder.encode(`${node.name}\0`)
  const begin = new ByteRecord(4 + aligned(name.length), 'big').u32(0, BEGIN_NODE)
  begin.bytes.set(name, 4)
  out.push(begin.bytes)
  for (const [key, value] of node.properties) {
    const property = new ByteRecord(12 + aligned(value.length), 'big')
      .u32(0, PROPERTY)
      .u32(4, value.length)
      .u32(8, strings.offsetOf(key))
    property.bytes.set(value, 12)
    out.push(property.bytes)
  }
  for (const child of node.children) writeNode(child, strings, out)
  out.push(new ByteRecord(4, 'big').u32(0, END_NODE).bytes)
}
