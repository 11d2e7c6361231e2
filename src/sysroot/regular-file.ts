import { closeSync, constants, openSync, readSync } from 'node:fs'
import { SINGLE } from '../budget/limits.js'
import { failedRead, unreadable } from './failure.js'
import type { Read } from './sysroot.js'

/** O_NOFOLLOW: a link put there meanwhile is not followed. O_NONBLOCK: nor does a FIFO put there meanwhile block. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY

/** Reads are synchronous and do not nest, so one buffer serves all of them. */
const scratch = new Uint8Array(64 * 1024)

/** What `read` makes of a file that is known to be regular. */
function opened(path: string, read: (descriptor: number) => Read<Uint8Array>): Read<Uint8Array> {
  let descriptor: number
  try {
    descriptor = openSync(path, FLAGS)
  } catch (error) {
    return failedRead(error)
  }
  try {
    return read(descriptor)
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
 * several pieces, and their size says nothing (0 or 4096). More than `limit` bytes are `too-large`.
 */
export function readRegularFile(path: string, limit: number = SINGLE.fileBytes): Read<Uint8Array> {
  return opened(path, (descriptor) => readToEnd(descriptor, limit))
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

function readToEnd(descriptor: number, limit: number): Read<Uint8Array> {
  const pieces: Uint8Array[] = []
  let total = 0
  let filled = 0
  for (;;) {
    const count = readSync(descriptor, scratch, filled, scratch.length - filled, null)
    if (count === 0) break
    filled += count
    total += count
    if (total > limit) return unreadable('too-large')
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
