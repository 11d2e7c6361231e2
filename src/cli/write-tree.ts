import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { toJson } from '../render/formats/json.js'
import type { ReadFailure } from '../sysroot/types.js'
import { InputError, UsageError } from './errors.js'
import { reachableEntries, type WritableEntry, type WritableTree } from './tree-check.js'
import { systemErrorCode } from '../inputs/system-error.js'

/** Lies beside the machine's own names. It marks the tree as one that may be replaced. */
export const TREE_NOTE = 'intremap-tree.json'
const NOTE_SCHEMA = 'intremap/tree'
const UNREADABLE_MODE = 0

/** What stands in the note. */
export interface TreeNote {
  readonly schema: typeof NOTE_SCHEMA
  readonly schemaVersion: string
  readonly machine: string
  /** Names that were written at the top, without the note. */
  readonly names: readonly string[]
  readonly directories: number
  readonly files: number
  readonly links: number
  /** What could not be read of the machine. Its files have mode 000, which is `permission` to whoever probes the tree. */
  readonly unreadable: Readonly<Record<string, ReadFailure>>
}

/** Names at the top of the tree that an earlier run wrote; empty where it left no note. */
function namesWritten(directory: string): readonly string[] {
  let note: unknown
  try {
    note = JSON.parse(readFileSync(`${directory}/${TREE_NOTE}`, 'utf8'))
  } catch {
    return []
  }
  if (typeof note !== 'object' || note === null || !('schema' in note) || note.schema !== NOTE_SCHEMA) return []
  const names: readonly unknown[] = 'names' in note && Array.isArray(note.names) ? note.names : []
  return [TREE_NOTE, ...names].filter(
    (name): name is string => typeof name === 'string' && /^(?!\.{1,2}$)[^/\0]+$/.test(name),
  )
}

/** Makes the directory, or room in it. Only what an earlier run wrote is ever removed. */
function prepareDirectory(directory: string, names: readonly string[], force: boolean): void {
  mkdirSync(directory, { recursive: true })
  if (!force && readdirSync(directory).length > 0) {
    throw new UsageError(`${directory} is not empty`, {
      path: directory,
      hint: 'Name another directory, or replace what an earlier run wrote there with --force.',
    })
  }
  for (const name of namesWritten(directory)) rmSync(`${directory}/${name}`, { recursive: true, force: true })
  const left = names.find((name) => lstatSync(`${directory}/${name}`, { throwIfNoEntry: false }) !== undefined)
  if (left === undefined) return
  throw new UsageError(`${directory} has another ${left}, which no earlier run wrote`, {
    path: directory,
    hint: 'Name another directory.',
  })
}

function writeEntry(directory: string, path: string, entry: WritableEntry): void {
  const place = `${directory}/${path}`
  switch (entry.kind) {
    case 'directory':
      return mkdirSync(place)
    case 'symlink':
      return symlinkSync(entry.target, place)
    case 'file':
      if (typeof entry.content !== 'string') return writeFileSync(place, entry.content, { flag: 'wx' })
      // A link to itself fails to be read, and not for want of permission.
      if (entry.content === 'io') return symlinkSync(path.slice(path.lastIndexOf('/') + 1), place)
      return writeFileSync(place, '', { flag: 'wx', mode: UNREADABLE_MODE })
    case 'unreadable':
      return writeFileSync(place, '', { flag: 'wx', mode: UNREADABLE_MODE })
  }
}

function noteOf(machine: string, entries: WritableTree): TreeNote {
  const count = (kind: WritableEntry['kind']) => [...entries.values()].filter((entry) => entry.kind === kind).length
  const unreadable: [string, ReadFailure][] = []
  for (const [path, entry] of entries) {
    if (entry.kind === 'unreadable') unreadable.push([path, entry.reason])
    if (entry.kind === 'file' && typeof entry.content === 'string') unreadable.push([path, entry.content])
  }
  return {
    schema: NOTE_SCHEMA,
    schemaVersion: '1.0.0',
    machine,
    names: [...entries.keys()].filter((path) => !path.includes('/')),
    directories: count('directory'),
    files: count('file'),
    links: count('symlink'),
    unreadable: Object.fromEntries(unreadable),
  }
}

/**
 * Writes the tree of `machine` as files into `directory`, which is made where it is not there. Every name is new, links
 * come last, and links stay inside, so that nothing is written anywhere else. A directory that holds something is refused;
 * with `force`, what an earlier run wrote there is removed first, and nothing else. Throws UsageError for the directory,
 * InputError for a tree that cannot be written and for a disk that does not take it.
 */
export function writeTree(directory: string, machine: string, tree: WritableTree, force: boolean): TreeNote {
  const entries = reachableEntries(tree)
  const note = noteOf(machine, entries)
  try {
    prepareDirectory(directory, [...note.names, TREE_NOTE], force)
    // First the note: what is cut short can be replaced as well.
    writeFileSync(`${directory}/${TREE_NOTE}`, toJson(note), { flag: 'wx' })
    for (const [path, entry] of entries) if (entry.kind !== 'symlink') writeEntry(directory, path, entry)
    for (const [path, entry] of entries) if (entry.kind === 'symlink') writeEntry(directory, path, entry)
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === undefined || error instanceof UsageError) throw error
    const hint = 'Check the directory, its permissions and the space that is left.'
    throw new InputError(`${directory}: the tree cannot be written (${code})`, { path: directory, hint })
  }
  return note
}
