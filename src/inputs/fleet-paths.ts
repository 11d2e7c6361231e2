import { opendirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { InputError, NotFoundError } from './errors.js'
import { readInputFile } from './input-file.js'

const LIST = { limitBytes: 256 * 1024 * 1024, noun: 'a list of paths', directoryHint: 'Name the directory itself.' }
/** Directories of captures lie in directories of racks, not deeper. */
const DEEPEST = 8

/** A directory that is one machine: a tree, or an unpacked capture. */
function isMachine(names: ReadonlySet<string>): boolean {
  return names.has('sys') || names.has('proc') || names.has('sysroot') || names.has('manifest.json')
}

function* below(directory: string, depth: number): Generator<string> {
  const entries: { readonly name: string; readonly isDirectory: boolean; readonly isFile: boolean }[] = []
  const handle = opendirSync(directory)
  try {
    for (let entry = handle.readSync(); entry !== null; entry = handle.readSync()) {
      entries.push({ name: entry.name, isDirectory: entry.isDirectory(), isFile: entry.isFile() })
    }
  } finally {
    handle.closeSync()
  }
  if (isMachine(new Set(entries.map(({ name }) => name)))) {
    yield directory
    return
  }
  for (const { name, isDirectory, isFile } of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    if (name.startsWith('.')) continue
    if (isFile) yield join(directory, name)
    // Links are not followed: a fleet is counted once.
    else if (isDirectory && depth < DEEPEST) yield* below(join(directory, name), depth + 1)
  }
}

/** Lines of standard input that are paths. */
function listed(): readonly string[] {
  return new TextDecoder()
    .decode(readInputFile('-', LIST))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

/**
 * Paths of the hosts: files as they are named, files and machines below directories in order of their names, and for `-`
 * the paths that standard input lists. Throws NotFoundError for what is named on the command line and is not there.
 */
export function* fleetPaths(named: readonly string[]): Generator<string> {
  for (const path of named) {
    if (path === '-') {
      yield* listed()
      continue
    }
    const found = statSync(path, { throwIfNoEntry: false })
    if (!found)
      throw new NotFoundError(`${path}: there is no such file or directory`, { path, hint: 'Check the path.' })
    if (found.isDirectory()) yield* below(path, 0)
    else if (found.isFile()) yield path
    else throw new InputError(`${path}: it is neither a file nor a directory`, { path, hint: 'Name captures.' })
  }
}
