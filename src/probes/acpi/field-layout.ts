import type { ByteReader } from '../../binary/byte-reader.js'
import type { DumpFieldPart } from '../../machine/acpi-dump.js'

/** How people write a field: `reserved` ones are shown but never become part of a record. */
export type FieldFormat = 'hex' | 'decimal' | 'reference' | 'reserved'

/** One little-endian integer of a structure, as its specification's table lists it. */
export interface FieldLayout<Size extends number = number, Optional extends boolean = boolean> {
  /** From the start of the structure. */
  readonly offset: number
  /** In bytes: 1 to 6, or 8; reserved fields may have any size. */
  readonly size: Size
  /** Name as the specification spells it. */
  readonly title: string
  readonly format: FieldFormat
  /** Shorter structures of older revisions do not have it. */
  readonly optional: Optional
  /** Structure revision that introduced it. */
  readonly revision?: number
  /** Least length of the structure that has it, where that is more than the field's own end. */
  readonly needs?: number
  /** Names of flag bits. */
  readonly bits?: Readonly<Record<number, string>>
  /** Names of values. */
  readonly values?: Readonly<Record<number, string>>
  /** Parts of more than one bit. */
  readonly parts?: readonly DumpFieldPart[]
}
export type StructureLayout = Readonly<Record<string, FieldLayout>>

interface Meaning {
  readonly revision?: number
  readonly needs?: number
  readonly bits?: Readonly<Record<number, string>>
  readonly values?: Readonly<Record<number, string>>
  readonly parts?: readonly DumpFieldPart[]
}

function field(format: FieldFormat) {
  return <S extends 1 | 2 | 4 | 8>(
    offset: number,
    size: S,
    title: string,
    meaning: Meaning = {},
  ): FieldLayout<S, false> => ({
    offset,
    size,
    title,
    format,
    optional: false,
    ...meaning,
  })
}

/** Address, id, flags: written in hexadecimal. */
export const hexField = field('hex')
/** Count, length, interrupt number, revision: written in decimal. */
export const decimalField = field('decimal')
/** Offset of another structure from the start of the table. */
export const referenceField = field('reference')

/** Bytes that the specification reserves, at `offset` from the start of the structure; `size` in bytes. */
export function reservedField(offset: number, size: number): FieldLayout<number, true> {
  return { offset, size, title: 'Reserved', format: 'reserved', optional: true }
}

/** The same field, in structures that may end before it. */
export function optionalField<Size extends number>(layout: FieldLayout<Size, false>): FieldLayout<Size, true> {
  return { ...layout, optional: true }
}

type ValueOf<F> = F extends FieldLayout<infer Size> ? (Size extends 8 ? bigint : number) : never

/** What reading a layout gives: required fields always, optional ones where the structure has them. */
export type FieldValues<L extends StructureLayout> = {
  readonly [K in keyof L as L[K] extends FieldLayout<number, false> ? K : never]: ValueOf<L[K]>
} & {
  readonly [K in keyof L as L[K] extends FieldLayout<number, false> ? never : K]?: ValueOf<L[K]>
}

/** One integer; undefined outside the reader and for sizes that are no integer. */
export function readInteger(reader: ByteReader, layout: FieldLayout): number | bigint | undefined {
  return layout.size === 8 ? reader.u64le(layout.offset) : reader.unsignedLe(layout.offset, layout.size)
}

/** Whether this field is there in a structure of this revision whose own fields end at `end`. */
export function isPresent(layout: FieldLayout, revision: number, end: number): boolean {
  if (!layout.optional) return true
  const needed = layout.needs ?? layout.offset + layout.size
  return needed <= end && (layout.revision === undefined || revision >= layout.revision)
}

/** Whether every required field was read: what makes an object of values the values of its layout. */
function isComplete<L extends StructureLayout>(values: object, layout: L): values is FieldValues<L> {
  return Object.entries(layout).every(([key, entry]) => entry.optional || key in values)
}

/**
 * Reads all fields of `layout` from the start of `reader`, which covers the structure and not a byte more. Undefined
 * when a required field lies outside. Optional fields need the revision that introduced them, and must end before
 * `end`: arrays that follow the fixed part begin there.
 */
export function readFields<L extends StructureLayout>(
  reader: ByteReader,
  layout: L,
  revision = Number.POSITIVE_INFINITY,
  end = reader.length,
): FieldValues<L> | undefined {
  const values: Record<string, number | bigint> = {}
  for (const [key, entry] of Object.entries(layout)) {
    if (entry.format === 'reserved' || !isPresent(entry, revision, end)) continue
    const value = readInteger(reader, entry)
    if (value !== undefined) values[key] = value
  }
  return isComplete(values, layout) ? values : undefined
}

/** Bytes that the required fields of a structure take. */
export function requiredLength(layout: StructureLayout): number {
  let end = 0
  for (const entry of Object.values(layout)) if (!entry.optional) end = Math.max(end, entry.offset + entry.size)
  return end
}
