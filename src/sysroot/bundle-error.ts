/**
 * A bundle that cannot be used at all. The message says what is wrong, where, and what to do, in one line without
 * control characters; it is meant for people, so there is no stack.
 */
export class BundleError extends Error {
  override readonly name = 'BundleError'
  /** The file as the user named it, escaped. */
  readonly path: string

  constructor(path: string, problem: string, remedy: string) {
    super(`${printable(path)}: ${printable(problem)}. ${remedy}`)
    this.path = printable(path)
    this.stack = `${this.name}: ${this.message}`
  }
}

/** Characters that act on a terminal or hide the order of text: C0, DEL, C1, line and bidirectional controls. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/gu

/** `text` with every control character written as its code, `\u{1b}`, and cut to 200 characters. */
export function printable(text: string): string {
  const cut = text.length > 200 ? `${text.slice(0, 199)}…` : text
  return cut.replaceAll(CONTROL, (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`)
}

/** Whether `text` holds a character that `printable` would escape. */
export function hasControlCharacters(text: string): boolean {
  return text.search(CONTROL) >= 0
}
