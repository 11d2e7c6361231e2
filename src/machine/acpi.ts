import type { DecodedTable } from './acpi-table.js'
import type { DmarTable } from './dmar.js'
import type { Fact } from './fact.js'
import type { IortTable } from './iort.js'
import type { IvrsTable } from './ivrs.js'
import type { MadtTable } from './madt.js'
import type { McfgTable } from './mcfg.js'
import type { RimtTable } from './rimt.js'
import type { ViotTable } from './viot.js'

/**
 * The tables of one machine. A table whose own format shows damage is unreadable (`malformed`); where the directory of
 * tables itself cannot be read, each of them is.
 */
export interface AcpiTables {
  /** Names in `/sys/firmware/acpi/tables`; absent on a machine that did not boot with ACPI. */
  readonly names: Fact<readonly string[]>
  readonly iort: Fact<IortTable>
  readonly madt: Fact<MadtTable>
  readonly dmar: Fact<DmarTable>
  readonly ivrs: Fact<IvrsTable>
  readonly viot: Fact<ViotTable>
  readonly mcfg: Fact<McfgTable>
  readonly rimt: Fact<RimtTable>
}

/** Any table, told apart by its signature; `other` are those of which only the header is decoded. */
export type ParsedAcpiTable =
  | { readonly kind: 'IORT'; readonly table: IortTable }
  | { readonly kind: 'APIC'; readonly table: MadtTable }
  | { readonly kind: 'DMAR'; readonly table: DmarTable }
  | { readonly kind: 'IVRS'; readonly table: IvrsTable }
  | { readonly kind: 'VIOT'; readonly table: ViotTable }
  | { readonly kind: 'MCFG'; readonly table: McfgTable }
  | { readonly kind: 'RIMT'; readonly table: RimtTable }
  | { readonly kind: 'other'; readonly table: DecodedTable }
