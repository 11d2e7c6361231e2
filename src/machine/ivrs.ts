import type { AcpiRecord, DecodedTable } from './acpi-table.js'

export interface IvhdDeviceEntry {
  readonly offset: number
  readonly type: number
  readonly deviceId: number
  readonly settings: number
  /** Type 72 (special device): handle, used id and variety (1 IO-APIC, 2 HPET). */
  readonly special?: { readonly handle: number; readonly usedDeviceId: number; readonly variety: number }
  /** Type 66/67 (alias): the device id the IOMMU sees. */
  readonly sourceDeviceId?: number
}

export type IvrsBlock = AcpiRecord &
  (
    | {
        readonly type: 'ivhd'
        readonly flags: number
        readonly deviceId: number
        readonly capabilityOffset: number
        readonly baseAddress: bigint
        readonly segment: number
        readonly info: number
        readonly featureReporting: number
        readonly extendedFeatures?: bigint
        readonly entries: readonly IvhdDeviceEntry[]
      }
    | {
        readonly type: 'ivmd'
        readonly flags: number
        readonly deviceId: number
        readonly auxiliaryData: number
        readonly start: bigint
        readonly blockLength: bigint
      }
    | { readonly type: 'unknown' }
  )

export interface IvrsTable extends DecodedTable {
  readonly ivInfo: number
  readonly blocks: readonly IvrsBlock[]
}
