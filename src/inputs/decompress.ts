import zlib from 'node:zlib'
import type { Budget } from '../budget/budget.js'
import { SINGLE } from '../budget/limits.js'
import { RECOGNISED_WITHIN } from './recognise.js'

/** Why nothing came of compressed bytes; `none` where this Node.js cannot tell. */
export type NotUnpacked = 'damaged' | 'too-large' | 'none'

/** Does what zlib throws for; its two reasons are words here. */
function unpacked(unpack: () => unknown, budget: Budget): Uint8Array | NotUnpacked {
  let content: unknown
  try {
    content = unpack()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    return code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : 'damaged'
  }
  if (!(content instanceof Uint8Array)) return 'damaged'
  return budget.take('unpackedBytes', content.length) ? content : 'too-large'
}

/** What unpacking may yield: that of one file, and of all together what is left. */
function most(budget: Budget): number {
  // zlib takes no limit of nothing.
  return Math.max(1, Math.min(SINGLE.unpackedBytes, budget.limit('unpackedBytes') - budget.spent('unpackedBytes')))
}

/** The beginning of what a gzip file holds, for telling what it is; empty where it is damaged from the start. */
export function beginningOfGzip(bytes: Uint8Array): Uint8Array {
  try {
    // The compressed start of a file gives its start: a cut stream is no error here.
    const options = { finishFlush: zlib.constants.Z_SYNC_FLUSH, maxOutputLength: SINGLE.unpackedBytes }
    return zlib.gunzipSync(bytes.subarray(0, RECOGNISED_WITHIN / 4), options).slice(0, RECOGNISED_WITHIN)
  } catch {
    return new Uint8Array(0)
  }
}

/** All that a gzip file holds, charged to the budget, or why there is nothing. */
export function gunzipped(bytes: Uint8Array, budget: Budget): Uint8Array | NotUnpacked {
  return unpacked(() => zlib.gunzipSync(bytes, { maxOutputLength: most(budget) }), budget)
}

/** What a zstd file holds, charged to the budget, where this Node.js can tell (22.15 and newer). */
export function unzstded(bytes: Uint8Array, budget: Budget): Uint8Array | NotUnpacked {
  const decompress: unknown = Reflect.get(zlib, 'zstdDecompressSync')
  if (typeof decompress !== 'function') return 'none'
  return unpacked(() => Reflect.apply(decompress, zlib, [bytes, { maxOutputLength: most(budget) }]), budget)
}

/** What to say of a file of which nothing came, and what to do. */
export function whyNotUnpacked(
  why: NotUnpacked,
  program: 'gzip' | 'zstd',
  budget: Budget,
): { readonly what: string; readonly hint: string } {
  switch (why) {
    case 'damaged':
      return { what: `the ${program} data is damaged or ends early`, hint: 'Take it again.' }
    case 'too-large': {
      const [one, all] = [SINGLE.unpackedBytes, budget.limit('unpackedBytes')].map((bytes) => bytes / 1024 / 1024)
      return {
        what: `it unpacks to more than ${one} MiB, or everything together to more than ${all} MiB`,
        hint: 'Give less at a time.',
      }
    }
    case 'none':
      return { what: `compressed with ${program}`, hint: `${program} -dc FILE | intremap probe -` }
  }
}
