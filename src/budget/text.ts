import type { Budget } from './budget.js'
import { SINGLE } from './limits.js'

const NEWLINE = 0x0a

/**
 * Whether a text may be taken apart: charges its bytes and lines before any of them becomes a string. False where there are
 * too many, or where one is longer than any format has them.
 */
export function takesText(bytes: Uint8Array, budget: Budget): boolean {
  const left = budget.limit('lines') - budget.spent('lines')
  let lines = 1
  let from = 0
  for (;;) {
    const end = bytes.indexOf(NEWLINE, from)
    if ((end < 0 ? bytes.length : end) - from > SINGLE.lineCharacters) return false
    if (end < 0) break
    lines += 1
    if (lines > left) break
    from = end + 1
  }
  return budget.take('bytes', bytes.length) && budget.take('lines', lines)
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
