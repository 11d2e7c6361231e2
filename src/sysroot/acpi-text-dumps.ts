import { Budget } from '../budget/budget.js'

/** Something wrong with a dump, at an offset of its text. The same form as the diagnostics of tables. */
export interface DumpDiagnostic {
  readonly path: string
  readonly offset: number
  readonly message: string
}

/** A table found in an input, with the physical address where the input gives one that is not zero. */
export interface ExtractedTable {
  readonly signature: string
  readonly bytes: Uint8Array
  readonly address?: bigint
}

/** `hexadecimal-text`: acpidump, the raw data of an iasl listing, or acpiview. */
export type DumpFormat = 'binary' | 'hexadecimal-text' | 'unknown'

export interface Extraction {
  readonly format: DumpFormat
  readonly tables: readonly ExtractedTable[]
  readonly diagnostics: readonly DumpDiagnostic[]
}

/** No dump has longer lines; what is longer is looked at only so far. */
const LINE_LIMIT = 400
/** Tables in one dump; a machine with many SSDTs has about fifty. */
const TABLE_LIMIT = 1024
const DIAGNOSTIC_LIMIT = 256

/**
 * A line of hexadecimal bytes: offset, colon, up to 16 bytes, in acpiview with a dash behind the eighth. Each byte is
 * followed by one blank, so the text column, which at least two blanks precede, can never be taken for bytes.
 */
const ROW = /^\s{0,16}([0-9A-Fa-f]{4,16})\s?: ((?:[0-9A-Fa-f]{2}(?: |$)(?:- ?)?){1,16})/
/** acpidump: `IORT @ 0x0000000000000000`. */
/** Four capitals, digits or underlines, and the one reserved name with another character (ACPI 6.5 section 5.2.6). */
const SIGNATURE = /^(?:[A-Z0-9_]{4}|ASF!)$/
const ACPIDUMP_TITLE = /^([A-Z0-9_]{4}|ASF!) @ 0x([0-9A-Fa-f]{1,16})\s*$/
/** iasl: `Raw Table Data: Length 749 (0x2ED)`. */
const IASL_TITLE = /^Raw Table Data: Length (\d{1,10})\b/
/** acpiview: `Address  : 0x101F86DF098` and `Length   : 220`. */
const ACPIVIEW_ADDRESS = /^Address\s{0,8}: 0x([0-9A-Fa-f]{1,16})\s*$/
const ACPIVIEW_LENGTH = /^Length\s{0,8}: (\d{1,10})\s*$/

/** Bytes inside a message: what is not printable ASCII becomes `\\xNN`. */
function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

interface Title {
  readonly signature?: string
  readonly address?: bigint
  readonly length?: number
}

function titleOf(line: string): Title | undefined {
  const acpidump = ACPIDUMP_TITLE.exec(line)
  if (acpidump) return { signature: acpidump[1] ?? '', address: BigInt(`0x${acpidump[2] ?? '0'}`) }
  const iasl = IASL_TITLE.exec(line)
  if (iasl) return { length: Number(iasl[1]) }
  const address = ACPIVIEW_ADDRESS.exec(line)
  if (address) return { address: BigInt(`0x${address[1] ?? '0'}`) }
  const length = ACPIVIEW_LENGTH.exec(line)
  return length ? { length: Number(length[1]) } : undefined
}

/** Collects tables from lines; every claim of the text is checked against the bytes that came. */
class DumpReader {
  readonly tables: ExtractedTable[] = []
  readonly diagnostics: DumpDiagnostic[] = []
  readonly #path: string
  #title: Title = {}
  #bytes = new Uint8Array(1024)
  #length = 0
  #start = 0
  #broken = false

  constructor(path: string) {
    this.#path = path
  }

  /** One line of text; `position` is the offset of its first character in the input. */
  line(text: string, position: number): void {
    const row = ROW.exec(text)
    if (row) {
      this.#row(Number.parseInt(row[1] ?? '', 16), row[2] ?? '', position)
      return
    }
    const title = titleOf(text)
    if (title === undefined) return
    this.#finish()
    this.#title = { ...this.#title, ...title }
  }

  end(): void {
    this.#finish()
  }

