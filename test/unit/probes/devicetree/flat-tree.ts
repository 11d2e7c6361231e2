/** Big-endian words. */
export function words(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4)
  const view = new DataView(bytes.buffer)
  for (const [index, value] of values.entries()) view.setUint32(index * 4, value)
  return bytes
}

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0))
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Text with its NULs, filled up to whole words. */
export function padded(text: string): Uint8Array {
  return joined(ascii(text), new Uint8Array((4 - (text.length % 4)) % 4))
}

export const END_NODE = words(2)
export const NOP = words(4)
export const END = words(9)
export const beginNode = (name: string): Uint8Array => joined(words(1), padded(`${name}\0`))

/** A property: `value` is text (with its NULs) or bytes. */
export function prop(nameOffset: number, value: string | Uint8Array): Uint8Array {
  const bytes = typeof value === 'string' ? ascii(value) : value
  const fill = new Uint8Array((4 - (bytes.length % 4)) % 4)
  return joined(words(3, bytes.length, nameOffset), bytes, fill)
}

/** `compatible` 0, `phandle` 11, `reg` 19. */
export const STRINGS = ascii('compatible\0phandle\0reg\0')

/**
 * A blob of version 17: header of 40 bytes, empty reservation block at 0x28, structure block at 0x38, strings behind it.
 * `header` replaces words of the header by index.
 */
export function blobOf(
  structure: Uint8Array,
  strings: Uint8Array = STRINGS,
  header: Readonly<Record<number, number>> = {},
): Uint8Array {
  const stringsOffset = 0x38 + structure.length
  const total = stringsOffset + strings.length
  const standard = [0xd00dfeed, total, 0x38, stringsOffset, 0x28, 17, 16, 0, strings.length, structure.length]
  const head = words(...standard.map((value, index) => header[index] ?? value))
  return joined(head, new Uint8Array(16), structure, strings)
}
