/** Line feeds that indent are the only control characters that JSON.stringify leaves outside strings. */
const ONLY_PLAIN = /^[\n\x20-\x7e]*$/

const unicodeEscapes = (character: string) =>
  Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('')

/** Without characters that JSON may hold raw but a terminal must not see. */
function printable(json: string): string {
  if (ONLY_PLAIN.test(json)) return json
  // Made where it is needed: asking Unicode for all these takes a millisecond at the start.
  return json.replaceAll(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu, unicodeEscapes)
}

/** Stable JSON: two spaces, keys in the order of the data, a final newline, and no raw control or format character. */
export function toJson(value: unknown): string {
  return `${printable(JSON.stringify(value, undefined, 2))}\n`
}

/** The same on one line, which ends with a line feed. */
export function jsonLine(value: unknown): string {
  return `${printable(JSON.stringify(value))}\n`
}

/** Lists and objects that are spelled out piece by piece: a document, its lists, and what they list. */
const PIECES_TO = 3

/** Pieces of what `JSON.stringify` gives with two spaces, `depth` levels inside of it. */
function* pieces(value: unknown, depth: number): Generator<string> {
  const indent = '  '.repeat(depth + 1)
  const isList = Array.isArray(value)
  if (typeof value !== 'object' || value === null || depth >= PIECES_TO) {
    yield value === undefined ? 'null' : JSON.stringify(value, undefined, 2).replaceAll('\n', `\n${'  '.repeat(depth)}`)
    return
  }
  // Only lists may have a member that is not there, and print it as null.
  const entries = Object.entries(value).filter(([, member]) => isList || member !== undefined)
  if (entries.length === 0) {
    yield isList ? '[]' : '{}'
    return
  }
  let between = isList ? '[' : '{'
  for (const [key, member] of entries) {
    yield `${between}\n${indent}${isList ? '' : `${JSON.stringify(key)}: `}`
    yield* pieces(member, depth + 1)
    between = ','
  }
  yield `\n${'  '.repeat(depth)}${isList ? ']' : '}'}`
}

/** What `toJson` gives, piece by piece, so that no document has to be in memory as a whole text. */
export function* jsonPieces(value: unknown): Generator<string> {
  for (const piece of pieces(value, 0)) yield printable(piece)
  yield '\n'
}
