/**
 * Everything that can move a cursor, hide or reorder text, or break a line: C0 and C1 controls, DEL, format characters
 * (bidirectional overrides, zero-width, tags), line and paragraph separators, lone surrogates and private use.
 */
function withEscapes(text: string): string {
  // Made where it is needed: asking Unicode for all these takes a millisecond at the start.
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
  })
}

const ONLY_PLAIN = /^[\x20-\x7e]*$/

/** Longest text that is shown of one field; a name of a megabyte is no name. */
const LONGEST = 400

/** Text from the machine or from outside, fit for a terminal: `\x1b`, `\u{202e}` instead of the characters. */
export function escapeText(text: string): string {
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text
  return ONLY_PLAIN.test(cut) ? cut : withEscapes(cut)
}

function escapeValue(value: unknown): unknown {
  if (typeof value === 'string') return escapeText(value)
  if (Array.isArray(value)) return value.map(escapeValue)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, escapeValue(item)]))
}

/**
 * A copy of plain data with every string escaped. Human renderers work on such a copy, so that no field can be
 * forgotten.
 */
export function escapeAll<T extends object>(data: T): T {
  // The copy has the shape of the original: only strings are replaced, by strings.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return escapeValue(data) as T
}
