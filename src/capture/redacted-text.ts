import type { Budget } from '../budget/budget.js'
import { takesText } from '../budget/text.js'

/**
 * What a redaction leaves of a file's content; undefined where that is more than `budget` has. It never throws, and
 * redacting its result changes nothing more.
 */
export interface Redaction {
  (content: Uint8Array, budget: Budget): Uint8Array | undefined
  /** The same of a text that `budget` has been charged for: who reads text decodes it once and encodes nothing. */
  readonly ofText?: (text: string) => string
}

/** Stands where content is in no format that is known: a byte that every format shows as damage. */
const DAMAGED_TEXT = '?'
export const DAMAGED: Uint8Array = new TextEncoder().encode(DAMAGED_TEXT)
/** What no intact text of sysfs or procfs holds; tab and newline are part of some formats. */
const DAMAGE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufffd]/

const encoder = new TextEncoder()

/** UTF-8 text; invalid bytes become U+FFFD, as for every reader of a sysroot. */
export function textOf(content: Uint8Array): string {
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('utf8')
}

/** True for text that was not cut and holds no control characters. */
export function isIntact(text: string): boolean {
  return text.endsWith('\n') && !DAMAGE.test(text)
}

/** A redaction of text: what `ofText` makes of it. */
function redactionOfText(ofText: (text: string) => string): Redaction {
  return Object.assign(
    (content: Uint8Array, budget: Budget) => {
      if (!takesText(content, budget)) return undefined
      const text = textOf(content)
      const kept = ofText(text)
      if (kept === DAMAGED_TEXT) return DAMAGED
      // Intact text is what its bytes are: nothing is written anew of what stays as it is.
      return kept === text ? content : encoder.encode(kept)
    },
    { ofText },
  )
}

/**
 * A redaction of intact text, line by line. Damaged text stays damaged and says nothing more; so does text of which
 * `keep` answers undefined. An empty file stays empty: whether that is damage depends on the format.
 */
export function ofLines(keep: (lines: readonly string[]) => readonly string[] | undefined): Redaction {
  return redactionOfText((text) => {
    if (text === '') return text
    if (!isIntact(text)) return DAMAGED_TEXT
    const lines = text.slice(0, -1).split('\n')
    const kept = keep(lines)
    if (kept === undefined) return DAMAGED_TEXT
    return kept === lines ? text : kept.length === 0 ? '' : `${kept.join('\n')}\n`
  })
}

/**
 * A file of one line in a format that cannot hold anything else.
 *
 * @param format anchored at both ends and of printable characters only: what fits it is intact
 */
export function attribute(format: RegExp): Redaction {
  return redactionOfText((text) =>
    text === '' || (text.endsWith('\n') && format.test(text.slice(0, -1))) ? text : DAMAGED_TEXT,
  )
}
