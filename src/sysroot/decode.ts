import type { Budget } from '../budget/budget.js'
import { takesText } from '../budget/text.js'
import { unreadable } from './failure.js'
import type { Read } from './sysroot.js'

/**
 * UTF-8 text of a file; a byte order mark stays, invalid bytes become U+FFFD. Text of more lines than `budget` has, or with
 * a line that no format has, is too large.
 */
export function decoded(read: Read<Uint8Array>, budget: Budget): Read<string> {
  if (read.state !== 'known') return read
  if (!takesText(read.value, budget)) return unreadable('too-large')
  const { buffer, byteOffset, byteLength } = read.value
  return { state: 'known', value: Buffer.from(buffer, byteOffset, byteLength).toString('utf8') }
}
