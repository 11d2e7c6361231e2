import type { DumpField, DumpFieldPart, DumpList, DumpRecord, TableDump } from '../../report/decode/decode-acpi.js'
import { recordName, recordTitle, tableText, tableTitle } from './acpi-names.js'
import { escapeText } from '../layout/escape.js'
import { count, hangingParagraph, wrapWords } from '../layout/text-layout.js'

/** Names of the records that a reference can lead to, by their offset. */
type Targets = ReadonlyMap<number, string>

interface Page {
  readonly columns: number
  /** Digits that every offset of the table fits into. */
  readonly offsetDigits: number
  readonly targets: Targets
  /** The same with only the kind of record. */
  readonly kinds: Targets
}

function offsetText(offset: number, page: Page): string {
  return `0x${offset.toString(16).padStart(page.offsetDigits, '0')}`
}

/** The number, bytes or text itself. */
function rawValue(field: DumpField): string {
  const { value, format } = field
  if (typeof value === 'string') return format === 'text' ? `"${tableText(value)}"` : value
  return format === 'decimal' ? value.toString() : `0x${value.toString(16)}`
}

/** What the number says: the record it leads to, the name of the value, the flags that are set. */
function meaning(field: DumpField, targets: Targets): string {
  if (typeof field.value === 'string') return ''
  const value = BigInt(field.value)
  if (field.format === 'reference') return targets.get(Number(field.value)) ?? 'no record starts there'
  const named = field.values?.[Number(field.value)]
  if (named !== undefined) return named
  const set = Object.entries(field.bits ?? {}).filter(([bit]) => (value >> BigInt(bit)) & 1n)
  const parts = field.parts ?? []
  return [...set.map(([, name]) => name), ...parts.map((part) => partText(part, value))].join(', ')
}

function partText(part: DumpFieldPart, value: bigint): string {
  const number = Number(BigInt.asUintN(part.width, value >> BigInt(part.bit)))
  const name = part.values?.[number]
  return `${part.title} ${number}${name === undefined ? '' : ` ${name}`}`
}

/** Bytes and long names are broken anywhere: they have no blanks. */
function chunks(text: string, width: number): readonly string[] {
  const lines: string[] = []
  for (let at = 0; at < text.length; at += width) lines.push(text.slice(at, at + width))
  return lines.length === 0 ? [''] : lines
}

function fieldLines(field: DumpField, indent: string, titleWidth: number, page: Page): readonly string[] {
  const lead = `${indent}${offsetText(field.offset, page)}  ${field.title.padEnd(titleWidth)}  `
  const room = Math.max(16, page.columns - lead.length)
  const said = meaning(field, page.targets)
  const raw = rawValue(field)
  if (said === '') {
    return chunks(raw, room).map((line, index) => `${index === 0 ? lead : ' '.repeat(lead.length)}${line}`)
  }
  const words = `${raw} (${said})`
  if (words.length <= room) return [`${lead}${words}`]
  const below = `${indent}    `
  return [`${lead}${raw}`, ...wrapWords(`(${said})`, page.columns - below.length).map((line) => `${below}${line}`)]
}

/** One field a line: offset, name, value. */
function rows(fields: readonly DumpField[], indent: string, page: Page): readonly string[] {
  const widest = fields.reduce((most, { title }) => Math.max(most, title.length), 0)
  return fields.flatMap((field) => fieldLines(field, indent, widest, page))
}

/** How much a table of items says; the first that fits the page is taken. */
interface GridStyle {
  /** Names of values and flags behind the numbers. */
  readonly meanings: boolean
  /** What references lead to: its whole name or only its kind. */
  readonly targets: Targets
  readonly withLength: boolean
}

/** Items as a table, one a line; undefined where that does not fit. */
function grid(list: DumpList, indent: string, page: Page): readonly string[] | undefined {
  if (list.records.some(({ lists }) => lists.length > 0)) return undefined
  const styles: readonly GridStyle[] = [
    { meanings: true, targets: page.targets, withLength: true },
    { meanings: false, targets: page.targets, withLength: true },
    { meanings: false, targets: page.kinds, withLength: true },
    { meanings: false, targets: page.kinds, withLength: false },
  ]
  for (const style of styles) {
    const lines = gridLines(list, style, page)
    if (lines.every((line) => indent.length + line.length <= page.columns)) return lines.map((line) => indent + line)
  }
  return undefined
}

/** Columns of all items in the order of their fields, but references last, because their names are of any length. */
function gridColumns(list: DumpList, style: GridStyle): readonly DumpField[] {
  const said = new Set<string>()
  const everyField = new Map<string, DumpField>()
  for (const field of list.records.flatMap(({ fields }) => fields)) {
    if (field.format !== 'reserved' || Number(field.value) !== 0) said.add(field.key)
    if (!everyField.has(field.key)) everyField.set(field.key, field)
  }
  const columns = [...everyField.values()].filter(({ key }) => said.has(key) && (style.withLength || key !== 'length'))
  const isReference = ({ format }: DumpField) => format === 'reference'
  return [...columns.filter((field) => !isReference(field)), ...columns.filter(isReference)]
}

