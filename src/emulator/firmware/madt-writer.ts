import { writeTable, type TableOptions } from './acpi-table.js'
import { bytesOfHex, ByteRecord, concatenate, type BytePatch, type IntegerLike } from '../byte-record.js'

interface EntryDescription {
  /** Replaces the entry's length byte; the next entry still follows the true end. */
  readonly length?: number
  /** Offsets from the start of the entry. */
  readonly patches?: readonly BytePatch[]
}

export type MadtEntryDescription = EntryDescription &
  (
    | { readonly type: 'local-apic'; readonly processorUid: number; readonly apicId: number; readonly flags?: number }
    | { readonly type: 'io-apic'; readonly ioApicId: number; readonly address: number; readonly gsiBase?: number }
    | {
        readonly type: 'gicc'
        readonly cpu: number
        /** 40 (ACPI 5.0), 76 (5.1), 80 (6.0), 82 (6.5), 88 (6.7). */
        readonly size?: 40 | 76 | 80 | 82 | 88
        readonly gicBase?: IntegerLike
        readonly gicrBase?: IntegerLike
        readonly mpidr?: IntegerLike
        readonly flags?: number
        readonly irsId?: number
      }
    | { readonly type: 'gicd'; readonly gicId?: number; readonly base: IntegerLike; readonly version?: number }
    | {
        readonly type: 'gic-msi-frame'
        readonly frameId?: number
        readonly base: IntegerLike
        readonly flags?: number
        readonly spiCount?: number
        readonly spiBase?: number
      }
    | { readonly type: 'gicr'; readonly flags?: number; readonly base: IntegerLike; readonly rangeLength: number }
    | {
        readonly type: 'gic-its'
        readonly flags?: number
        readonly translationId: number
        readonly base: IntegerLike
      }
    | {
        readonly type: 'gicv5-irs'
        readonly version?: number
        readonly irsId?: number
        readonly flags?: number
        readonly configBase: IntegerLike
        readonly setlpiBase?: IntegerLike
      }
    | {
        readonly type: 'gicv5-its-config'
        readonly flags?: number
        readonly translatorId: number
        readonly base: IntegerLike
      }
    | {
        readonly type: 'gicv5-its-translate'
        readonly linkedTranslatorId: number
        readonly translateFrameId: number
        readonly base: IntegerLike
      }
    /** Any other type: `data` are the hexadecimal bytes behind type and length. */
    | { readonly type: 'raw'; readonly typeCode: number; readonly data?: string }
  )

export interface MadtDescription extends TableOptions {
  readonly localInterruptControllerAddress?: number
  readonly flags?: number
  readonly entries: readonly MadtEntryDescription[]
}

/** Bytes of a MADT (signature `APIC`). Source: ACPI 6.5 section 5.2.12; GICv5 structures of 6.7. */
export function writeMadt(description: MadtDescription): Uint8Array {
  const head = new ByteRecord(8).u32(0, description.localInterruptControllerAddress ?? 0).u32(4, description.flags ?? 0)
  const entries = description.entries.map((entry) => {
    const record = entryBody(entry)
    record.u8(1, entry.length ?? record.bytes.length).patch(entry.patches)
    return record.bytes
  })
  return writeTable('APIC', 5, concatenate([head.bytes, ...entries]), description)
}

function entryBody(entry: MadtEntryDescription): ByteRecord {
  switch (entry.type) {
    case 'local-apic':
      return new ByteRecord(8)
        .u8(0, 0)
        .u8(2, entry.processorUid)
        .u8(3, entry.apicId)
        .u32(4, entry.flags ?? 1)
    case 'io-apic':
      return new ByteRecord(12)
        .u8(0, 1)
        .u8(2, entry.ioApicId)
        .u32(4, entry.address)
        .u32(8, entry.gsiBase ?? 0)
    case 'gicc': {
      const size = entry.size ?? 80
      const record = new ByteRecord(size)
        .u8(0, 0x0b)
        .u32(4, entry.cpu)
        .u32(8, entry.cpu)
        .u32(12, entry.flags ?? 1)
        .u64(32, entry.gicBase ?? 0)
      if (size >= 76) record.u64(60, entry.gicrBase ?? 0).u64(68, entry.mpidr ?? entry.cpu)
      if (size >= 88) record.u16(82, entry.cpu).u32(84, entry.irsId ?? 0)
      return record
    }
    case 'gicd':
      return new ByteRecord(24)
        .u8(0, 0x0c)
        .u32(4, entry.gicId ?? 0)
        .u64(8, entry.base)
        .u8(20, entry.version ?? 0)
    case 'gic-msi-frame':
      return new ByteRecord(24)
        .u8(0, 0x0d)
        .u32(4, entry.frameId ?? 0)
        .u64(8, entry.base)
        .u32(16, entry.flags ?? 0)
        .u16(20, entry.spiCount ?? 0)
        .u16(22, entry.spiBase ?? 0)
    case 'gicr':
      return new ByteRecord(16)
        .u8(0, 0x0e)
        .u8(2, entry.flags ?? 0)
        .u64(4, entry.base)
        .u32(12, entry.rangeLength)
    case 'gic-its':
      return new ByteRecord(20)
        .u8(0, 0x0f)
        .u8(2, entry.flags ?? 0)
        .u32(4, entry.translationId)
        .u64(8, entry.base)
    case 'gicv5-irs':
      return new ByteRecord(32)
        .u8(0, 0x1c)
        .u8(2, entry.version ?? 1)
        .u32(4, entry.irsId ?? 0)
        .u32(8, entry.flags ?? 0)
        .u64(16, entry.configBase)
        .u64(24, entry.setlpiBase ?? 0)
    case 'gicv5-its-config':
      return new ByteRecord(16)
        .u8(0, 0x1d)
        .u8(2, entry.flags ?? 0)
        .u32(4, entry.translatorId)
        .u64(8, entry.base)
    case 'gicv5-its-translate':
      return new ByteRecord(24)
        .u8(0, 0x1e)
        .u32(4, entry.linkedTranslatorId)
        .u32(8, entry.translateFrameId)
        .u64(16, entry.base)
    case 'raw': {
      const data = bytesOfHex(entry.data ?? '')
      const record = new ByteRecord(2 + data.length).u8(0, entry.typeCode)
      record.bytes.set(data, 2)
      return record
    }
  }
}
