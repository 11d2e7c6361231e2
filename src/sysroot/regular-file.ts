import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import { SINGLE } from '../budget/limits.js'
import { failedRead, unreadable } from './failure.js'
import type { Read } from './sysroot.js'
import type { ReadFailure } from './types.js'

/** O_NOFOLLOW: a link put there meanwhile is not followed. O_NONBLOCK: nor does a FIFO put there meanwhile block. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY

const ANY_READ_BIT = 0o444
/** Device number of `/dev/null`, 1:3 (K: drivers/char/mem.c): container runtimes bind it over files that they mask. */
const NULL_DEVICE = 0x103

/** Why what is neither directory nor link is not read; undefined for a regular file. */
export function refusalOf(status: Stats): ReadFailure | undefined {
  if (status.isCharacterDevice() && status.rdev === NULL_DEVICE) return 'not-collected'
  // Device nodes, FIFOs and sockets are names in a directory, nothing more.
  if (!status.isFile()) return 'malformed'
  // A write-only attribute: opening it would be refused, or as root give nothing that it holds.
  if ((status.mode & ANY_READ_BIT) === 0) return 'permission'
  return status.size > SINGLE.fileBytes ? 'too-large' : undefined
}

/** Reads are synchronous and do not nest, so one buffer serves all of them. */
const scratch = new Uint8Array(64 * 1024)

/** What `read` makes of a file that was regular when it was looked at; what it is now is looked at before it is read. */
function opened(path: string, read: (descriptor: number, size: number) => Read<Uint8Array>): Read<Uint8Array> {
  let descriptor: number
  try {
    descriptor = openSync(path, FLAGS)
  } catch (error) {
    return failedRead(error)
  }
  try {
    const status = fstatSync(descriptor)
    const refusal = refusalOf(status)
    return refusal === undefined ? read(descriptor, status.size) : unreadable(refusal)
  } catch (error) {
    const failed = failedRead(error)
    // The name was there when it was opened: ENOENT now is a device that went away under the reader.
    return failed.state === 'absent' ? unreadable('io') : failed
  } finally {
    closeSync(descriptor)
  }
}

/**
 * Reads a file that is known to be regular, up to its end: procfs and binary sysfs attributes hand out their content in
 * several pieces, and their size says at most where a file ends (0, a page, or all of it). More than `limit` bytes are
 * `too-large`.
 */
export function readRegularFile(path: string, limit: number = SINGLE.fileBytes): Read<Uint8Array> {
  return opened(path, (descriptor, size) => readToEnd(descriptor, size, limit))
}

/** The first `length` bytes of a file that is known to be regular, or all of a shorter one. */
export function readBeginning(path: string, length: number): Read<Uint8Array> {
  return opened(path, (descriptor) => {
    const bytes = new Uint8Array(length)
    let filled = 0
    for (let count = -1; count !== 0 && filled < length; filled += count) {
      count = readSync(descriptor, bytes, filled, length - filled, null)
    }
    return { state: 'known', value: bytes.subarray(0, filled) }
  })
}

function readToEnd(descriptor: number, size: number, limit: number): Read<Uint8Array> {
  const pieces: Uint8Array[] = []
  let total = 0
  let filled = 0
  for (;;) {
    const count = readSync(descriptor, scratch, filled, scratch.length - filled, null)
    if (count === 0) break
    filled += count
    total += count
    if (total > limit) return unreadable('too-large')
    // Nothing comes after as many bytes as a file is long; attributes of unknown length say 0 or, with less in them, a page.
    if (total === size) break
    if (filled === scratch.length) {
      pieces.push(scratch.slice())
      filled = 0
    }
  }
  const last = scratch.slice(0, filled)
  if (pieces.length === 0) return { state: 'known', value: last }
  const value = new Uint8Array(total)
  let at = 0
  for (const piece of [...pieces, last]) {
    value.set(piece, at)
    at += piece.length
  }
  return { state: 'known', value }
}
