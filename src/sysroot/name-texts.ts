/** Texts that are remembered, a power of two, and the longest of them: longer names are mostly each of its own. */
const PLACES = 1024
const LONGEST = 32
/** Copied in one go, where to fill as many places takes a call for each. */
const NO_TEXTS: readonly undefined[] = Array.from({ length: PLACES })

/**
 * Texts of names in ASCII. A machine's directories hold the same few names over and over: a text that was made before is
 * handed out again, which costs less than to make it, and finds its place in a map sooner.
 */
export class NameTexts {
  private readonly texts: (string | undefined)[] = [...NO_TEXTS]

  /** The text of the bytes from `start` up to `end`, all of them ASCII. */
  of(bytes: Uint8Array, start: number, end: number): string {
    if (end - start > LONGEST) return textOf(bytes, start, end)
    let hash = 0
    for (let at = start; at < end; at += 1) hash = (Math.imul(hash, 31) + (bytes[at] ?? 0)) | 0
    const place = hash & (PLACES - 1)
    const known = this.texts[place]
    if (known !== undefined && isText(known, bytes, start, end)) return known
    return (this.texts[place] = textOf(bytes, start, end))
  }
}

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
}

function isText(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false
  for (let at = start; at < end; at += 1) if (text.charCodeAt(at - start) !== bytes[at]) return false
  return true
}
