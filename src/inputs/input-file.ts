import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { InputError, NotFoundError } from './errors.js'
import { systemErrorCode, systemErrorWords } from './system-error.js'

const STDIN = 0
const CHUNK_BYTES = 1024 * 1024

/** The error for a path given by the user that cannot be opened. */
export function cannotOpen(path: string, error: unknown): NotFoundError {
  const words = systemErrorWords(error)
  const what = systemErrorCode(error) === 'ENOENT' ? words : `it cannot be opened: ${words}`
  return new NotFoundError(`${path}: ${what}`, { path, hint: 'Check the path and its permissions.' })
}

/** What is wanted of a file: how much at most, what it is to hold, and what to say to who names a directory. */
export interface InputKind {
  readonly limitBytes: number
  /** With its article: `a bundle`. */
  readonly noun: string
  readonly directoryHint: string
}

/** The error for what is larger than its kind may be. */
const tooLarge = (name: string, { limitBytes, noun }: InputKind) =>
  new InputError(`${name}: larger than ${limitBytes} bytes, too large for ${noun}`, { path: name })

/** Bytes of a regular file; none of a pipe, of files of /proc, which say so, and of what was closed. */
function sizeOf(descriptor: number): number {
  try {
    const status = fstatSync(descriptor)
    return status.isFile() ? status.size : 0
  } catch {
    return 0
  }
}

/** Reads to the end of a file or pipe. A pipe gives little at a time: each buffer is filled before the next is made. */
function readToEnd(descriptor: number, name: string, kind: InputKind): Uint8Array {
  const size = sizeOf(descriptor)
  if (size > kind.limitBytes) throw tooLarge(name, kind)
  const chunks: Uint8Array[] = []
  // A file is read in one piece, and whatever was added to it meanwhile.
  let chunk = new Uint8Array(size > 0 ? size + 1 : CHUNK_BYTES)
  let [filled, length] = [0, 0]
  for (;;) {
    let read: number
    try {
      read = readSync(descriptor, chunk, filled, chunk.length - filled, null)
    } catch (error) {
      if (systemErrorCode(error) === 'EAGAIN') {
        // A non-blocking standard input that has nothing yet.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
        continue
      }
      throw new InputError(`${name}: reading failed: ${systemErrorWords(error)}`, { path: name })
    }
    if (read === 0) {
      const last = chunk.subarray(0, filled)
      return chunks.length === 0 ? last : Buffer.concat([...chunks, last])
    }
    filled += read
    length += read
    if (length > kind.limitBytes) throw tooLarge(name, kind)
    if (filled < chunk.length) continue
    chunks.push(chunk)
    chunk = new Uint8Array(CHUNK_BYTES)
    filled = 0
  }
}

/** What a path of the command line is called in messages; `-` is standard input. */
export const inputName = (path: string): string => (path === '-' ? 'standard input' : path)

/**
 * The whole of the file at `path`, of standard input for `-`. Throws NotFoundError for what cannot be opened, InputError
 * for directories, failing reads and what is larger than `kind` allows.
 */
export function readInputFile(path: string, kind: InputKind): Uint8Array {
  if (path === '-') return readToEnd(STDIN, inputName(path), kind)
  let descriptor: number
  try {
    descriptor = openSync(path, 'r')
  } catch (error) {
    throw cannotOpen(path, error)
  }
  try {
    if (fstatSync(descriptor).isDirectory()) {
      throw new InputError(`${path}: it is a directory`, { path, hint: kind.directoryHint })
    }
    return readToEnd(descriptor, path, kind)
  } finally {
    closeSync(descriptor)
  }
}

/** Whether a path of the command line is a directory. Throws NotFoundError for what is not there. */
export function isDirectory(path: string): boolean {
  try {
    return path !== '-' && statSync(path).isDirectory()
  } catch (error) {
    throw cannotOpen(path, error)
  }
}
