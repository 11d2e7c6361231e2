import { readdirSync, statSync, type Dirent, type Stats } from 'node:fs'
import { join } from 'node:path'
import { InputError } from './errors.js'
import { cannotOpen, readInputFile } from './input-file.js'

const LIST = { limitBytes: 256 * 1024 * 1024, noun: 'a list of paths', directoryHint: 'Name the directory itself.' }
/** Directories of captures lie in directories of racks, not deeper. */
const DEEPEST = 8

/** A directory that is one machine: a tree, or an unpacked capture. */
function isMachine(names: ReadonlySet<string>): boolean {
  return ['sys', 'proc', 'sysroot'].some((name) => names.has(name))
}

/** What a directory holds, in order of the names; undefined where it cannot be read. */
function entriesOf(directory: string): readonly Dirent[] | undefined {
  try {
    return readdirSync(directory, { withFileTypes: true }).sort((one, other) => (one.name < other.name ? -1 : 1))
  } catch {
    return undefined
  }
}

function* below(directory: string, depth: number): Generator<string> {
  const entries = entriesOf(directory)
  // Who judges a directory that cannot be read says so, and goes on.
  if (!entries || isMachine(new Set(entries.map(({ name }) => name)))) {
    yield directory
    return
  }
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue
    const path = join(directory, entry.name)
    if (entry.isFile()) yield path
    // Links are not followed: a fleet is counted once.
    else if (entry.isDirectory() && depth < DEEPEST) yield* below(path, depth + 1)
  }
}

function statusOf(path: string): Stats {
  try {
    return statSync(path)
  } catch (error) {
    throw cannotOpen(path, error)
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
 * the paths that standard input lists. Throws NotFoundError for what is named on the command line and cannot be opened.
 */
export function* fleetPaths(named: readonly string[]): Generator<string> {
  for (const path of named) {
    if (path === '-') {
      yield* listed()
      continue
    }
    const found = statusOf(path)
    if (found.isDirectory()) yield* below(path, 0)
    else if (found.isFile()) yield path
    else throw new InputError(`${path}: it is neither a file nor a directory`, { path, hint: 'Name captures.' })
  }
}
