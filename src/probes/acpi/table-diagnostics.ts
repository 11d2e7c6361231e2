import type { Budget } from '../../budget/budget.js'
import type { Work } from '../../budget/limits.js'
import type { Diagnostic } from '../../machine/acpi-table.js'

/** Diagnostics kept per table; a hostile table could otherwise yield one for every few of its bytes. */
const LIMIT = 256

/** `0x98`. */
export function offsetText(offset: number): string {
  return `0x${offset.toString(16)}`
}

/** Bytes of a table inside a message: what is not printable ASCII becomes `\xNN`. */
export function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

/** Collects what a parser notices in one table, and whether the table's own format shows damage. */
export class TableDiagnostics {
  readonly #entries: Diagnostic[] = []
  #dropped = 0
  #damaged = false
  #wrongChecksum = false
  #tooLarge = false
  readonly path: string
  readonly signature: string
  readonly #length: number
  readonly #budget: Budget

  /** @param length of the table, in bytes */
  constructor(path: string, signature: string, length: number, budget: Budget) {
    this.path = path
    this.signature = signature
    this.#length = length
    this.#budget = budget
  }

  /** More was in the table than is read of one. */
  get tooLarge(): boolean {
    return this.#tooLarge
  }

  /** Charges what is about to be read at `offset`; false, told once, where there is more of it than is read. */
  takes(work: Work, offset: number, amount = 1): boolean {
    if (this.#budget.take(work, amount)) return true
    if (!this.#tooLarge) {
      const most = `more than ${this.#budget.limit(work)} ${work}, which no machine has`
      this.damage(offset, `${most}; ${this.#length - offset} bytes from ${offsetText(offset)} were left out.`)
    }
    this.#tooLarge = true
    return false
  }

  get damaged(): boolean {
    return this.#damaged || this.#wrongChecksum
  }

  /** A wrong checksum is all the damage there is. */
  get onlyChecksum(): boolean {
    return this.#wrongChecksum && !this.#damaged
  }

  /** Something odd that the format allows. `offset` counts from the start of the table. */
  note(offset: number, message: string): void {
    this.#add({ path: this.path, offset, message, harmless: 'allowed' })
  }

  /** Something the format does not allow: the table cannot be trusted. */
  damage(offset: number, message: string): void {
    this.#damaged = true
    this.#add({ path: this.path, offset, message })
  }

  /** The bytes do not add up; each may still be what firmware meant. */
  wrongChecksum(offset: number, message: string): void {
    this.#wrongChecksum = true
    this.#add({ path: this.path, offset, message, harmless: 'checksum' })
  }

  #add(diagnostic: Diagnostic): void {
    if (this.#entries.length < LIMIT)
      this.#entries.push({ ...diagnostic, message: `${this.signature}: ${diagnostic.message}` })
    else this.#dropped++
  }

  entries(): readonly Diagnostic[] {
    if (this.#dropped === 0) return this.#entries
    const message = `${this.signature}: ${this.#dropped} further diagnostics were left out.`
    return [...this.#entries, { path: this.path, offset: 0, message }]
  }
}
