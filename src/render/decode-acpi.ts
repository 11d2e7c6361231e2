import type { DumpField, DumpList, DumpRecord, TableDump } from '../report/decode-acpi.js'
import { recordName, tableTitle } from './acpi-names.js'
import { escapeText } from './escape.js'
import { count, hangingParagraph, wrapWords } from './text-layout.js'

/** Names of the records that a reference can lead to, by their offset. */
type Targets = ReadonlyMap<number, string>

interface Page {
  readonly columns: number
  /** Digits that every offset of the table fits into. */
  readonly offsetDigits: number
  readonly targets: Targets
}

function offsetText(offset: number, page: Page): string {
  return `0x${offset.toString(16).padStart(page.offsetDigits, '0')}`
}

/** The number, bytes or text itself. */
function rawValue(field: DumpField): string {
  const { value, format } = field
  if (typeof value === 'string') return format === 'text' ? `"${escapeText(value)}"` : escapeText(value)
  return format === 'decimal' ? value.toString() : `0x${value.toString(16)}`
}

/** What the number says: the record it leads to, the name of the value, the flags that are set. */
function meaning(field: DumpField, page: Page): string {
  if (typeof field.value === 'string') return ''
  const value = BigInt(field.value)
  if (field.format === 'reference') return page.targets.get(Number(field.value)) ?? 'no record starts there'
  const named = field.values?.[Number(field.value)]
  if (named !== undefined) return named
  const set = Object.entries(field.bits ?? {}).filter(([bit]) => (value >> BigInt(bit)) & 1n)
  return set.map(([, name]) => name).join(', ')
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
  const said = meaning(field, page)
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
  const widest = Math.max(0, ...fields.map(({ title }) => title.length))
  return fields.flatMap((field) => fieldLines(field, indent, widest, page))
}

/** Items of equal fields as a table, one a line; undefined where that does not fit. */
function grid(list: DumpList, indent: string, page: Page): readonly string[] | undefined {
  const [first] = list.records
  if (first === undefined || list.records.some(({ lists }) => lists.length > 0)) return undefined
  const shown = first.fields.filter(
    ({ format, key }) =>
      format !== 'reserved' ||
      list.records.some((record) => record.fields.some((field) => field.key === key && field.value !== 0)),
  )
  const keys = shown.map(({ key }) => key).toSorted((left, right) => last(shown, left) - last(shown, right))
  const lines = list.records.map((record) => [offsetText(record.offset, page), ...cells(record, keys, page)])
  const head = ['Offset', ...keys.map((key) => shown.find((field) => field.key === key)?.title ?? '')]
  const widths = head.map((title, column) => Math.max(title.length, ...lines.map((line) => line[column]?.length ?? 0)))
  const width = indent.length + widths.reduce((sum, column) => sum + column + 2, -2)
  if (width > page.columns) return undefined
  return [head, ...lines].map((line) => {
    const text = line.map((value, column) => value.padEnd(widths[column] ?? 0)).join('  ')
    return `${indent}${text}`.trimEnd()
  })
}

/** References stand in the last column, because their names are of any length. */
function last(fields: readonly DumpField[], key: string): number {
  return fields.find((field) => field.key === key)?.format === 'reference' ? 1 : 0
}

function cells(record: DumpRecord, keys: readonly string[], page: Page): readonly string[] {
  return keys.map((key) => {
    const field = record.fields.find((candidate) => candidate.key === key)
    if (field === undefined) return ''
    return field.format === 'reference' ? `${rawValue(field)} ${meaning(field, page)}` : rawValue(field)
  })
}

/** The bare values of a list, or one item a line, or each item with a line for every field. */
function listLines(list: DumpList, indent: string, page: Page): readonly string[] {
  if (list.scalar) {
    const values = list.records.flatMap((record) => record.fields.map(rawValue)).join(' ')
    return hangingParagraph(`${indent}${list.title}: `, values, page.columns)
  }
  const inner = `${indent}  `
  const title = `${indent}${list.title} (${list.records.length})`
  const table = grid(list, inner, page)
  if (table) return [title, ...table]
  return [title, ...list.records.flatMap((record) => recordLines(record, list.title, inner, page))]
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
  const facts = `revision ${header.revision}, ${count(header.length, 'byte')}, checksum ${header.checksum}`
  const signature = header.signature === '' ? 'No table' : escapeText(header.signature)
  const damaged = dump.damaged ? '; damaged, see below' : ''
  return [
    ...hangingParagraph('', `${signature}${title === '' ? '' : `: ${title}`}, ${facts}${damaged}`, page.columns),
    ...chunks(escapeText(dump.path), page.columns),
  ]
}

/**
 * A table as text: every field with its offset and the name its specification gives it, references with the name of
 * what they lead to, diagnostics at the end. Text of the table is escaped. Lines fit into `columns` (80 or more).
 */
export function renderDecodedTable(dump: TableDump, columns = 80): string {
  const records = dump.records?.records ?? []
  const furthest = Math.max(0, dump.header.length <= 0xffff ? dump.header.length : 0, records.at(-1)?.offset ?? 0)
  const page: Page = {
    columns,
    offsetDigits: furthest > 0xfff ? 4 : 3,
    targets: new Map(records.map((record) => [record.offset, recordName(record)])),
  }
  const blocks = [
    headingLines(dump, page),
    rows([...dump.headerFields, ...dump.fields], '  ', page),
    ...records.map((record) => recordLines(record, dump.records?.title ?? '', '', page)),
    diagnosticLines(dump, page),
  ]
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`
}

function diagnosticLines(dump: TableDump, page: Page): readonly string[] {
  if (dump.diagnostics.length === 0) return []
  const lines = dump.diagnostics.flatMap(({ offset, message }) =>
    hangingParagraph(`  ${offsetText(offset, page)}  `, escapeText(message), page.columns),
  )
  return ['Diagnostics', ...lines]
}
