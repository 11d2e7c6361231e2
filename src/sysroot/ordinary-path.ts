import { SINGLE } from '../budget/limits.js'
import { NameTexts } from './name-texts.js'

/** Linux: NAME_MAX. */
export const NAME_BYTES = 255
const SLASH = 0x2f
const DOT = 0x2e

/** A path as its last name and the directory that holds it; the root's own names have the empty one. */
export interface Place {
  readonly directory: string
  readonly name: string
}

/** Whether one name of a path is of printable ASCII and no name with a meaning of its own. */
function isOrdinary(raw: Uint8Array, start: number, end: number): boolean {
  if (end === start || end - start > NAME_BYTES || raw[start] === DOT) return false
  for (let at = start; at < end; at += 1) {
    const byte = raw[at] ?? 0
    if (byte < 0x20 || byte > 0x7e) return false
  }
  return true
}

/**
 * Reads names of plain ASCII whose parts are all ordinary, as nearly all are. An archive tells a directory's names one
 * after the other: of each only the last part is looked at where the rest is that of the name before.
 */
export class OrdinaryPaths {
  /** The directory of the name before, its bytes with their final slash, and how many names lead to it. */
  private directory = ''
  private readonly bytes = new Uint8Array(SINGLE.pathBytes)
  private length = 0
  private depth = 0
  private readonly texts = new NameTexts()

  /** The path that `raw` stands for; undefined where it has to be looked at more closely. */
  place(raw: Uint8Array): Place | undefined {
    if (raw.length > SINGLE.pathBytes) return undefined
    const start = raw[0] === DOT && raw[1] === SLASH ? 2 : 0
    const end = raw[raw.length - 1] === SLASH ? raw.length - 1 : raw.length
    let cut = end
    while (cut > start && raw[cut - 1] !== SLASH) cut -= 1
    if (!isOrdinary(raw, cut, end)) return undefined
    if (!this.isAsBefore(raw, start, cut) && !this.enter(raw, start, cut)) return undefined
    if (this.depth >= SINGLE.pathDepth) return undefined
    return { directory: this.directory, name: this.texts.of(raw, cut, end) }
  }

  private isAsBefore(raw: Uint8Array, start: number, cut: number): boolean {
    const { bytes, length } = this
    if (length !== cut - start) return false
    // From the end: what differs mostly does so there.
    for (let at = length - 1; at >= 0; at -= 1) if (bytes[at] !== raw[start + at]) return false
    return true
  }

  /** Takes another directory; false, with the one before kept, where it is none that can be told so simply. */
  private enter(raw: Uint8Array, start: number, cut: number): boolean {
    let depth = 0
    for (let [from, at] = [start, start]; at < cut; at += 1) {
      if (raw[at] !== SLASH) continue
      if (!isOrdinary(raw, from, at)) return false
      from = at + 1
      depth += 1
    }
    this.depth = depth
    this.length = cut - start
    for (let at = start; at < cut; at += 1) this.bytes[at - start] = raw[at] ?? 0
    this.directory = cut > start ? this.texts.of(raw, start, cut - 1) : ''
    return true
  }
}
