import zlib from 'node:zlib'
import { LIMITS } from '../budget/limits.js'
import { RECOGNISED_WITHIN } from './recognise.js'

/** A text or table that was compressed: more than this is none. */
const MOST_BYTES = 64 * 1024 * 1024

/** The beginning of what a gzip file holds, for telling what it is; empty where it is damaged from the start. */
export function beginningOfGzip(bytes: Uint8Array): Uint8Array {
  try {
    // The compressed start of a file gives its start: a cut stream is no error here.
    const options = { finishFlush: zlib.constants.Z_SYNC_FLUSH, maxOutputLength: LIMITS.unpackedBytes }
    return zlib.gunzipSync(bytes.subarray(0, RECOGNISED_WITHIN), options).subarray(0, RECOGNISED_WITHIN)
  } catch {
    return new Uint8Array(0)
  }
}

/** All that a gzip file holds; undefined where it is damaged or is more than this. */
export function gunzipped(bytes: Uint8Array): Uint8Array | undefined {
  try {
    return zlib.gunzipSync(bytes, { maxOutputLength: MOST_BYTES })
  } catch {
    return undefined
  }
}

/** What a zstd file holds, where this Node.js can tell (22.15 and newer); `none` where it cannot. */
export function unzstded(bytes: Uint8Array): Uint8Array | 'none' | undefined {
  const decompress: unknown = Reflect.get(zlib, 'zstdDecompressSync')
  if (typeof decompress !== 'function') return 'none'
  try {
    const content: unknown = Reflect.apply(decompress, zlib, [bytes, { maxOutputLength: LIMITS.unpackedBytes }])
    return content instanceof Uint8Array ? content : undefined
  } catch {
    return undefined
  }
}
