import type { Budget } from '../budget/budget.js'
import { ChangedTree, missingAncestors } from './changed-tree.js'
import type { MemoryEntry } from './memory-entry.js'
import { parentOf } from './path-walker.js'
import type { Read } from './sysroot.js'
import { traceOf, type Trace, type TracedSysroot } from './trace.js'
import { listingKey, TreeReader, type Answer, type Tree } from './tree-reader.js'
import type { Origin, ReadFailure } from './types.js'

/**
 * A change to one path. It concerns the name itself, a last link is not followed; only `listing` and `bytes` follow
 * links, to the directory or file that they lead to.
 */
export type Change =
  /** The name is gone from its directory, with everything below it. */
  | { readonly kind: 'removed' }
  /** Nothing can be said of the name and of what is below it. Its directory lists it as before. */
  | { readonly kind: 'unreadable'; readonly reason: ReadFailure }
  /** A file with these bytes, listed in its directory. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** A symbolic link, listed in its directory. */
  | { readonly kind: 'link'; readonly target: string }
  /** The directory lists these names, or cannot be listed; what is below it stays as it was. */
  | { readonly kind: 'listing'; readonly names: readonly string[] | ReadFailure }

/** A machine in memory seen with a few paths changed. */
export class ChangedSysroot implements TracedSysroot {
  readonly origin: Origin
  readonly budget: Budget
  private readonly shared: TreeReader
  private readonly own: TreeReader
  /** Shared answers that a change may have made wrong. */
  private readonly stale: readonly ReadonlySet<Answer<unknown>>[]

  constructor(
    origin: Origin,
    tree: Tree,
    shared: TreeReader,
    changes: Iterable<readonly [string, Change]>,
    budget: Budget,
  ) {
    this.origin = origin
    this.budget = budget
    this.shared = shared
    const stale: ReadonlySet<Answer<unknown>>[] = []
    const entries = new Map<string, MemoryEntry>()
    for (const [path, change] of changes) {
      const walk = shared.walk(path, change.kind === 'listing' || change.kind === 'bytes')
      entries.set(walk.path, changedEntry(change))
      // Another listing leaves what is below the directory alone, unless the directory is only now there.
      const listingOnly = change.kind === 'listing' && walk.node.kind === 'directory'
      stale.push(shared.dependents(listingOnly ? listingKey(walk.path) : walk.path))
      if (change.kind === 'unreadable') continue
      const missing = missingAncestors(tree, walk.path)
      for (const above of missing) stale.push(shared.dependents(above))
      stale.push(shared.dependents(listingKey(parentOf(missing.at(-1) ?? walk.path))))
    }
    this.stale = stale
    this.own = new TreeReader(new ChangedTree(tree, entries), this.budget)
  }

  text(path: string): Read<string> {
    return this.fresh(this.shared.text(path)) ?? this.own.text(path).read
  }

  bytes(path: string): Read<Uint8Array> {
    return this.fresh(this.shared.bytes(path)) ?? this.own.bytes(path).read
  }

  list(path: string): Read<readonly string[]> {
    return this.fresh(this.shared.list(path)) ?? this.own.list(path).read
  }

  link(path: string): Read<string> {
    return this.fresh(this.shared.link(path)) ?? this.own.link(path).read
  }

  trace(path: string, follow: boolean): Trace {
    return traceOf(this.own.walk(path, follow))
  }

  /** Of the paths that were read of the machine without the changes those that may read otherwise here; some come twice. */
  *changedPaths(): Iterable<string> {
    for (const set of this.stale) for (const { path } of set) yield path
  }

  private fresh<T>(answer: Answer<T>): Read<T> | undefined {
    for (const set of this.stale) if (set.has(answer)) return undefined
    return answer.read
  }
}

function changedEntry(change: Change): MemoryEntry {
  switch (change.kind) {
    case 'removed':
      return { kind: 'absent' }
    case 'unreadable':
      return { kind: 'unreadable', reason: change.reason }
    case 'bytes':
      return { kind: 'file', content: change.bytes }
    case 'link':
      return { kind: 'symlink', target: change.target }
    case 'listing':
      return { kind: 'directory', listing: change.names }
  }
}
