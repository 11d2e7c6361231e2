import type { AcpiRecord, DecodedTable } from './acpi-table.js'

export type ViotNode = AcpiRecord &
  (
    | {
        readonly type: 'pci-range'
        readonly endpointStart: number
        readonly segmentStart: number
        readonly segmentEnd: number
        /** RequesterID range, inclusive. */
        readonly bdfStart: number
        readonly bdfEnd: number
        /** Offset of the IOMMU node from the start of the table. */
        readonly outputNode: number
      }
    | { readonly type: 'mmio-endpoint'; readonly endpoint: number; readonly base: bigint; readonly outputNode: number }
    | { readonly type: 'virtio-iommu-pci'; readonly segment: number; readonly bdf: number }
    | { readonly type: 'virtio-iommu-mmio'; readonly base: bigint }
    | { readonly type: 'unknown' }
  )

export interface ViotTable extends DecodedTable {
  readonly nodes: readonly ViotNode[]
}
