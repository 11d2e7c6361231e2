import type { Budget } from '../budget/budget.js'
import { decoded } from './decode.js'
import { ABSENT, boundedListing, unreadable } from './failure.js'
import type { MemoryEntry } from './memory-entry.js'
import { PathWalker, type Trail, type Walk } from './path-walker.js'
import type { Read } from './sysroot.js'

/** What a reader needs of a tree: one name, and the names below a directory. */
export interface Tree {
  /** `path` has no links, `.` or `..`; the empty string is the root. */
  entry(path: string): MemoryEntry
  /** The same of `name` in `directory`, for who has both: a path would be put together only to be taken apart. */
  child(directory: string, name: string): MemoryEntry
  names(directory: string): readonly string[]
}

/** An answer, kept for the next reader of the same path. */
export interface Answer<T> {
  readonly path: string
  readonly read: Read<T>
}

/** An answer with the names that it looked at, or with the directory whose names it holds. */
interface Sighting {
  readonly answer: Answer<unknown>
  readonly trail?: Trail | undefined
  readonly listed?: string
}

/**
 * Reads of one tree, each answered once. A tree that differs in one name may use all answers but those that looked at
 * that name: `dependents` tells which.
 */
export class TreeReader {
  private readonly tree: Tree
  private readonly budget: Budget
  private readonly walker: PathWalker<MemoryEntry>
  private readonly texts = new Map<string, Answer<string>>()
  private readonly files = new Map<string, Answer<Uint8Array>>()
  private readonly lists = new Map<string, Answer<readonly string[]>>()
  private readonly links = new Map<string, Answer<string>>()
  private readonly sightings: Sighting[] = []
  /** Answers by the names they looked at; made of all sightings when it is first asked for, most readers never are. */
  private seenBy: Map<string, Set<Answer<unknown>>> | undefined

  constructor(tree: Tree, budget: Budget) {
    this.tree = tree
    this.budget = budget
    this.walker = new PathWalker(
      (path, directory, name) => (path === '' ? tree.entry('') : tree.child(directory, name)),
      budget,
    )
  }

  text(path: string): Answer<string> {
    return this.texts.get(path) ?? this.keep(this.texts, path, true, (walk) => decoded(fileRead(walk), this.budget))
  }

  bytes(path: string): Answer<Uint8Array> {
    return this.files.get(path) ?? this.keep(this.files, path, true, fileRead)
  }

  list(path: string): Answer<readonly string[]> {
    const kept = this.lists.get(path)
    if (kept) return kept
    const walk = this.walker.walk(path, true)
    const answer = this.keep(this.lists, path, true, () => this.listing(walk))
    if (walk.node.kind === 'directory') this.saw({ answer, listed: walk.path })
    return answer
  }

  link(path: string): Answer<string> {
    return this.links.get(path) ?? this.keep(this.links, path, false, linkRead)
  }

  walk(path: string, follow: boolean): Walk<MemoryEntry> {
    return this.walker.walk(path, follow)
  }

  /**
   * The answers that looked at `name`, or with `listingKey(directory)` those that hold the directory's names. The set
   * grows as more is read.
   */
  dependents(name: string): ReadonlySet<Answer<unknown>> {
    if (!this.seenBy) {
      this.seenBy = new Map()
      for (const sighting of this.sightings) index(this.seenBy, sighting)
      this.sightings.length = 0
    }
    return setOf(this.seenBy, name)
  }

  private listing(walk: Walk<MemoryEntry>): Read<readonly string[]> {
    const { node } = walk
    switch (node.kind) {
      case 'directory':
        if (node.listing === 'absent') return ABSENT
        if (typeof node.listing === 'string') return unreadable(node.listing)
        return boundedListing(node.listing ?? this.tree.names(walk.path), this.budget)
      case 'absent':
        return ABSENT
      case 'unreadable':
        return unreadable(node.reason)
      case 'file':
      case 'symlink':
        return unreadable('malformed')
    }
  }

  private keep<T>(
    answers: Map<string, Answer<T>>,
    path: string,
    follow: boolean,
    read: (walk: Walk<MemoryEntry>) => Read<T>,
  ): Answer<T> {
    const walk = this.walker.walk(path, follow)
    const answer: Answer<T> = { path, read: read(walk) }
    answers.set(path, answer)
    this.saw({ answer, trail: walk.trail })
    return answer
  }

  private saw(sighting: Sighting): void {
    if (this.seenBy) index(this.seenBy, sighting)
    else this.sightings.push(sighting)
  }
}

function setOf(sets: Map<string, Set<Answer<unknown>>>, name: string): Set<Answer<unknown>> {
  let set = sets.get(name)
  if (!set) sets.set(name, (set = new Set()))
  return set
}

function index(seenBy: Map<string, Set<Answer<unknown>>>, { answer, trail, listed }: Sighting): void {
  for (let step = trail; step; step = step.before) setOf(seenBy, step.path).add(answer)
  if (listed !== undefined) setOf(seenBy, listingKey(listed)).add(answer)
}

/** Key of a directory's names, as opposed to the directory itself. No path ends with a slash. */
export function listingKey(directory: string): string {
  return `${directory}/`
}

function fileRead({ node }: Walk<MemoryEntry>): Read<Uint8Array> {
  switch (node.kind) {
    case 'file':
      return typeof node.content === 'string' ? unreadable(node.content) : { state: 'known', value: node.content }
    case 'directory':
      return node.listing === 'absent' ? ABSENT : unreadable('malformed')
    case 'absent':
      return ABSENT
    case 'unreadable':
      return unreadable(node.reason)
    case 'symlink':
      return unreadable('malformed')
  }
}

function linkRead({ node }: Walk<MemoryEntry>): Read<string> {
  switch (node.kind) {
    case 'symlink':
      return { state: 'known', value: node.target }
    case 'directory':
      return node.listing === 'absent' ? ABSENT : unreadable('malformed')
    case 'absent':
      return ABSENT
    case 'unreadable':
      return unreadable(node.reason)
    case 'file':
      return unreadable('malformed')
  }
}
