import type { Budget } from '../budget/budget.js'
import { takesText } from '../budget/text.js'

/**
 * What a redaction leaves of a file's content; undefined where that is more than `budget` has. It never throws, and
 * redacting its result changes nothing more.
 */
export type Redaction = (content: Uint8Array, budget: Budget) => Uint8Array | undefined

/** Stands where content is in no format that is known: a byte that every format shows as damage. */
export const DAMAGED: Uint8Array = new TextEncoder().encode('?')
const EMPTY = new Uint8Array(0)
/** What no intact text of sysfs or procfs holds; tab and newline are part of some formats. */
const DAMAGE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufffd]/

const encoder = new TextEncoder()

/** UTF-8 text; invalid bytes become U+FFFD, as for every reader of a sysroot. */
export function textOf(content: Uint8Array): string {
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('utf8')
}

/** Bytes of `lines`, each with its final newline. */
function bytesOfLines(lines: readonly string[]): Uint8Array {
  return encoder.encode(lines.map((line) => `${line}\n`).join(''))
}

/** True for text that was not cut and holds no control characters. */
export function isIntact(text: string): boolean {
  return text.endsWith('\n') && !DAMAGE.test(text)
}

/**
 * A redaction of intact text, line by line. Damaged text stays damaged and says nothing more; so does text of which
 * `keep` answers undefined. An empty file stays empty: whether that is damage depends on the format.
 */
export function ofLines(keep: (lines: readonly string[]) => readonly string[] | undefined): Redaction {
  return (content, budget) => {
    if (content.length === 0) return EMPTY
    if (!takesText(content, budget)) return undefined
    const text = textOf(content)
    if (!isIntact(text)) return DAMAGED
    const lines = text.slice(0, -1).split('\n')
    const kept = keep(lines)
    // Intact text is what its bytes are: nothing is written anew of what stays as it is.
    return kept === lines ? content : kept === undefined ? DAMAGED : bytesOfLines(kept)
  }
}

/** A file of one line in a format that cannot hold anything else. */
export function attribute(format: RegExp): Redaction {
  return ofLines((lines) => (lines.length === 1 && format.test(lines[0] ?? '') ? lines : undefined))
}
