import type { DecodedTable } from './acpi-table.js'

export interface McfgAllocation {
  readonly offset: number
  readonly baseAddress: bigint
  readonly segment: number
  readonly startBus: number
  readonly endBus: number
}

export interface McfgTable extends DecodedTable {
  readonly allocations: readonly McfgAllocation[]
}