function gridLines(list: DumpList, style: GridStyle, page: Page): readonly string[] {
  const columns = gridColumns(list, style)
  const head = ['Offset', ...columns.map(({ title }) => title)]
  const body = list.records.map((record) => [
    offsetText(record.offset, page),
    ...columns.map(({ key }) => gridCell(record, key, style)),
  ])
  const widths = head.map((title, column) =>
    body.reduce((widest, line) => Math.max(widest, line[column]?.length ?? 0), title.length),
  )
  return [head, ...body].map((line) =>
    line
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

function gridCell(record: DumpRecord, key: string, style: GridStyle): string {
  const field = record.fields.find((candidate) => candidate.key === key)
  if (field === undefined) return ''
  if (field.format === 'text') return tableText(String(field.value))
  if (field.format === 'reference') return `${rawValue(field)} ${meaning(field, style.targets)}`
  if (key === 'typeCode' && record.type !== '') return `${rawValue(field)} ${record.type}`
  const said = style.meanings ? meaning(field, style.targets) : ''
  return said === '' ? rawValue(field) : `${rawValue(field)} (${said})`
}

/** The bare values of a list, or one item a line, or each item with a line for every field. */
function listLines(list: DumpList, indent: string, page: Page): readonly string[] {
  if (list.scalar) {
    const values = list.records.flatMap((record) => record.fields.map(rawValue)).join(' ')
    return [...hangingParagraph(`${indent}${list.title}: `, values, page.columns), ...leftOutLines(list, indent)]
  }
  const inner = `${indent}  `
  const title = `${indent}${list.title} (${list.records.length + (list.leftOut ?? 0)})`
  const table = grid(list, inner, page)
  const rest = leftOutLines(list, inner)
  if (table) return [title, ...table, ...rest]
  return [title, ...list.records.flatMap((record) => recordLines(record, list.title, inner, page)), ...rest]
}

function recordLines(record: DumpRecord, title: string, indent: string, page: Page): readonly string[] {
  const name = recordName(record)
  const heading = `${title} ${offsetText(record.offset, page)}${name === '' ? '' : `: ${name}`}`
  const inner = `${indent}  `
  return [
    ...hangingParagraph(indent, heading, page.columns),
    ...rows(record.fields, inner, page),
    ...record.lists.flatMap((list) => listLines(list, inner, page)),
  ]
}

function headingLines(dump: TableDump, page: Page): readonly string[] {
  const { header } = dump
  const title = tableTitle(header.signature)
  const size = count(header.length, 'byte')
  const facts =
    header.checksum === 'none'
      ? `${size}, no checksum`
      : `revision ${header.revision}, ${size}, checksum ${header.checksum}`
  const signature = header.signature === '' ? 'No table' : tableText(header.signature)
  const damaged = dump.damaged ? '; damaged, see below' : ''
  return [
    ...hangingParagraph('', `${signature}${title === '' ? '' : `: ${title}`}, ${facts}${damaged}`, page.columns),
    ...chunks(escapeText(dump.path), page.columns),
  ]
}

/** What is not shown, with its number: `decode` has so much room for one input. */
const leftOutLines = ({ leftOut, title }: DumpList, indent: string): readonly string[] =>
  leftOut === undefined ? [] : [`${indent}... ${leftOut} more left out (${title})`]

/**
 * A table as text, record by record: every field with its offset and the name its specification gives it, references
 * with the name of what they lead to, diagnostics at the end. Text of the table is escaped. Lines fit into `columns` (80
 * or more).
 */
export function* renderDecodedTable(dump: TableDump, columns = 80): Generator<string> {
  const records = dump.records?.records ?? []
  const furthest = Math.max(0, dump.header.length <= 0xffff ? dump.header.length : 0, records.at(-1)?.offset ?? 0)
  const page: Page = {
    columns,
    offsetDigits: furthest > 0xfff ? 4 : 3,
    targets: new Map(records.map((record) => [record.offset, recordName(record)])),
    kinds: new Map(records.map((record) => [record.offset, recordTitle(record)])),
  }
  const title = dump.records?.title ?? ''
  yield `${headingLines(dump, page).join('\n')}\n`
  const own = rows([...dump.headerFields, ...dump.fields], '  ', page)
  if (own.length > 0) yield `\n${own.join('\n')}\n`
  for (const record of records) yield `\n${recordLines(record, title, '', page).join('\n')}\n`
  for (const lines of [dump.records ? leftOutLines(dump.records, '') : [], diagnosticLines(dump, page)])
    if (lines.length > 0) yield `\n${lines.join('\n')}\n`
}

function diagnosticLines(dump: TableDump, page: Page): readonly string[] {
  if (dump.diagnostics.length === 0) return []
  const lines = dump.diagnostics.flatMap(({ offset, message }) =>
    hangingParagraph(`  ${offsetText(offset, page)}  `, escapeText(message), page.columns),
  )
  return ['Diagnostics', ...lines]
}
