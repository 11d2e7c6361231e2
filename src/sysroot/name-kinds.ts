import type { Dirent } from 'node:fs'
import { parentOf } from './path-walker.js'
import { RecentDirectories } from './recent-directories.js'

/** What a name in a directory is, as far as a listing tells. Of `other` ones only a look at the name itself tells more. */
export type NameKind = 'absent' | 'directory' | 'file' | 'symlink' | 'other'

/** Directories of which something is remembered: those of a walk, and where its links lead. */
const MOST_DIRECTORIES = 16
/** Names that are looked at one by one before a directory is listed for the rest: a listing costs two looks or more. */
const LOOKS_BEFORE = 3
/** Names that may be listed on a guess, all directories together. Machines of 30,000 functions have 1,500,000. */
const MOST_NAMES = 2_000_000

/** Names of a directory with their kinds, sorted by code unit. */
export type Listing = readonly Dirent[]

/** Sorts what was listed. The system does so by the bytes of the names, which hardly ever is another order. */
export function sortedListing(entries: Dirent[]): Listing {
  const isSorted = entries.every((entry, index) => index === 0 || (entries[index - 1]?.name ?? '') <= entry.name)
  return isSorted ? entries : entries.sort((left, right) => (left.name < right.name ? -1 : 1))
}

interface Directory {
  readonly path: string
  looks: number
  /** It may be searched and not be listed. */
  isUnlisted: boolean
  listed: Listing | undefined
  /** Targets of links that were read. */
  targets: Map<string, string> | undefined
}

/**
 * Kinds of names, learnt by listing the directories in which several are asked for: one listing is cheaper than a look at
 * each name. For a little while only: what is opened has to be looked at once more.
 */
export class NameKinds {
  private readonly directories = new RecentDirectories<Directory>(MOST_DIRECTORIES)
  /** What holds the directory that was listed last on a guess: its neighbours are read alike, one after the other. */
  private listedBelow: string | undefined
  private namesLeft = MOST_NAMES
  private readonly list: (directory: string) => Listing

  /** @param list what a directory holds; may throw */
  constructor(list: (directory: string) => Listing) {
    this.list = list
  }

  /** The kind of a name, where its directory is listed already. */
  told(directory: string, name: string): NameKind | undefined {
    const listed = this.directories.find(directory)?.listed
    return listed && kindIn(listed, name)
  }

  /** The kind of a name; `other` where it has to be looked at. */
  of(directory: string, name: string): NameKind {
    const known = this.directories.find(directory) ?? this.opened(directory)
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
    return known.listed ? kindIn(known.listed, name) : 'other'
  }

  /** Remembers what a listing told. */
  keep(directory: string, listing: Listing): void {
    this.namesLeft -= listing.length
    const known = this.directories.find(directory) ?? this.opened(directory)
    known.listed = listing
  }

  /** The target of a link, where it was read a little before. */
  target(directory: string, name: string): string | undefined {
    return this.directories.find(directory)?.targets?.get(name)
  }

  /** Remembers the target of a link. */
  keepTarget(directory: string, name: string, target: string): void {
    const known = this.directories.find(directory)
    if (!known) return
    known.targets ??= new Map()
    known.targets.set(name, target)
  }

  private opened(path: string): Directory {
    const directory = { path, looks: 0, isUnlisted: false, listed: undefined, targets: undefined }
    this.directories.add(directory)
    return directory
  }
}

function kindIn(listing: Listing, name: string): NameKind {
  let from = 0
  for (let to = listing.length; from < to;) {
    const middle = (from + to) >>> 1
    const entry = listing[middle]
    if (entry !== undefined && entry.name < name) from = middle + 1
    else to = middle
  }
  const entry = listing[from]
  return entry?.name === name ? kindOf(entry) : 'absent'
}

function kindOf(entry: Dirent): NameKind {
  if (entry.isFile()) return 'file'
  if (entry.isSymbolicLink()) return 'symlink'
  return entry.isDirectory() ? 'directory' : 'other'
}
