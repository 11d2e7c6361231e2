import type { Budget } from './budget.js'
import type { Work } from './limits.js'

/** What the punctuation of JSON announces, by its byte: an object takes several times the memory of a member or item. */
const WEIGHTS = new Uint8Array(256)
WEIGHTS[0x7b] = 8
WEIGHTS[0x5b] = 4
WEIGHTS[0x2c] = 1
WEIGHTS[0x3a] = 1

/**
 * How many values a JSON text can hold at most, reckoned by what they take: each has a comma, colon or opening bracket
 * before it, and an object counts eight times, a list four.
 */
export function mostJsonValues(content: Uint8Array): number {
  let count = 1
  for (const byte of content) count += WEIGHTS[byte] ?? 0
  return count
}

/**
 * Whether a JSON text may be parsed: charges the values that it can hold before any of them takes memory. A kilobyte of
 * opening brackets takes thirty of them.
 */
export function takesJson(content: Uint8Array, work: Extract<Work, `${string}Values`>, budget: Budget): boolean {
  return budget.take(work, mostJsonValues(content))
}

/** Levels of what is kept as JSON, reports and what gates them: a little more than there are. Who walks deeper ones would need a stack for them. */
const DEEPEST = 16

/** Whether who walks a document needs no deep stack. */
export const isShallow = (value: unknown, levels: number = DEEPEST): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (levels > 0 && Object.values(value).every((item) => isShallow(item, levels - 1)))
