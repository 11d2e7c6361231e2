import { Budget } from '../budget/budget.js'
import { ChangedSysroot, type Change } from './changed-sysroot.js'
import { describedEntries, sortedNames, type MemoryEntry, type TreeDescription } from './memory-entry.js'
import { parentOf } from './path-walker.js'
import type { Read } from './sysroot.js'
import { traceOf, type TracedSysroot, type Trace } from './trace.js'
import { TreeReader, type Tree } from './tree-reader.js'
import type { Origin, PassedOver, ReadFailure } from './types.js'

const ABSENT_ENTRY: MemoryEntry = { kind: 'absent' }
const DIRECTORY: MemoryEntry = { kind: 'directory' }
const NO_NAMES: readonly string[] = []

/** A tree in memory, by path. Directories above an entry need no entry of their own. */
export class MemoryTree implements Tree {
  private readonly entries = new Map<string, MemoryEntry>()
  private readonly children = new Map<string, Set<string>>()
  private readonly listings = new Map<string, readonly string[]>()
  private readonly missing: MemoryEntry

  /**
   * Where `unasked` is given, nobody knows what the tree does not hold: such names, and listings of directories
   * that have none, are unreadable for that reason instead of absent and computed.
   */
  constructor(entries: Iterable<readonly [string, MemoryEntry]>, unasked?: ReadFailure) {
    this.missing = unasked === undefined ? ABSENT_ENTRY : { kind: 'unreadable', reason: unasked }
    const implied: MemoryEntry = unasked === undefined ? DIRECTORY : { kind: 'directory', listing: unasked }
    this.entries.set('', implied)
    for (const [path, entry] of entries) {
      const plain = entry.kind === 'directory' && entry.listing === undefined
      this.entries.set(path, plain ? implied : entry)
      if (entry.kind !== 'absent') this.nameInParent(path)
    }
    for (const path of this.entries.keys()) this.implyParents(path, implied)
  }

  entry(path: string): MemoryEntry {
    return this.entries.get(path) ?? this.missing
  }

  names(directory: string): readonly string[] {
    const known = this.listings.get(directory)
    if (known) return known
    const names = sortedNames(this.children.get(directory) ?? NO_NAMES)
    this.listings.set(directory, names)
    return names
  }

  private nameInParent(path: string): void {
    if (path === '') return
    const parent = parentOf(path)
    const siblings = this.children.get(parent)
    const name = path.slice(parent === '' ? 0 : parent.length + 1)
    if (siblings) siblings.add(name)
    else this.children.set(parent, new Set([name]))
  }

  private implyParents(path: string, implied: MemoryEntry): void {
    for (let parent = parentOf(path); parent !== '' && !this.entries.has(parent); parent = parentOf(parent)) {
      this.entries.set(parent, implied)
      this.nameInParent(parent)
    }
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
