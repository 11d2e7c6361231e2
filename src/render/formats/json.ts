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
/** Characters of an item beside which others may be in one piece. */
const SMALL = 16 * 1024
/** Characters of a piece from which on every item is one again. */
const LARGE = 8 * SMALL
/** Items of a list that are in one piece at most. */
const MOST_JOINED = 64

const indentOf = (depth: number) => '  '.repeat(depth)

/** What `JSON.stringify` gives with two spaces, `depth` levels inside of a document. */
function spelled(value: unknown, depth: number): string {
  let nested = value
  for (let level = 0; level < depth; level += 1) nested = [nested]
  const text = JSON.stringify(nested, undefined, 2)
  // Each level puts a bracket, a line feed and the next indent before it; a line feed, an indent and a bracket behind it.
  return text.slice(depth * (depth + 3), text.length - depth * (depth + 1))
}

/** How many items come together after as many made a piece that was not small; none where each is spelled out. */
const fewer = (joined: number, length: number) => (length > LARGE ? 0 : Math.floor(joined / 2))

/** A list: large items in pieces of their own, several small ones in one. */
function* listPieces(list: readonly unknown[], depth: number): Generator<string> {
  let between = '['
  let joined = 0
  for (let index = 0; index < list.length;) {
    let length = 0
    if (joined === 0) {
      yield `${between}\n${indentOf(depth + 1)}`
      for (const piece of pieces(list[index], depth + 1)) {
        length += piece.length
        yield piece
      }
      index += 1
    } else {
      const text = spelled(list.slice(index, index + joined), depth)
      length = text.length
      // Without the list's own brackets and what comes before the closing one.
      yield between + text.slice(1, -2 - 2 * depth)
      index += joined
    }
    between = ','
    joined = length > SMALL ? fewer(joined, length) : Math.min(Math.max(1, 2 * joined), MOST_JOINED)
  }
  yield `\n${indentOf(depth)}]`
}

/** Pieces of what `JSON.stringify` gives with two spaces, `depth` levels inside of a document. */
function* pieces(value: unknown, depth: number): Generator<string> {
  if (typeof value !== 'object' || value === null || depth >= PIECES_TO) {
    yield spelled(value, depth)
    return
  }
  if (Array.isArray(value)) {
    if (value.length === 0) yield '[]'
    else yield* listPieces(value, depth)
    return
  }
  let between = '{'
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue
    yield `${between}\n${indentOf(depth + 1)}${JSON.stringify(key)}: `
    yield* pieces(member, depth + 1)
    between = ','
  }
  yield between === '{' ? '{}' : `\n${indentOf(depth)}}`
}

/** What `toJson` gives, piece by piece, so that no document has to be in memory as a whole text. */
export function* jsonPieces(value: object): Generator<string> {
  for (const piece of pieces(value, 0)) yield printable(piece)
  yield '\n'
}
