import { closeSync, linkSync, lstatSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { InputError, NotFoundError, UsageError } from './errors.js'
import { writeStdoutBytes } from './output.js'
import { systemErrorCode, systemErrorWords } from '../inputs/system-error.js'

function alreadyThere(path: string): UsageError {
  return new UsageError(`${path} is already there`, { path, hint: 'Name another file, or overwrite it with --force.' })
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
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
 * NotFoundError where the directory is not there, InputError where nothing can be written.
 */
export function writeOutput(path: string, content: Iterable<Uint8Array>, force: boolean): void {
  if (path === '-') return writeStdoutBytes(content)
  try {
    if (exists(path) && !force) throw alreadyThere(path)
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
      throw new InputError(`${path} is a directory`, { path, hint: 'Name a file in it.' })
    }
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
