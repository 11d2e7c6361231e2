import { writeTable, type TableOptions } from './acpi-table.js'
import { bytesOfHex, ByteRecord, concatenate, type BytePatch, type IntegerLike } from '../byte-record.js'

/** `select` is one device; a range is a start and an end entry; `special` is an IO-APIC or HPET. */
export type IvhdEntryDescription =
  | { readonly type: 'all' | 'select' | 'range-start' | 'range-end'; readonly deviceId: number; readonly data?: number }
  | { readonly type: 'alias'; readonly deviceId: number; readonly usedDeviceId: number; readonly data?: number }
  | {
      readonly type: 'special'
      readonly handle: number
      readonly usedDeviceId: number
      readonly variety: 'io-apic' | 'hpet'
    }

interface BlockDescription {
  /** Replaces the block's length field. */
  readonly length?: number
  /** Offsets from the start of the block. */
  readonly patches?: readonly BytePatch[]
}

export type IvrsBlockDescription = BlockDescription &
  (
    | {
        readonly type: 'ivhd'
        readonly code?: 0x10 | 0x11 | 0x40
        readonly flags?: number
        readonly deviceId: number
        readonly capabilityOffset?: number
        readonly base: IntegerLike
        readonly segment?: number
        readonly info?: number
        readonly features?: number
        /** Types 0x11 and 0x40. */
        readonly extendedFeatures?: IntegerLike
        readonly entries: readonly IvhdEntryDescription[]
      }
    | {
        readonly type: 'ivmd'
        readonly code?: 0x20 | 0x21 | 0x22
        readonly flags?: number
        readonly deviceId?: number
        readonly auxiliaryData?: number
        readonly start: IntegerLike
        readonly blockLength: IntegerLike
      }
    /** Any other type: `data` are the hexadecimal bytes behind type, flags and length. */
    | { readonly type: 'raw'; readonly typeCode: number; readonly flags?: number; readonly data?: string }
  )

export interface IvrsDescription extends TableOptions {
  readonly ivInfo?: number
  readonly blocks: readonly IvrsBlockDescription[]
}

/** Bytes of an IVRS. Source: AMD I/O virtualization technology specification (48882), section 5.2. */
export function writeIvrs(description: IvrsDescription): Uint8Array {
  const head = new ByteRecord(12).u32(0, description.ivInfo ?? 0x2001)
  const blocks = description.blocks.map((block) => {
    const record = blockBody(block)
    return record.u16(2, block.length ?? record.bytes.length).patch(block.patches).bytes
  })
  return writeTable('IVRS', 2, concatenate([head.bytes, ...blocks]), description)
}

function blockBody(block: IvrsBlockDescription): ByteRecord {
  switch (block.type) {
    case 'ivhd': {
      const code = block.code ?? 0x10
      const head = new ByteRecord(code === 0x10 ? 24 : 40)
        .u8(0, code)
        .u8(1, block.flags ?? 0)
        .u16(4, block.deviceId)
        .u16(6, block.capabilityOffset ?? 0x40)
        .u64(8, block.base)
        .u16(16, block.segment ?? 0)
        .u16(18, block.info ?? 0)
        .u32(20, block.features ?? 0)
      if (code !== 0x10) head.u64(24, block.extendedFeatures ?? 0)
      return new ByteRecord(concatenate([head.bytes, ...block.entries.map(deviceEntry)]))
    }
    case 'ivmd':
      return new ByteRecord(32)
        .u8(0, block.code ?? 0x20)
        .u8(1, block.flags ?? 0)
        .u16(4, block.deviceId ?? 0)
        .u16(6, block.auxiliaryData ?? 0)
        .u64(16, block.start)
        .u64(24, block.blockLength)
    case 'raw': {
      const record = new ByteRecord(concatenate([new Uint8Array(4), bytesOfHex(block.data ?? '')]))
      return record.u8(0, block.typeCode).u8(1, block.flags ?? 0)
    }
  }
}

const ENTRY_CODES = { all: 1, select: 2, 'range-start': 3, 'range-end': 4 } as const

function deviceEntry(entry: IvhdEntryDescription): Uint8Array {
  switch (entry.type) {
    case 'all':
    case 'select':
    case 'range-start':
    case 'range-end':
      return new ByteRecord(4)
        .u8(0, ENTRY_CODES[entry.type])
        .u16(1, entry.deviceId)
        .u8(3, entry.data ?? 0).bytes
    case 'alias':
      return new ByteRecord(8)
        .u8(0, 66)
        .u16(1, entry.deviceId)
        .u8(3, entry.data ?? 0)
        .u16(5, entry.usedDeviceId).bytes
    case 'special':
      return new ByteRecord(8)
        .u8(0, 72)
        .u8(4, entry.handle)
        .u16(5, entry.usedDeviceId)
        .u8(7, entry.variety === 'io-apic' ? 1 : 2).bytes
  }
}
