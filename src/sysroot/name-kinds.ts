import type { Dirent } from 'node:fs'
import { parentOf } from './path-walker.js'

/** What a name in a directory is, as far as a listing tells. Of `other` ones only a look at the name itself tells more. */
export type NameKind = 'absent' | 'directory' | 'file' | 'symlink' | 'other'

/** Directories of which something is remembered: those of a walk, and where its links lead. */
const MOST_DIRECTORIES = 16
/** Names that are looked at one by one before a directory is listed for the rest: a listing costs about four looks. */
const LOOKS_BEFORE = 4
/** Names that may be listed on a guess, all directories together. Machines of 30,000 functions have 1,500,000. */
const MOST_NAMES = 2_000_000

interface Directory {
  readonly path: string
  looks: number
  /** It may be searched and not be listed. */
  isUnlisted?: boolean
  kinds?: ReadonlyMap<string, NameKind>
}

/**
 * Kinds of names, learnt by listing the directories in which several are asked for: one listing is cheaper than a look at
 * each name. For a little while only: what is opened has to be looked at once more.
 */
export class NameKinds {
  /** By path, the one used last at the end. */
  private readonly directories = new Map<string, Directory>()
  private newest: Directory | undefined
  /** What holds the directory that was listed last on a guess: its neighbours are read alike, one after the other. */
  private listedBelow: string | undefined
  private namesLeft = MOST_NAMES
  private readonly list: (directory: string) => readonly Dirent[]

  /** @param list names of a directory with their kinds; may throw */
  constructor(list: (directory: string) => readonly Dirent[]) {
    this.list = list
  }

  /** The kind of a name, where its directory is listed already. */
  told(directory: string, name: string): NameKind | undefined {
    const isRemembered = this.newest?.path === directory || this.directories.has(directory)
    const kinds = isRemembered ? this.directory(directory).kinds : undefined
    return kinds && (kinds.get(name) ?? 'absent')
  }

  /** The kind of a name; `other` where it has to be looked at. */
  of(directory: string, name: string): NameKind {
    const known = this.directory(directory)
    if (!known.kinds) {
      known.looks += 1
      if (known.isUnlisted || this.namesLeft <= 0) return 'other'
      if (known.looks <= LOOKS_BEFORE && parentOf(directory) !== this.listedBelow) return 'other'
      try {
        this.keep(directory, this.list(directory))
        this.listedBelow = parentOf(directory)
      } catch {
        known.isUnlisted = true
      }
    }
    return known.kinds ? (known.kinds.get(name) ?? 'absent') : 'other'
  }

  /** Remembers what a listing told. */
  keep(directory: string, entries: readonly Dirent[]): void {
    this.namesLeft -= entries.length
    const kinds = new Map<string, NameKind>()
    for (const entry of entries) kinds.set(entry.name, kindOf(entry))
    this.directory(directory).kinds = kinds
  }

  private directory(path: string): Directory {
    if (this.newest?.path === path) return this.newest
    const known = this.directories.get(path) ?? { path, looks: 0 }
    this.directories.delete(path)
    this.directories.set(path, known)
    this.newest = known
    const [oldest] = this.directories.keys()
    if (this.directories.size > MOST_DIRECTORIES && oldest !== undefined) this.directories.delete(oldest)
    return known
  }
}

function kindOf(entry: Dirent): NameKind {
  if (entry.isFile()) return 'file'
  if (entry.isSymbolicLink()) return 'symlink'
  return entry.isDirectory() ? 'directory' : 'other'
}
