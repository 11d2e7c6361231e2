import type { AcpiRecord, DecodedTable } from './acpi-table.js'

export type RimtNode = AcpiRecord &
  (
    | {
        readonly type: 'iommu'
        readonly baseAddress: bigint
        readonly segment: number
        readonly bdf: number
        readonly flags: number
      }
    | {
        readonly type: 'root-complex'
        readonly segment: number
        readonly flags: number
        readonly mappings: readonly {
          readonly sourceBase: number
          readonly idCount: number
          readonly destinationBase: number
          readonly destinationOffset: number
        }[]
      }
    | { readonly type: 'platform' }
    | { readonly type: 'unknown' }
  )

export interface RimtTable extends DecodedTable {
  readonly nodes: readonly RimtNode[]
}
