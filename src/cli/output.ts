import { writeSync } from 'node:fs'
import { systemErrorCode } from '../inputs/system-error.js'

const STDOUT = 1
const STDERR = 2
/** Pause before a full pipe is tried again, in milliseconds. */
const RETRY_MS = 5

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS)
}

/**
 * Writes all of `bytes`, however short the single writes are. A reader that has gone away (EPIPE) ends it quietly, and is
 * told by false: the exit code still tells what there was to tell.
 */
function writeAll(descriptor: number, bytes: Uint8Array): boolean {
  for (let written = 0; written < bytes.length;) {
    try {
      written += writeSync(descriptor, bytes, written)
    } catch (error) {
      if (systemErrorCode(error) === 'EPIPE') return false
      if (systemErrorCode(error) !== 'EAGAIN') throw error
      pause()
    }
  }
  return true
}

/** Results: the only way to standard output, in whole or piece by piece. */
export function writeStdout(text: string | Uint8Array): void {
  writeAll(STDOUT, typeof text === 'string' ? Buffer.from(text, 'utf8') : text)
}

/** Characters that are written at once. */
const AT_ONCE = 64 * 1024

/** Pieces of a text as bytes, joined to some size: what is long is never in memory as a whole. */
export function* bytesOfPieces(pieces: Iterable<string>): Generator<Uint8Array> {
  let waiting = ''
  for (const piece of pieces) {
    waiting += piece
    if (waiting.length < AT_ONCE) continue
    yield Buffer.from(waiting, 'utf8')
    waiting = ''
  }
  yield Buffer.from(waiting, 'utf8')
}

/** Results that come piece by piece. They are made no faster than they are read, and not any more for who has gone away. */
export function writeStdoutBytes(pieces: Iterable<Uint8Array>): void {
  for (const bytes of pieces) if (!writeAll(STDOUT, bytes)) return
}

/** Likewise of a text. */
export function writeStdoutPieces(pieces: Iterable<string>): void {
  writeStdoutBytes(bytesOfPieces(pieces))
}

/** Messages: the only way to standard error. A standard error that cannot be written to is no reason to fail. */
export function writeStderr(text: string): void {
  try {
    writeAll(STDERR, Buffer.from(text, 'utf8'))
  } catch {
    // Nobody is left to be told.
  }
}
