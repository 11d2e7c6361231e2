/** What a parser noticed and went on from. `offset` counts from the start of the table or blob. */
export interface Diagnostic {
  readonly path: string
  readonly offset: number
  readonly message: string
  /** A second table of its kind: no damage, for Linux takes the first (K: acpi_get_table with instance 1). */
  readonly second?: true
  /** No damage to what was read: the format allows it, or the checksum alone is wrong. */
  readonly harmless?: 'allowed' | 'checksum'
}

/** ACPI system description table header (36 bytes), as in ACPI 6.5 section 5.2.6. Integers are little-endian. */
export interface TableHeader {
  readonly signature: string
  /** Length the header claims, in bytes. */
  readonly length: number
  readonly revision: number
  /** `none` for the FACS, which has no checksum (ACPI 6.5 section 5.2.10). */
  readonly checksum: 'ok' | 'bad' | 'none'
  /** Six characters, padding kept (`HISI  `): Linux compares all six. */
  readonly oemId: string
  /** Eight characters, padding kept (`HIP07   `). */
  readonly oemTableId: string
  readonly oemRevision: number
}

/** Every decoded table: the header, the bytes it came from, and what was odd. */
export interface DecodedTable {
  readonly header: TableHeader
  readonly diagnostics: readonly Diagnostic[]
  /** True when the table's own format shows damage: wrong length or checksum, a record past the end. */
  readonly damaged: boolean
  /** The checksum is all that is wrong: Linux warns of it and uses the table (K: acpi_tb_verify_checksum). */
  readonly onlyChecksum?: true
  /** It has more structures than are read of one input; what was read is its beginning. */
  readonly tooLarge?: boolean
}

/** A record of a table: where it starts, its length, and the type code it carries. */
export interface AcpiRecord {
  readonly offset: number
  readonly length: number
  readonly typeCode: number
}
