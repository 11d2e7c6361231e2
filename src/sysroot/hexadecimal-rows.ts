/** One row of a dump: up to 16 bytes, and where it says they stand. */
export interface HexadecimalRow {
  /** Values that the printed offset may have: od prints octal digits. */
  readonly offsets: readonly number[]
  readonly bytes: readonly number[]
  /** Words of two bytes, low byte first: all rows of a dump are, or none. */
  readonly isSwapped: boolean
}

const ROW_BYTES = 16
/** Longer rows are none that any of the programs prints. */
const LONGEST_ROW = 200

const isHexadecimal = (code: number) =>
  (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66)

/** Length of the run of hexadecimal digits at `at`. */
function digitsAt(text: string, at: number): number {
  let length = 0
  while (isHexadecimal(text.charCodeAt(at + length))) length++
  return length
}

function offsetsOf(digits: string, mayBeOctal: boolean): readonly number[] {
  const hexadecimal = Number.parseInt(digits, 16)
  return mayBeOctal && /^[0-7]+$/.test(digits) ? [hexadecimal, Number.parseInt(digits, 8)] : [hexadecimal]
}

/**
 * Bytes from `at` on: pairs of digits, or fours in the order given. One blank stands between groups, two in the middle
 * of a row of `hexdump -C`, a dash in acpiview's; the text column is never taken for bytes, since it follows at least
 * two blanks and the row is full or ends there.
 */
function bytesFrom(
  text: string,
  start: number,
  order: 'given' | 'swapped',
  gapAfter: number,
): readonly number[] | undefined {
  const bytes: number[] = []
  let at = start
  let groupDigits = 0
  while (bytes.length < ROW_BYTES) {
    const length = digitsAt(text, at)
    if (length !== 2 && length !== 4) break
    groupDigits ||= length
    // Only where the high digits come first are two digits a byte, the last; else they are half of a word that was cut.
    if (length !== groupDigits && !(groupDigits === 4 && length === 2 && order === 'given')) break
    const next = text.charCodeAt(at + length)
    if (!Number.isNaN(next) && next !== 0x20 && next !== 0x2d) break
    const values: number[] = []
    for (let digit = 0; digit < length; digit += 2)
      values.push(Number.parseInt(text.slice(at + digit, at + digit + 2), 16))
    for (const value of order === 'swapped' ? values.toReversed() : values) bytes.push(value)
    at += length
    if (text.startsWith(' - ', at)) at += 3
    else if (text.startsWith('-', at)) at += 1
    else if (text.startsWith('  ', at) && bytes.length === gapAfter) at += 2
    else if (text.startsWith(' ', at) && !text.startsWith('  ', at)) at += 1
    else break
  }
  return bytes.length > 0 && bytes.length <= ROW_BYTES ? bytes : undefined
}

/**
 * A row of acpidump, of the raw data in an iasl listing, of acpiview, xxd (all: offset and colon), `hexdump -C`, `od -t x1`
 * (bytes), `hexdump` and `od -x` (words of two bytes, low byte first). `text` has no blanks at its ends.
 */
export function hexadecimalRow(text: string): HexadecimalRow | undefined {
  const line = text.slice(0, LONGEST_ROW)
  const length = digitsAt(line, 0)
  if (length < 4 || length > 16) return undefined
  const digits = line.slice(0, length)
  let at = length
  if (line.startsWith(' :', at)) at += 2
  else if (line.startsWith(':', at)) at += 1
  else {
    if (length < 6 || !line.startsWith(' ', at)) return undefined
    while (line.charCodeAt(at) === 0x20) at++
    const word = digitsAt(line, at)
    const bytes =
      word === 4 || word === 2 ? bytesFrom(line, at, word === 4 ? 'swapped' : 'given', word === 2 ? 8 : 0) : undefined
    return bytes && { offsets: offsetsOf(digits, length === 7), bytes, isSwapped: word === 4 }
  }
  if (!line.startsWith(' ', at)) return undefined
  const bytes = bytesFrom(line, at + 1, 'given', 8)
  return bytes && { offsets: offsetsOf(digits, false), bytes, isSwapped: false }
}

/** The last line of hexdump and od: the length alone. */
export function closingOffset(text: string): readonly number[] | undefined {
  return /^[0-9a-fA-F]{6,8}$/.test(text) ? offsetsOf(text, text.length === 7) : undefined
}
