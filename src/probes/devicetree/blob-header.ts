import type { Budget } from '../../budget/budget.js'
import type { ByteReader } from '../../binary/byte-reader.js'
import type { DeviceTreeBlobHeader, MemoryReservation } from '../../machine/devicetree-blob.js'
import type { BlobDiagnostics } from './blob-diagnostics.js'

const MAGIC = 0xd00dfeed
const OLDEST_VERSION = 16
const NEWEST_VERSION = 17
const HEADER_SIZE_16 = 36
const HEADER_SIZE_17 = 40
const RESERVATION_SIZE = 16

const hex = (value: number): string => `0x${value.toString(16)}`

/** The header, or undefined when nothing behind it can be found. */
export function readHeader(reader: ByteReader, diagnostics: BlobDiagnostics): DeviceTreeBlobHeader | undefined {
  const word = (index: number): number | undefined => reader.u32be(index * 4)
  const magic = word(0)
  if (magic === undefined || !reader.has(0, HEADER_SIZE_16)) {
    diagnostics.damage(0, `the header needs ${HEADER_SIZE_16} bytes, the file has ${reader.length}; nothing was read.`)
    return undefined
  }
  if (magic !== MAGIC) {
    diagnostics.damage(0, `the first word is ${hex(magic)}, not the magic ${hex(MAGIC)}; nothing was read.`)
    return undefined
  }
  const version = word(5) ?? 0
  const lastCompatibleVersion = word(6) ?? 0
  if (version < OLDEST_VERSION || lastCompatibleVersion > NEWEST_VERSION) {
    const range =
      version < OLDEST_VERSION ? `version ${version}` : `compatible with version ${lastCompatibleVersion} only`
    diagnostics.damage(20, `the blob is ${range}; only versions 16 and 17 are known, nothing was read.`)
    return undefined
  }
  const structureSize = version >= NEWEST_VERSION ? word(9) : undefined
  if (version >= NEWEST_VERSION && structureSize === undefined) {
    diagnostics.damage(36, `the header needs ${HEADER_SIZE_17} bytes, the file has ${reader.length}; nothing was read.`)
    return undefined
  }
  return {
    totalSize: word(1) ?? 0,
    structureOffset: word(2) ?? 0,
    stringsOffset: word(3) ?? 0,
    reservationsOffset: word(4) ?? 0,
    version,
    lastCompatibleVersion,
    bootProcessor: word(7) ?? 0,
    stringsSize: word(8) ?? 0,
    structureSize,
  }
}

/** The blob up to its total size. A blob longer or shorter than its file is damage either way. */
export function wholeBlob(bytes: Uint8Array, header: DeviceTreeBlobHeader, diagnostics: BlobDiagnostics): Uint8Array {
  const { totalSize } = header
  if (totalSize > bytes.length) {
    const missing = totalSize - bytes.length
    diagnostics.damage(4, `the blob claims ${totalSize} bytes, the file has ${bytes.length}; ${missing} are missing.`)
    return bytes
  }
  if (totalSize < bytes.length) {
    const rest = bytes.length - totalSize
    diagnostics.damage(4, `the blob claims ${totalSize} bytes, the file has ${rest} more; they were ignored.`)
    return bytes.subarray(0, totalSize)
  }
  return bytes
}

/** The memory reservation block: pairs of 64-bit address and size up to the pair of zeros. */
export function readReservations(
  blob: ByteReader,
  header: DeviceTreeBlobHeader,
  diagnostics: BlobDiagnostics,
  budget: Budget,
): readonly MemoryReservation[] {
  const reservations: MemoryReservation[] = []
  for (let offset = header.reservationsOffset; ; offset += RESERVATION_SIZE) {
    const address = blob.u64be(offset)
    const size = blob.u64be(offset + 8)
    if (address === undefined || size === undefined) {
      diagnostics.damage(offset, `the memory reservation block leaves the blob before its final pair of zeros.`)
      return reservations
    }
    if (address === 0n && size === 0n) return reservations
    if (!budget.take('structures')) {
      diagnostics.damage(offset, `there are more memory reservations than any machine has (${reservations.length}).`)
      return reservations
    }
    reservations.push({ offset, address, size })
  }
}
