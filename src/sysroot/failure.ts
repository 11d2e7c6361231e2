import type { Budget } from '../budget/budget.js'
import { SINGLE } from '../budget/limits.js'
import type { Read } from './sysroot.js'
import type { ReadFailure } from './types.js'

/** The answer for a name that is not there. One object for all: reads are compared and kept by the thousand. */
export const ABSENT: { readonly state: 'absent' } = { state: 'absent' }

const UNREADABLE = {
  permission: { state: 'unreadable', reason: 'permission' },
  io: { state: 'unreadable', reason: 'io' },
  malformed: { state: 'unreadable', reason: 'malformed' },
  'too-large': { state: 'unreadable', reason: 'too-large' },
  'not-collected': { state: 'unreadable', reason: 'not-collected' },
} as const

/** The answer for a read that failed. */
export function unreadable(reason: ReadFailure): { readonly state: 'unreadable'; readonly reason: ReadFailure } {
  return UNREADABLE[reason]
}

/** The names of a directory, unless they are more than any directory has that is read, or than `budget` has left. */
export function boundedListing(names: readonly string[], budget: Budget): Read<readonly string[]> {
  const isBounded = names.length <= SINGLE.listing && budget.take('names', names.length)
  return isBounded ? { state: 'known', value: names } : UNREADABLE['too-large']
}

/**
 * Turns what a file system call threw into an answer. A name that vanished is absent; a device that was unplugged while
 * its attribute was read (ENODEV), a busy one (EAGAIN) and everything unforeseen are `io`.
 */
export function failedRead(error: unknown): Exclude<Read<never>, { readonly state: 'known' }> {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return ABSENT
    case 'EACCES':
    case 'EPERM':
      return UNREADABLE.permission
    case 'EISDIR':
      return UNREADABLE.malformed
    default:
      return UNREADABLE.io
  }
}
