import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import type { Budget } from '../budget/budget.js'
import { SINGLE } from '../budget/limits.js'
import { takesText } from '../budget/text.js'
import { decoded } from './decode.js'
import { failedRead, unreadable } from './failure.js'
import type { Read } from './sysroot.js'
import type { ReadFailure } from './types.js'

/** O_NOFOLLOW: a link put there meanwhile is not followed. O_NONBLOCK: nor does a FIFO put there meanwhile block. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY

const NEWLINE = 0x0a
const ANY_READ_BIT = 0o444
/** Device number of `/dev/null`, 1:3 (K: drivers/char/mem.c): container runtimes bind it over files that they mask. */
const NULL_DEVICE = 0x103

/** Why what is neither directory nor link is not read; undefined for a regular file. */
export function refusalOf(status: Stats): ReadFailure | undefined {
  const { mode } = status
  if ((mode & constants.S_IFMT) === constants.S_IFREG) {
    // A write-only attribute: opening it would be refused, or as root give nothing that it holds.
    if ((mode & ANY_READ_BIT) === 0) return 'permission'
    return status.size > SINGLE.fileBytes ? 'too-large' : undefined
  }
  // Device nodes, FIFOs and sockets are names in a directory, nothing more.
  return status.isCharacterDevice() && status.rdev === NULL_DEVICE ? 'not-collected' : 'malformed'
}

/** Reads are synchronous and do not nest, so one buffer serves all of them. */
const scratch = new Uint8Array(64 * 1024)
const scratchText = Buffer.from(scratch.buffer)

type Failed = Exclude<Read<never>, { readonly state: 'known' }>

/** What `read` makes of a file that was regular when it was looked at; what it is now is looked at before it is read. */
function opened<T>(
  path: string,
  read: (descriptor: number, most: number, size: number) => T,
  most: number,
): T | Failed {
  let descriptor: number
  try {
    descriptor = openSync(path, FLAGS)
  } catch (error) {
    return failedRead(error)
  }
  try {
    const status = fstatSync(descriptor)
    const refusal = refusalOf(status)
    return refusal === undefined ? read(descriptor, most, status.size) : unreadable(refusal)
  } catch (error) {
    const failed = failedRead(error)
    // The name was there when it was opened: ENOENT now is a device that went away under the reader.
    return failed.state === 'absent' ? unreadable('io') : failed
  } finally {
    closeSync(descriptor)
  }
}

/** How many bytes a file has, all in `scratch`, or the bytes of one that does not fit there; more than `most` are too large. */
function readToEnd(descriptor: number, most: number, size: number): number | Uint8Array | Failed {
  const pieces: Uint8Array[] = []
  let total = 0
  let filled = 0
  for (;;) {
    const count = readSync(descriptor, scratch, filled, scratch.length - filled, null)
    if (count === 0) break
    filled += count
    total += count
    if (total > most) return unreadable('too-large')
    // Nothing comes after as many bytes as a file is long; attributes of unknown length say 0 or, with less in them, a page.
    if (total === size) break
    if (filled === scratch.length) {
      pieces.push(scratch.slice())
      filled = 0
    }
  }
  if (pieces.length === 0) return filled
  const value = new Uint8Array(total)
  let at = 0
  for (const piece of [...pieces, scratch.subarray(0, filled)]) {
    value.set(piece, at)
    at += piece.length
  }
  return value
}

/** The first `length` bytes of a file, or all of a shorter one. */
function readAtMost(descriptor: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let filled = 0
  for (let count = -1; count !== 0 && filled < length; filled += count) {
    count = readSync(descriptor, bytes, filled, length - filled, null)
  }
  return bytes.subarray(0, filled)
}

/** A whole file, as long as `budget` has that much left. */
function readWhole(path: string, budget: Budget): number | Uint8Array | Failed {
  const limit = Math.min(SINGLE.fileBytes, budget.limit('bytes') - budget.spent('bytes'))
  return opened(path, readToEnd, limit)
}

/**
 * Reads a file that is known to be regular, up to its end: procfs and binary sysfs attributes hand out their content in
 * several pieces, and their size says at most where a file ends (0, a page, or all of it). More bytes than a file may
 * have, or `budget` has left, are `too-large`.
 */
export function readRegularFile(path: string, budget: Budget): Read<Uint8Array> {
  const content = readWhole(path, budget)
  if (typeof content === 'object' && 'state' in content) return content
  const value = typeof content === 'number' ? scratch.slice(0, content) : content
  budget.take('bytes', value.length)
  return { state: 'known', value }
}

/** The same as text, without the bytes that `decoded` would take it from. */
export function readRegularText(path: string, budget: Budget): Read<string> {
  const content = readWhole(path, budget)
  if (typeof content !== 'number') {
    if ('state' in content) return content
    budget.take('bytes', content.length)
    return decoded({ state: 'known', value: content }, budget)
  }
  budget.take('bytes', content)
  // What the file before left behind is not searched for the end of the last line.
  scratch[content] = NEWLINE
  if (!takesText(scratch, budget, content)) return unreadable('too-large')
  return { state: 'known', value: scratchText.toString('utf8', 0, content) }
}

/** The first `length` bytes of a file that is known to be regular, or all of a shorter one. */
export function readBeginning(path: string, length: number): Read<Uint8Array> {
  const content = opened(path, readAtMost, length)
  return content instanceof Uint8Array ? { state: 'known', value: content } : content
}
