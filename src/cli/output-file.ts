import {
  closeSync,
  linkSync,
  lstatSync,
  openSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { InputError, NotFoundError, UsageError } from './errors.js'
import { writeStdoutBytes } from './output.js'
import { systemErrorCode, systemErrorWords } from '../inputs/system-error.js'

function alreadyThere(path: string): UsageError {
  return new UsageError(`${path} is already there`, { path, hint: 'Name another file, or overwrite it with --force.' })
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

/**
 * Refuses what no file may take the place of: a directory, a device, a pipe, or a link to one of them. A link to a process's
 * own stream, as `/dev/stdout` is, counts with them: the stream may be a file, and the link would be gone.
 */
function assertReplaceable(path: string): void {
  const there = statSync(path, { throwIfNoEntry: false })
  if (there === undefined) return
  if (there.isDirectory()) throw new InputError(`${path} is a directory`, { path, hint: 'Name a file in it.' })
  const isStream = lstatSync(path).isSymbolicLink() && readlinkSync(path).startsWith('/proc/')
  if (there.isFile() && !isStream) return
  throw new InputError(`${path} is no regular file`, {
    path,
    hint: 'Name a file, or -o - for standard output, and lead that there.',
  })
}

/** A file put in place by `place` in one step, or not at all: what was there before stays whole. */
function placed(path: string, content: Iterable<Uint8Array>, place: (temporary: string) => void): void {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    const descriptor = openSync(temporary, 'wx')
    try {
      for (const bytes of content) writeFileSync(descriptor, bytes)
    } finally {
      closeSync(descriptor)
    }
    place(temporary)
  } finally {
    rmSync(temporary, { force: true })
  }
}

/**
 * Writes the pieces of `content` to the file `path`, or to standard output for `-`. The file is written beside its place
 * and put there whole. A file that is there already is kept unless `force` is set. Throws UsageError for that,
 * NotFoundError where the directory is not there, InputError where nothing can be written, or no regular file is there.
 */
export function writeOutput(path: string, content: Iterable<Uint8Array>, force: boolean): void {
  if (path === '-') return writeStdoutBytes(content)
  try {
    assertReplaceable(path)
    if (exists(path) && !force) throw alreadyThere(path)
    placed(path, content, (temporary) => {
      // A link fails where the name has come into being meanwhile.
      if (force) renameSync(temporary, path)
      else linkSync(temporary, path)
    })
  } catch (error) {
    if (error instanceof UsageError || error instanceof InputError) throw error
    const code = systemErrorCode(error)
    if (code === 'EEXIST') throw alreadyThere(path)
    if (code === 'ENOENT')
      throw new NotFoundError(`${path}: its directory is not there`, { path, hint: 'Make the directory first.' })
    throw new InputError(`${path}: it cannot be written: ${systemErrorWords(error)}`, {
      path,
      hint: 'Check the path and its permissions.',
    })
  }
}
