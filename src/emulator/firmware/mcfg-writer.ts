import { writeTable, type TableOptions } from './acpi-table.js'
import { ByteRecord, concatenate, type IntegerLike } from '../byte-record.js'

export interface McfgDescription extends TableOptions {
  readonly allocations: readonly {
    readonly base: IntegerLike
    readonly segment?: number
    readonly startBus?: number
    readonly endBus?: number
  }[]
}

/** Bytes of an MCFG. Source: PCI firmware specification 3.3, section 4.1.2. */
export function writeMcfg(description: McfgDescription): Uint8Array {
  const allocations = description.allocations.map(
    ({ base, segment = 0, startBus = 0, endBus = 255 }) =>
      new ByteRecord(16).u64(0, base).u16(8, segment).u8(10, startBus).u8(11, endBus).bytes,
  )
  return writeTable('MCFG', 1, concatenate([new Uint8Array(8), ...allocations]), description)
}
