import type { DumpField, DumpList, DumpRecord, TableDump } from '../../machine/acpi-dump.js'
import { hex } from '../../machine/identifiers.js'

export type { DumpField, DumpFieldPart, DumpList, DumpRecord, TableDump } from '../../machine/acpi-dump.js'

/** Hexadecimal strings for addresses, ids, offsets and flags; numbers for counts, lengths, revisions and interrupts. */
export type FieldJson = string | number
export type ItemJson = Readonly<Record<string, FieldJson>>
export type ListJson = readonly FieldJson[] | readonly ItemJson[] | readonly RecordJson[]

export interface IdMappingJson {
  readonly inputBase: string
  /** The raw field: number of IDs minus one. */
  readonly idCount: string
  readonly outputBase: string
  readonly outputReference: string
  readonly singleMapping: boolean
}
export interface IortNodeJson {
  readonly offset: string
  readonly type: string
  readonly typeCode: number
  readonly revision: number
  readonly identifier: string
  readonly length: number
  readonly fields: Readonly<Record<string, FieldJson | ListJson>>
  readonly mappings: readonly IdMappingJson[]
  readonly mappingsLeftOut?: number
}
/** A structure, block, node or allocation of the other tables; items of MCFG have neither type nor length. */
export interface RecordJson {
  readonly offset: string
  readonly type?: string
  readonly typeCode?: number
  readonly length?: number
  readonly fields: Readonly<Record<string, FieldJson | ListJson>>
}
export interface DiagnosticJson {
  readonly path: string
  readonly offset: string
  readonly message: string
}
interface TableJson {
  /** The signature. */
  readonly table: string
  readonly revision: number
  readonly oemId: string
  readonly oemTableId: string
  readonly oemRevision: number
  readonly creatorId: string
  readonly creatorRevision: string
  readonly checksum: 'ok' | 'bad' | 'none'
  /** What the header claims. */
  readonly length: number
  /** True when the table's own format shows damage. */
  readonly damaged: boolean
  /** The fields between header and first record. */
  readonly fields: Readonly<Record<string, FieldJson>>
  readonly diagnostics: readonly DiagnosticJson[]
}
export interface IortJson extends TableJson {
  readonly nodes: readonly IortNodeJson[]
  /** How many more there are; lists inside records have such a number as well, `deviceScopesLeftOut` in `fields`. */
  readonly nodesLeftOut?: number
}
/** The records stand under the name that the table's specification has for them. */
export interface OtherTableJson extends TableJson {
  readonly nodes?: readonly RecordJson[]
  readonly entries?: readonly RecordJson[]
  readonly structures?: readonly RecordJson[]
  readonly blocks?: readonly RecordJson[]
  readonly allocations?: readonly RecordJson[]
}
export type DecodedTableJson = IortJson | OtherTableJson

/** Fields of every record that stand beside `fields`, not in it. */
const RECORD_KEYS: ReadonlySet<string> = new Set(['typeCode', 'length'])
const NODE_KEYS: ReadonlySet<string> = new Set(['typeCode', 'length', 'revision', 'identifier'])
const NONE: ReadonlySet<string> = new Set()

function valueJson(field: DumpField): FieldJson {
  const { value, format } = field
  if (typeof value === 'string') return value
  return format === 'decimal' ? Number(value) : hex(value)
}

function fieldsJson(fields: readonly DumpField[], without: ReadonlySet<string>): Readonly<Record<string, FieldJson>> {
  const kept = fields.filter(({ key }) => !without.has(key))
  return Object.fromEntries(kept.map((field) => [field.key, valueJson(field)]))
}

function listJson(list: DumpList): ListJson {
  if (list.scalar) return list.records.flatMap((record) => record.fields.map(valueJson))
  if (list.records.some(({ type, typeCode }) => type !== '' || typeCode !== undefined))
    return list.records.map(recordJson)
  return list.records.map((record) => fieldsJson(record.fields, NONE))
}

/** How many items a list has that are not shown; no field where it is whole. */
const leftOutJson = ({ key, leftOut }: DumpList): Readonly<Record<string, number>> =>
  leftOut === undefined ? {} : { [`${key}LeftOut`]: leftOut }

function listsJson(lists: readonly DumpList[]): Readonly<Record<string, ListJson | number>> {
  const json: Record<string, ListJson | number> = {}
  for (const list of lists) Object.assign(json, { [list.key]: listJson(list) }, leftOutJson(list))
  return json
}

function recordJson(record: DumpRecord): RecordJson {
  const { offset, type, typeCode, length, fields, lists } = record
  return {
    offset: hex(offset),
    ...(type !== '' && { type }),
    ...(typeCode !== undefined && { typeCode, length }),
    fields: { ...fieldsJson(fields, RECORD_KEYS), ...listsJson(lists) },
  }
}

function numberOf(fields: readonly DumpField[], key: string): number {
  const value = fields.find((field) => field.key === key)?.value
  return typeof value === 'number' ? value : 0
}

function mappingJson(record: DumpRecord): IdMappingJson {
  const value = (key: string) => hex(numberOf(record.fields, key))
  return {
    inputBase: value('inputBase'),
    idCount: value('idCount'),
    outputBase: value('outputBase'),
    outputReference: value('outputReference'),
    singleMapping: (numberOf(record.fields, 'flags') & 1) === 1,
  }
}

function iortNodeJson(record: DumpRecord): IortNodeJson {
  const { offset, type, typeCode = 0, length, fields, lists } = record
  const mappings = lists.find(({ key }) => key === 'mappings')
  const others = lists.filter(({ key }) => key !== 'mappings')
  return {
    offset: hex(offset),
    type,
    typeCode,
    revision: numberOf(fields, 'revision'),
    identifier: hex(numberOf(fields, 'identifier')),
    length,
    fields: { ...fieldsJson(fields, NODE_KEYS), ...listsJson(others) },
    mappings: (mappings?.records ?? []).map(mappingJson),
    ...(mappings && leftOutJson(mappings)),
  }
}

/** The JSON that `decode` gives for one table; pure, keys in a fixed order. */
export function decodedTableJson(dump: TableDump): DecodedTableJson {
  const { header, headerFields, records } = dump
  const creatorId = headerFields.find(({ key }) => key === 'creatorId')?.value
  const head: Omit<TableJson, 'diagnostics'> = {
    table: header.signature,
    revision: header.revision,
    oemId: header.oemId,
    oemTableId: header.oemTableId,
    oemRevision: header.oemRevision,
    creatorId: typeof creatorId === 'string' ? creatorId : '',
    creatorRevision: hex(numberOf(headerFields, 'creatorRevision')),
    checksum: header.checksum,
    length: header.length,
    damaged: dump.damaged,
    fields: fieldsJson(dump.fields, NONE),
  }
  const diagnostics = dump.diagnostics.map(({ path, offset, message }) => ({ path, offset: hex(offset), message }))
  if (records === undefined) return { ...head, diagnostics }
  const items =
    header.signature === 'IORT'
      ? { nodes: records.records.map(iortNodeJson) }
      : { [records.key]: records.records.map(recordJson) }
  return { ...head, ...items, ...leftOutJson(records), diagnostics }
}
