import type { MemoryEntry } from './memory-entry.js'
import { childOf, parentOf } from './path-walker.js'

/** Names of one directory with what they are. */
type Names = Map<string, MemoryEntry>

const NO_NAMES: ReadonlyMap<string, MemoryEntry> = new Map()

/**
 * Entries by directory and name. Of a large tree most paths are those of a few directories: what a directory holds shares
 * its path, and its listing is at hand. The empty path is the root, which is in no directory.
 */
export class EntryTable {
  private readonly directories = new Map<string, Names>()
  private root: MemoryEntry | undefined

  get(path: string): MemoryEntry | undefined {
    if (path === '') return this.root
    const cut = path.lastIndexOf('/')
    return this.child(cut < 0 ? '' : path.slice(0, cut), path.slice(cut + 1))
  }

  /** What `name` in `directory` is, for who has both. */
  child(directory: string, name: string): MemoryEntry | undefined {
    return this.directories.get(directory)?.get(name)
  }

  set(path: string, entry: MemoryEntry): void {
    if (path === '') this.root = entry
    else this.open(parentOf(path)).set(path.slice(path.lastIndexOf('/') + 1), entry)
  }

  /** Paths of the directories that hold names, or were opened for some. */
  paths(): Iterable<string> {
    return this.directories.keys()
  }

  has(directory: string): boolean {
    return this.directories.has(directory)
  }

  names(directory: string): ReadonlyMap<string, MemoryEntry> {
    return this.directories.get(directory) ?? NO_NAMES
  }

  /** The names of a directory, to add to. */
  open(directory: string): Names {
    const known = this.directories.get(directory)
    if (known) return known
    const names: Names = new Map()
    this.directories.set(directory, names)
    return names
  }

  /** Takes away all that a directory holds, but for what is deeper. */
  empty(directory: string): void {
    this.directories.delete(directory)
  }

  /** Gives every directory on the way to a name an entry where it has none. */
  imply(directory: MemoryEntry): void {
    for (const path of this.directories.keys()) {
      for (let at = path; at !== '' && this.get(at) === undefined; at = parentOf(at)) this.set(at, directory)
    }
  }

  /** What is below `directory`, by the path from there. It shares the names with this table, which is not used further. */
  below(directory: string): EntryTable {
    const found = new EntryTable()
    const prefix = `${directory}/`
    for (const [path, names] of this.directories) {
      if (path === directory) found.directories.set('', names)
      else if (path.startsWith(prefix)) found.directories.set(path.slice(prefix.length), names)
    }
    return found
  }

  /** All entries with their paths; the root comes first. */
  *[Symbol.iterator](): Generator<readonly [string, MemoryEntry]> {
    if (this.root) yield ['', this.root]
    for (const [directory, names] of this.directories) {
      for (const [name, entry] of names) yield [childOf(directory, name), entry]
    }
  }
}
