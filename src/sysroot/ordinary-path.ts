import { SINGLE } from '../budget/limits.js'

/** Linux: NAME_MAX. */
export const NAME_BYTES = 255
const SLASH = 0x2f
const DOT = 0x2e

/**
 * The path that a name of plain ASCII stands for whose parts are all ordinary; undefined for any other name, which has to
 * be looked at more closely. Nearly all are ordinary.
 */
export function ordinaryPath(raw: Uint8Array): string | undefined {
  if (raw.length === 0 || raw.length > SINGLE.pathBytes) return undefined
  const start = raw[0] === DOT && raw[1] === SLASH ? 2 : 0
  const end = raw.at(-1) === SLASH ? raw.length - 1 : raw.length
  if (end <= start) return undefined
  let depth = 1
  let partStart = start
  for (let at = start; at <= end; at += 1) {
    const byte = at < end ? (raw[at] ?? 0) : SLASH
    if (byte < 0x20 || byte > 0x7e) return undefined
    if (byte !== SLASH) continue
    const length = at - partStart
    if (length === 0 || length > NAME_BYTES || raw[partStart] === DOT) return undefined
    partStart = at + 1
    if (at < end) depth += 1
  }
  if (depth > SINGLE.pathDepth) return undefined
  return Buffer.from(raw.buffer, raw.byteOffset + start, end - start).toString('latin1')
}
