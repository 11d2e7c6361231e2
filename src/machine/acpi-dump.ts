import type { Diagnostic, TableHeader } from './acpi-table.js'

/** How a field is written: a number in either base, an offset that names another record, text or bytes of the table. */
export type FieldFormat = 'hex' | 'decimal' | 'reference' | 'reserved' | 'text' | 'bytes'

/** Some bits of a field that are a number of their own. */
export interface DumpFieldPart {
  readonly title: string
  /** Lowest bit and number of bits. */
  readonly bit: number
  readonly width: number
  readonly values?: Readonly<Record<number, string>>
}

/** One field of a table with its name, its place and its raw value. */
export interface DumpField {
  /** Name in JSON. */
  readonly key: string
  /** Name as the specification spells it. */
  readonly title: string
  /** From the start of the table. */
  readonly offset: number
  readonly size: number
  /** Integers as they stand; text with every byte of the table as one character; bytes in hexadecimal. */
  readonly value: number | bigint | string
  readonly format: FieldFormat
  /** Names of the flag bits that the specification defines. */
  readonly bits?: Readonly<Record<number, string>>
  /** Names of values. */
  readonly values?: Readonly<Record<number, string>>
  readonly parts?: readonly DumpFieldPart[]
}

/** A node, structure, entry or array item. */
export interface DumpRecord {
  /** From the start of the table. */
  readonly offset: number
  readonly length: number
  /** `smmuv3`, `gicd`, `drhd`; empty for items that have no type. */
  readonly type: string
  readonly typeCode?: number
  readonly fields: readonly DumpField[]
  readonly lists: readonly DumpList[]
}

/** An array inside a table or a record. */
export interface DumpList {
  readonly key: string
  readonly title: string
  /** Items have one field each, and JSON shows the bare values. */
  readonly scalar: boolean
  readonly records: readonly DumpRecord[]
  /** How many more there are: `decode` shows so much of one input. Absent where there are none. */
  readonly leftOut?: number
}

/** A whole table, field by field: what `decode` shows. Damage never stops it from holding what could be read. */
export interface TableDump {
  readonly path: string
  readonly header: TableHeader
  readonly headerFields: readonly DumpField[]
  /** The fields between the header and the first record. */
  readonly fields: readonly DumpField[]
  /** Absent for tables of which only the header is decoded. */
  readonly records?: DumpList
  readonly diagnostics: readonly Diagnostic[]
  readonly damaged: boolean
}
