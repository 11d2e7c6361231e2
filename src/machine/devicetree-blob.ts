import type { Diagnostic } from './acpi-table.js'
import type { DeviceTree } from './devicetree.js'

/** Header of a flattened device tree: words of 32 bits, big-endian (devicetree specification 0.4, section 5.2). */
export interface DeviceTreeBlobHeader {
  readonly totalSize: number
  readonly structureOffset: number
  readonly stringsOffset: number
  readonly reservationsOffset: number
  readonly version: number
  readonly lastCompatibleVersion: number
  readonly bootProcessor: number
  readonly stringsSize: number
  /** From version 17 on. */
  readonly structureSize: number | undefined
}

/** An entry of the memory reservation block: physical address and size in bytes. */
export interface MemoryReservation {
  readonly offset: number
  readonly address: bigint
  readonly size: bigint
}

/** What could be read of a blob. */
export interface DeviceTreeBlob {
  /** Absent when the bytes do not begin as a blob of a known version. */
  readonly header?: DeviceTreeBlobHeader
  readonly reservations: readonly MemoryReservation[]
  /** Absent when not even the root node could be read. */
  readonly tree?: DeviceTree
  readonly diagnostics: readonly Diagnostic[]
  /** True when the blob's own format shows damage: then nothing missing from it is proof of absence. */
  readonly damaged: boolean
}
