import type { Budget } from '../budget/budget.js'
import { closingOffset, hexadecimalRow, type HexadecimalRow } from './hexadecimal-rows.js'

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

/** Tables in one dump; a machine with many SSDTs has about fifty. */
const TABLE_LIMIT = 1024
const DIAGNOSTIC_LIMIT = 256
const LARGEST_TABLE = 4 * 1024 * 1024
/** Bytes of rows that a dump may leave out: so many whatever it is, and so many for each of its characters. */
const LEFT_OUT_AT_LEAST = 64 * 1024
const LEFT_OUT_FOR_A_CHARACTER = 16

/** acpidump: `IORT @ 0x0000000000000000`. */
const ACPIDUMP_TITLE = /^([A-Z0-9_]{4}|ASF!) @ 0x([0-9A-Fa-f]{1,16})$/
/** Four capitals, digits or underlines, and the one reserved name with another character (ACPI 6.5 section 5.2.6). */
export const SIGNATURE = /^(?:[A-Z0-9_]{4}|ASF!)$/
/** iasl: `Raw Table Data: Length 749 (0x2ED)`. */
const IASL_TITLE = /^Raw Table Data: Length (\d{1,10})\b/
/** acpiview: `Address  : 0x101F86DF098` and `Length   : 220`. */
const ACPIVIEW_ADDRESS = /^Address\s{0,8}: 0x([0-9A-Fa-f]{1,16})$/
const ACPIVIEW_LENGTH = /^Length\s{0,8}: (\d{1,10})$/
/** The root pointer, which acpiview and acpidump print as well: no table, and nothing of it is judged. */
const ROOT_POINTER = 'RSD '

/** Bytes inside a message: what is not printable ASCII becomes `\\xNN`. */
export function printable(text: string): string {
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
export class TableDumpReader {
  readonly tables: ExtractedTable[] = []
  readonly diagnostics: DumpDiagnostic[] = []
  /** Whether every table came to the end that its text or header claims. */
  isWhole = true
  readonly #path: string
  readonly #budget: Budget
  #title: Title = {}
  #bytes = new Uint8Array(1024)
  #length = 0
  #leftOut = 0
  #last: readonly number[] = []
  #start = 0
  #broken = false
  #isSwapped = false
  #repeats = false

  constructor(path: string, budget: Budget) {
    this.#path = path
    this.#budget = budget
  }

  /** Whether rows of a table were read that may go on. */
  get isOpen(): boolean {
    return this.#length > 0
  }

  /** One line without blanks at its ends; `position` is the offset of its first character. True where it is of a dump. */
  line(text: string, position: number): boolean {
    const row = hexadecimalRow(text)
    if (row) return this.#row(row, position)
    if (text === '*' && this.isOpen) {
      this.#repeats = true
      return true
    }
    const closing = this.isOpen ? closingOffset(text) : undefined
    if (closing) {
      this.#close(closing, position)
      return true
    }
    const title = titleOf(text)
    if (title === undefined) return false
    this.#finish()
    this.#title = { ...this.#title, ...title }
    return true
  }

  end(): void {
    this.#finish()
  }

  #row({ offsets, bytes, isSwapped }: HexadecimalRow, position: number): boolean {
    if (offsets.includes(0)) {
      this.#finish()
      this.#start = position
    }
    if (this.#broken) return true
    if (this.#length === 0 && !offsets.includes(0)) return false
    if (this.#length === 0) this.#isSwapped = isSwapped
    if (this.#isSwapped !== isSwapped) {
      this.#broken = true
      this.note(position, 'half a word in a dump of words; the rest of the table was ignored.')
      return true
    }
    if (this.#repeats) this.#repeat(offsets, position)
    const isNext = offsets.includes(this.#length) && this.#length < LARGEST_TABLE
    if (!isNext || !this.#budget.take('dumpedBytes', bytes.length)) {
      this.#broken = true
      const found = `a line for offset 0x${(offsets[0] ?? 0).toString(16)} follows ${this.#length} bytes`
      this.note(position, `${found}; the rest of the table was ignored.`)
      return true
    }
    for (const byte of bytes) this.#push(byte)
    this.#last = bytes
    return true
  }

  /** Rows that were left out because they equal the last one, up to one of `offsets`. */
  #repeat(offsets: readonly number[], position: number): void {
    this.#repeats = false
    const goal = offsets.find((at) => at > this.#length && at % 16 === this.#length % 16)
    if (goal === undefined || goal > LARGEST_TABLE || this.#last.length !== 16) return
    const more = goal - this.#length
    // Two lines can claim megabytes: what a table of that size has beside them is a text of some length.
    if (this.#leftOut + more > LEFT_OUT_AT_LEAST + LEFT_OUT_FOR_A_CHARACTER * position) return
    if (!this.#budget.take('dumpedBytes', more)) return
    this.#leftOut += more
    while (this.#length < goal) for (const byte of this.#last) this.#push(byte)
  }

  /** The length, which words of two bytes may have rounded up. */
  #close(offsets: readonly number[], position: number): void {
    const whole = offsets.map((at) => at - (at % 16))
    if (this.#repeats) this.#repeat(whole, position)
    if (offsets.includes(this.#length - 1)) this.#length -= 1
    this.#finish()
  }

  #finish(): void {
    if (this.#broken) this.isWhole = false
    if (this.#length > 0) this.#keep(this.#bytes.slice(0, this.#length), this.#title)
    if (this.#length > 0) this.#title = {}
    this.#length = 0
    this.#broken = false
    this.#repeats = false
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
    if (signature === ROOT_POINTER) return
    if (!SIGNATURE.test(signature)) {
      this.note(this.#start, `the bytes here begin with "${printable(signature)}", which is no table signature.`)
      return
    }
    if (title.signature !== undefined && title.signature !== signature) {
      this.note(this.#start, `the table is titled ${title.signature}, its bytes say ${signature}.`)
    }
    if (title.length !== undefined && title.length !== bytes.length) {
      this.isWhole = false
      this.note(this.#start, `${signature}: the text claims ${title.length} bytes and has ${bytes.length}.`)
    }
    if (this.tables.length === TABLE_LIMIT) {
      this.note(this.#start, `more than ${TABLE_LIMIT} tables; the rest was ignored.`)
    } else if (this.tables.length < TABLE_LIMIT) {
      const { address } = title
      this.tables.push({ signature, bytes, ...(address !== undefined && address !== 0n && { address }) })
    }
  }

  /** Something odd at an offset; of thousands only the first are kept. */
  note(offset: number, message: string): void {
    if (this.diagnostics.length < DIAGNOSTIC_LIMIT) this.diagnostics.push({ path: this.#path, offset, message })
  }
}
