import { Budget } from '../budget/budget.js'
import { ChangedSysroot, type Change } from './changed-sysroot.js'
import { EntryTable } from './entry-table.js'
import { describedEntries, sortedNames, type MemoryEntry, type TreeDescription } from './memory-entry.js'
import type { Read } from './sysroot.js'
import { traceOf, type TracedSysroot, type Trace } from './trace.js'
import { TreeReader, type Tree } from './tree-reader.js'
import type { Origin, PassedOver, ReadFailure } from './types.js'

const ABSENT_ENTRY: MemoryEntry = { kind: 'absent' }
const DIRECTORY: MemoryEntry = { kind: 'directory' }

function tableOf(entries: Iterable<readonly [string, MemoryEntry]>): EntryTable {
  if (entries instanceof EntryTable) return entries
  const table = new EntryTable()
  for (const [path, entry] of entries) table.set(path, entry)
  return table
}

/** A tree in memory, by path. Directories above an entry need no entry of their own. */
export class MemoryTree implements Tree {
  private readonly entries: EntryTable
  private readonly listings = new Map<string, readonly string[]>()
  private readonly missing: MemoryEntry
  /** What a directory is of which nothing more is told. */
  private readonly plain: MemoryEntry

  /**
   * Where `unasked` is given, nobody knows what the tree does not hold: such names, and listings of directories
   * that have none, are unreadable for that reason instead of absent and computed.
   *
   * @param entries a table becomes the tree's own
   */
  constructor(entries: Iterable<readonly [string, MemoryEntry]>, unasked?: ReadFailure) {
    this.missing = unasked === undefined ? ABSENT_ENTRY : { kind: 'unreadable', reason: unasked }
    this.plain = unasked === undefined ? DIRECTORY : { kind: 'directory', listing: unasked }
    this.entries = tableOf(entries)
    this.entries.imply(DIRECTORY)
  }

  entry(path: string): MemoryEntry {
    return this.told(this.entries.get(path) ?? (path === '' ? DIRECTORY : undefined))
  }

  child(directory: string, name: string): MemoryEntry {
    return this.told(this.entries.child(directory, name))
  }

  private told(entry: MemoryEntry | undefined): MemoryEntry {
    if (entry === undefined) return this.missing
    return entry.kind === 'directory' && entry.listing === undefined ? this.plain : entry
  }

  names(directory: string): readonly string[] {
    const known = this.listings.get(directory)
    if (known) return known
    const found: string[] = []
    for (const [name, { kind }] of this.entries.names(directory)) if (kind !== 'absent') found.push(name)
    const names = sortedNames(found)
    this.listings.set(directory, names)
    return names
  }
}

/**
 * A machine held in memory: a bundle, an emulated machine, a recording, a test's fixture. Answers are kept, so that
 * reading a path again costs one look-up; the bytes handed out are the tree's own and must not be written to.
 */
export class MemorySysroot implements TracedSysroot {
  readonly origin: Origin
  readonly budget: Budget
  readonly passedOver: readonly PassedOver[]
  private readonly tree: MemoryTree
  private readonly reader: TreeReader

  constructor(origin: Origin, tree: MemoryTree, budget = new Budget(), passedOver: readonly PassedOver[] = []) {
    this.origin = origin
    this.passedOver = passedOver
    this.budget = budget
    this.tree = tree
    this.reader = new TreeReader(tree, budget)
  }

  text(path: string): Read<string> {
    return this.reader.text(path).read
  }

  bytes(path: string): Read<Uint8Array> {
    return this.reader.bytes(path).read
  }

  list(path: string): Read<readonly string[]> {
    return this.reader.list(path).read
  }

  link(path: string): Read<string> {
    return this.reader.link(path).read
  }

  trace(path: string, follow: boolean): Trace {
    return traceOf(this.reader.walk(path, follow))
  }

  /** The same machine with one path changed. Costs next to nothing: what the change cannot touch is shared. */
  withChange(path: string, change: Change, budget?: Budget): ChangedSysroot {
    return this.withChanges([[path, change]], budget)
  }

  /** The same machine with several paths changed; every path is understood as it was before any of the changes. */
  withChanges(changes: Iterable<readonly [string, Change]>, budget = new Budget()): ChangedSysroot {
    return new ChangedSysroot(this.origin, this.tree, this.reader, changes, budget)
  }
}

/** A machine from a literal: `memorySysroot(origin, { 'proc/cmdline': 'quiet\n', 'sys/x': { kind: 'symlink', … } })`. */
export function memorySysroot(origin: Origin, tree: TreeDescription): MemorySysroot {
  return new MemorySysroot(origin, new MemoryTree(describedEntries(tree)))
}
