import type { AcpiRecord, DecodedTable } from './acpi-table.js'

/** DMAR or IVRS device scope target. */
export interface DmarDeviceScope {
  readonly offset: number
  readonly type: 'endpoint' | 'bridge' | 'io-apic' | 'hpet' | 'namespace' | 'other'
  readonly typeCode: number
  readonly flags: number
  readonly enumerationId: number
  readonly startBus: number
  /** Pairs of device and function, from the start bus downwards. */
  readonly path: readonly { readonly device: number; readonly function: number }[]
}

export type DmarStructure = AcpiRecord &
  (
    | {
        readonly type: 'drhd'
        /** Bit 0: INCLUDE_PCI_ALL. */
        readonly flags: number
        readonly segment: number
        readonly registerBase: bigint
        readonly scopes: readonly DmarDeviceScope[]
      }
    | {
        readonly type: 'rmrr'
        readonly segment: number
        readonly base: bigint
        readonly end: bigint
        readonly scopes: readonly DmarDeviceScope[]
      }
    | {
        readonly type: 'atsr'
        readonly flags: number
        readonly segment: number
        readonly scopes: readonly DmarDeviceScope[]
      }
    | { readonly type: 'rhsa'; readonly base: bigint; readonly proximityDomain: number }
    | { readonly type: 'andd'; readonly deviceNumber: number; readonly objectName: string }
    | {
        readonly type: 'satc'
        readonly flags: number
        readonly segment: number
        readonly scopes: readonly DmarDeviceScope[]
      }
    | { readonly type: 'sidp'; readonly segment: number; readonly scopes: readonly DmarDeviceScope[] }
    | { readonly type: 'unknown' }
  )

export interface DmarTable extends DecodedTable {
  readonly hostAddressWidth: number
  /** Bit 0 INTR_REMAP, bit 1 X2APIC_OPT_OUT, bit 2 DMA_CTRL_PLATFORM_OPT_IN. */
  readonly flags: number
  readonly structures: readonly DmarStructure[]
}
