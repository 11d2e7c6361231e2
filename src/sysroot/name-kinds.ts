import type { Dirent } from 'node:fs'
import { parentOf } from './path-walker.js'

/** What a name in a directory is, as far as a listing tells. Of `other` ones only a look at the name itself tells more. */
export type NameKind = 'absent' | 'directory' | 'file' | 'symlink' | 'other'

/** Directories of which something is remembered: those of a walk, and where its links lead. */
const MOST_DIRECTORIES = 16
/** Names that are looked at one by one before a directory is listed for the rest: a listing costs two looks or more. */
const LOOKS_BEFORE = 3
/** Names that may be listed on a guess, all directories together. Machines of 30,000 functions have 1,500,000. */
const MOST_NAMES = 2_000_000

interface Directory {
  readonly path: string
  looks: number
  /** It may be searched and not be listed. */
  isUnlisted: boolean
  listed: readonly Dirent[] | undefined
  /** The same by name, made when the first name is asked for. */
  byName: ReadonlyMap<string, Dirent> | undefined
  /** Targets of links that were read. */
  targets: Map<string, string> | undefined
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
    const known = this.remembered(directory)
    return known?.listed && kindIn(known, known.listed, name)
  }

  /** The kind of a name; `other` where it has to be looked at. */
  of(directory: string, name: string): NameKind {
    const known = this.remembered(directory) ?? this.opened(directory)
    if (!known.listed) {
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
    return known.listed ? kindIn(known, known.listed, name) : 'other'
  }

  /** Remembers what a listing told. */
  keep(directory: string, entries: readonly Dirent[]): void {
    this.namesLeft -= entries.length
    const known = this.remembered(directory) ?? this.opened(directory)
    known.listed = entries
    known.byName = undefined
  }

  /** The target of a link, where it was read a little before. */
  target(directory: string, name: string): string | undefined {
    return this.remembered(directory)?.targets?.get(name)
  }

  /** Remembers the target of a link. */
  keepTarget(directory: string, name: string, target: string): void {
    const known = this.remembered(directory)
    if (!known) return
    known.targets ??= new Map()
    known.targets.set(name, target)
  }

  /** A directory of which something is known, and which from now on is the one used last. */
  private remembered(path: string): Directory | undefined {
    if (this.newest?.path === path) return this.newest
    const known = this.directories.get(path)
    if (!known) return undefined
    this.directories.delete(path)
    this.directories.set(path, known)
    this.newest = known
    return known
  }

  private opened(path: string): Directory {
    const directory = { path, looks: 0, isUnlisted: false, listed: undefined, byName: undefined, targets: undefined }
    this.directories.set(path, directory)
    this.newest = directory
    if (this.directories.size > MOST_DIRECTORIES) {
      const oldest = this.directories.keys().next()
      if (oldest.done !== true) this.directories.delete(oldest.value)
    }
    return directory
  }
}

function kindIn(directory: Directory, listed: readonly Dirent[], name: string): NameKind {
  directory.byName ??= new Map(listed.map((entry) => [entry.name, entry]))
  const entry = directory.byName.get(name)
  return entry ? kindOf(entry) : 'absent'
}

function kindOf(entry: Dirent): NameKind {
  if (entry.isFile()) return 'file'
  if (entry.isSymbolicLink()) return 'symlink'
  return entry.isDirectory() ? 'directory' : 'other'
}
