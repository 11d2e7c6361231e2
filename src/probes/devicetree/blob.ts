import { Budget } from '../../budget/budget.js'
import { ByteReader } from '../../binary/byte-reader.js'
import { finishTree } from '../../machine/devicetree-builder.js'
import type { DeviceTreeBlob, DeviceTreeBlobHeader } from '../../machine/devicetree-blob.js'
import { BlobDiagnostics } from './blob-diagnostics.js'
import { readHeader, readReservations, wholeBlob } from './blob-header.js'
import { StructureParser } from './blob-structure.js'

const hex = (value: number): string => `0x${value.toString(16)}`

/**
 * Reads a flattened device tree of version 17 or 16. All integers are big-endian; properties are views on `bytes`, with
 * their offset in the blob as provenance.
 *
 * Total: bad input gives diagnostics, `damaged` and whatever could be read. A property whose name is lost makes its node
 * incomplete, one that stands twice or behind a child node is unreadable, and where the structure breaks off every open
 * node is incomplete.
 *
 * @param path names the blob in facts and diagnostics
 * Source: devicetree specification 0.4, chapter 5; K: scripts/dtc/libfdt/fdt.h.
 */
export function parseDeviceTreeBlob(bytes: Uint8Array, path: string, budget = new Budget()): DeviceTreeBlob {
  const diagnostics = new BlobDiagnostics(path)
  const header = readHeader(new ByteReader(bytes), diagnostics)
  if (!header) return { reservations: [], diagnostics: diagnostics.list, damaged: true }
  const blob = new ByteReader(wholeBlob(bytes, header, diagnostics))
  const reservations = readReservations(blob, header, diagnostics, budget)
  const strings = block(blob, 'strings', header.stringsOffset, header.stringsSize, diagnostics)
  const structure = structureBlock(blob, header, diagnostics)
  const end = structure.base + structure.length
  const sized = header.structureSize !== undefined
  const parser = new StructureParser({ path, blob, start: structure.base, end, sized, strings }, diagnostics, budget)
  const root = parser.parse()
  const rest = { header, reservations, diagnostics: diagnostics.list, damaged: diagnostics.damaged }
  return root ? { ...rest, tree: finishTree(root, true) } : rest
}

/** Version 16 does not say how long the structure block is: it ends with its end token. */
function structureBlock(blob: ByteReader, header: DeviceTreeBlobHeader, diagnostics: BlobDiagnostics): ByteReader {
  const { structureOffset, structureSize } = header
  if (structureOffset % 4 !== 0)
    diagnostics.damage(8, `the structure block begins at ${hex(structureOffset)}, which is no multiple of 4.`)
  if (structureSize === undefined) return blob.upTo(structureOffset, blob.length)
  return block(blob, 'structure', structureOffset, structureSize, diagnostics)
}

function block(blob: ByteReader, name: string, offset: number, size: number, diagnostics: BlobDiagnostics): ByteReader {
  if (!blob.has(offset, size)) {
    const range = `${hex(offset)} with ${size} bytes`
    diagnostics.damage(8, `the ${name} block, ${range}, leaves the blob of ${blob.length} bytes; it was cut.`)
  }
  return blob.upTo(offset, size)
}
