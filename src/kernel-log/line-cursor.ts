const SPACE = 0x20
const TAB = 0x09

/** A place in a line that only moves forward: each character is looked at a bounded number of times. */
export class LineCursor {
  readonly line: string
  at = 0

  constructor(line: string) {
    this.line = line
  }

  private code(ahead = 0): number {
    return this.line.charCodeAt(this.at + ahead)
  }

  private isDigit(ahead = 0): boolean {
    const code = this.code(ahead)
    return code >= 0x30 && code <= 0x39
  }

  get ended(): boolean {
    return this.at >= this.line.length
  }

  /** Goes past spaces and tabs; answers whether there were some. */
  blanks(): boolean {
    const start = this.at
    while (this.code() === SPACE || this.code() === TAB) this.at++
    return this.at > start
  }

  /** Goes past `text`, where it stands here. */
  literal(text: string): boolean {
    if (!this.line.startsWith(text, this.at)) return false
    this.at += text.length
    return true
  }

  /** Goes past one of the characters of `set`. */
  oneOf(set: string): boolean {
    if (this.ended || !set.includes(this.line.charAt(this.at))) return false
    this.at++
    return true
  }

  /** Goes past digits, `least` to `most` of them and no more; their text, or undefined where there are others. */
  digits(least: number, most: number): string | undefined {
    let length = 0
    while (length <= most && this.isDigit(length)) length++
    if (length < least || length > most) return undefined
    const text = this.line.slice(this.at, this.at + length)
    this.at += length
    return text
  }

  /** Goes past a run without blanks, and gives it. */
  word(): string {
    const start = this.at
    while (!this.ended && this.code() !== SPACE && this.code() !== TAB) this.at++
    return this.line.slice(start, this.at)
  }

  /** Tries `step`; where it answers undefined or false the cursor stays where it was. */
  attempt<T>(step: (cursor: LineCursor) => T | undefined | false): T | undefined {
    const start = this.at
    const result = step(this)
    if (result !== undefined && result !== false) return result
    this.at = start
    return undefined
  }
}
