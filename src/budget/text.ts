import type { Budget } from './budget.js'
import { SINGLE } from './limits.js'

const NEWLINE = 0x0a
/** Lines of a file that are not charged: attributes have one, a `uevent` ten, and there are a dozen for each function. */
const FREE_LINES = 16

/**
 * Whether a text may be taken apart: charges its bytes, and its lines but for the first few, before any becomes a string.
 * False where there are too many, or where one is longer than any format has them.
 *
 * @param length of the text, which `bytes` begins with
 */
export function takesText(bytes: Uint8Array, budget: Budget, length = bytes.length): boolean {
  // As most attributes are: too short for a line that counts.
  if (length < FREE_LINES) return budget.take('bytes', length)
  const left = budget.limit('lines') - budget.spent('lines') + FREE_LINES
  let lines = 1
  let from = 0
  for (;;) {
    const found = bytes.indexOf(NEWLINE, from)
    const end = found < 0 || found >= length ? length : found
    if (end - from > SINGLE.lineCharacters) return false
    if (end === length) break
    lines += 1
    if (lines > left) break
    from = end + 1
  }
  return budget.take('bytes', length) && budget.take('lines', Math.max(0, lines - FREE_LINES))
}

/** The lines of a text one by one, without their newlines; a text that ends with one has no line behind it. */
export function* linesOf(text: string): Generator<string> {
  let from = 0
  while (from < text.length) {
    const end = text.indexOf('\n', from)
    yield end < 0 ? text.slice(from) : text.slice(from, end)
    if (end < 0) return
    from = end + 1
  }
}
