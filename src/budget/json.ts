import type { Budget } from './budget.js'
import type { Work } from './limits.js'

const PUNCTUATION: ReadonlySet<number> = new Set([0x2c, 0x3a, 0x5b, 0x7b])

/** How many values a JSON text can hold at most: each has a comma, colon or opening bracket before it. */
export function mostJsonValues(content: Uint8Array): number {
  let count = 1
  for (const byte of content) if (PUNCTUATION.has(byte)) count += 1
  return count
}

/**
 * Whether a JSON text may be parsed: charges the values that it can hold before any of them takes memory. A kilobyte of
 * opening brackets takes thirty of them.
 */
export function takesJson(content: Uint8Array, work: Extract<Work, `${string}Values`>, budget: Budget): boolean {
  return budget.take(work, mostJsonValues(content))
}