  #row(offset: number, columns: string, position: number): void {
    if (offset === 0) {
      this.#finish()
      this.#start = position
    }
    if (this.#broken || (offset > 0 && this.#length === 0)) return
    if (offset !== this.#length) {
      this.#broken = true
      const found = `a line for offset 0x${offset.toString(16)} follows ${this.#length} bytes`
      this.note(position, `${found}; the rest of the table was ignored.`)
      return
    }
    for (const match of columns.matchAll(/[0-9A-Fa-f]{2}/g)) this.#push(Number.parseInt(match[0], 16))
  }

  #finish(): void {
    if (this.#length > 0) this.#keep(this.#bytes.slice(0, this.#length), this.#title)
    if (this.#length > 0) this.#title = {}
    this.#length = 0
    this.#broken = false
  }

  #push(byte: number): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#length)
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    this.#bytes[this.#length] = byte
    this.#length += 1
  }

  #keep(bytes: Uint8Array, title: Title): void {
    const signature = String.fromCharCode(...bytes.subarray(0, 4))
    if (!SIGNATURE.test(signature)) {
      this.note(this.#start, `the bytes here begin with "${printable(signature)}", which is no table signature.`)
      return
    }
    if (title.signature !== undefined && title.signature !== signature) {
      this.note(this.#start, `the table is titled ${title.signature}, its bytes say ${signature}.`)
    }
    if (title.length !== undefined && title.length !== bytes.length) {
      this.note(this.#start, `${signature}: the text claims ${title.length} bytes and has ${bytes.length}.`)
    }
    if (this.tables.length === TABLE_LIMIT) {
      this.note(this.#start, `more than ${TABLE_LIMIT} tables; the rest was ignored.`)
    } else if (this.tables.length < TABLE_LIMIT) {
      const { address } = title
      this.tables.push({ signature, bytes, ...(address !== undefined && address !== 0n && { address }) })
    }
  }

  /** Something of the text, at an offset of it. */
  note(offset: number, message: string): void {
    if (this.diagnostics.length < DIAGNOSTIC_LIMIT) this.diagnostics.push({ path: this.#path, offset, message })
  }
}

/** Printable bytes and blanks only, in what is looked at: no table is that, its length field has zeros. */
export function isText(bytes: Uint8Array): boolean {
  for (const byte of bytes.subarray(0, 4096)) {
    const blank = byte === 0x09 || byte === 0x0a || byte === 0x0c || byte === 0x0d
    if (!blank && (byte < 0x20 || byte === 0x7f)) return false
  }
  return true
}

/**
 * Finds the tables in an input, recognised by content: one binary table, or text from `acpidump`, an `iasl` listing
 * (its raw table data) or acpiview. A binary input is handed on as it is, whatever length its header claims. Never
 * throws; memory and steps are linear in the input.
 *
 * @param path what diagnostics name; their offsets count from the start of the input
 */
export function extractTables(bytes: Uint8Array, path: string, budget = new Budget()): Extraction {
  const found = String.fromCharCode(...bytes.subarray(0, 4))
  if (bytes.length === 0) return unrecognised(path, 'the input is empty.')
  if (!isText(bytes)) {
    if (SIGNATURE.test(found)) {
      return { format: 'binary', tables: [{ signature: found, bytes }], diagnostics: [] }
    }
    return unrecognised(path, `"${printable(found)}" is no table signature, and the input is no text.`)
  }
  const reader = new DumpReader(path)
  for (let at = 0; at < bytes.length;) {
    if (!budget.take('lines')) {
      reader.note(at, `more than ${budget.limit('lines')} lines; ${bytes.length - at} bytes were left out.`)
      break
    }
    const newline = bytes.indexOf(0x0a, at)
    const end = newline < 0 ? bytes.length : newline
    const line = bytes.subarray(at, Math.min(end, at + LINE_LIMIT))
    reader.line(String.fromCharCode(...line).trimEnd(), at)
    at = end + 1
  }
  reader.end()
  const { tables, diagnostics } = reader
  if (tables.length === 0) {
    const message = 'no table: neither a binary table nor text of acpidump, iasl or acpiview.'
    return { format: 'unknown', tables, diagnostics: [...diagnostics, { path, offset: 0, message }] }
  }
  return { format: 'hexadecimal-text', tables, diagnostics }
}

function unrecognised(path: string, message: string): Extraction {
  return { format: 'unknown', tables: [], diagnostics: [{ path, offset: 0, message }] }
}
