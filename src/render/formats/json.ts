/** Characters that JSON may hold raw but a terminal must not see. */
const RAW_UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu

const unicodeEscapes = (character: string) =>
  Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('')

const printable = (json: string) =>
  json.replaceAll(RAW_UNPRINTABLE, (character) => (character === '\n' ? character : unicodeEscapes(character)))

/** Stable JSON: two spaces, keys in the order of the data, a final newline, and no raw control or format character. */
export function toJson(value: unknown): string {
  // Line feeds that indent are the only control characters that JSON.stringify leaves outside strings.
  return `${printable(JSON.stringify(value, undefined, 2))}\n`
}

/** The same on one line, which ends with a line feed. */
export function jsonLine(value: unknown): string {
  return `${printable(JSON.stringify(value))}\n`
}
