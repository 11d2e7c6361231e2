import { sortedNames, type MemoryEntry } from './memory-entry.js'
import { childOf, parentOf } from './path-walker.js'
import type { Tree } from './tree-reader.js'

const DIRECTORY: MemoryEntry = { kind: 'directory' }
const HOLLOW: MemoryEntry = { kind: 'directory', listing: 'absent' }

/** A tree in which a few names have other entries; `absent` takes a name, and all below it, away. */
export class ChangedTree implements Tree {
  private readonly base: Tree
  private readonly entries: Map<string, MemoryEntry>

  constructor(base: Tree, changes: ReadonlyMap<string, MemoryEntry>) {
    this.base = base
    this.entries = new Map(changes)
    const parents = new Set<string>()
    for (const [path, entry] of changes) {
      const missing = missingAncestors(base, path)
      parents.add(parentOf(missing.at(-1) ?? path))
      // A file in a directory that is not there brings its directory; an unreadable name only lets itself be reached.
      for (const above of missing) {
        if (entry.kind === 'absent' || changes.has(above) || this.entries.get(above) === DIRECTORY) continue
        this.entries.set(above, entry.kind === 'unreadable' ? HOLLOW : DIRECTORY)
      }
    }
    for (const parent of parents) {
      const holder = base.entry(parent)
      if (changes.has(parent) || holder.kind !== 'directory' || typeof holder.listing !== 'object') continue
      this.entries.set(parent, { kind: 'directory', listing: this.adjusted(parent, holder.listing) })
    }
  }

  entry(path: string): MemoryEntry {
    return this.entries.get(path) ?? this.base.entry(path)
  }

  child(directory: string, name: string): MemoryEntry {
    return this.entries.get(childOf(directory, name)) ?? this.base.child(directory, name)
  }

  names(directory: string): readonly string[] {
    return this.adjusted(directory, this.base.names(directory))
  }

  private adjusted(directory: string, names: readonly string[]): readonly string[] {
    const adjusted = new Set(names)
    for (const [path, entry] of this.entries) {
      if (path === '' || parentOf(path) !== directory) continue
      const name = directory === '' ? path : path.slice(directory.length + 1)
      if (entry.kind === 'absent') adjusted.delete(name)
      else if (entry.kind !== 'unreadable' && entry !== HOLLOW) adjusted.add(name)
    }
    return sortedNames(adjusted)
  }
}

/** Directories above `path` that the tree does not have, nearest first. */
export function missingAncestors(tree: Tree, path: string): readonly string[] {
  const missing: string[] = []
  for (let above = parentOf(path); above !== '' && tree.entry(above).kind === 'absent'; above = parentOf(above)) {
    missing.push(above)
  }
  return missing
}
