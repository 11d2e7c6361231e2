import type { Budget } from '../budget/budget.js'
import type { ReadFailure } from './types.js'

/** What a name in a directory is. A device node, FIFO or socket is `unreadable`: listed, never opened. */
export type PathNode =
  | { readonly kind: 'absent' }
  | { readonly kind: 'directory' }
  | { readonly kind: 'file' }
  | { readonly kind: 'symlink'; readonly target: string }
  | { readonly kind: 'unreadable'; readonly reason: ReadFailure }

/**
 * The names looked up on the way to a node, last first; below a missing name those that would have come. Walks through
 * one directory share its trail.
 */
export interface Trail {
  readonly path: string
  readonly node: PathNode
  readonly before: Trail | undefined
}

/** Where a path leads. */
export interface Walk<N> {
  /** Path without links, `.` and `..`. Where a name was missing on the way, what followed it is kept as written. */
  readonly path: string
  readonly node: N | { readonly kind: 'absent' } | { readonly kind: 'unreadable'; readonly reason: ReadFailure }
  readonly trail: Trail | undefined
  /** Links followed so far. */
  readonly hops: number
  /** Where the last name was looked up, and that name. */
  readonly place: Place
}

/** A name in a directory, whose path has no links. The root is in no other directory: both are the empty string. */
export interface Place {
  readonly directory: string
  readonly name: string
}

/** What is at `path`, which is `name` in `directory`, for who would take it apart. */
export type Lookup<N> = (path: string, directory: string, name: string) => N

/** Linux: MAXSYMLINKS (include/linux/namei.h). */
const HOP_LIMIT = 40
/** Linux: PATH_MAX with its final NUL. */
const PATH_LIMIT = 4095

/**
 * Directories whose walks are kept. Those of a large machine are read one after the other and never again; all are forgotten
 * at once, since the few that lead to many others are found again at the price of one.
 */
const MOST_DIRECTORIES = 1024

const ROOT: Place = { directory: '', name: '' }
const ABSENT_NODE = { kind: 'absent' } as const
const LOOP = { kind: 'unreadable', reason: 'io' } as const
const TOO_LARGE = { kind: 'unreadable', reason: 'too-large' } as const

/** The directory that holds `path`; the root holds itself. */
export function parentOf(path: string): string {
  const cut = path.lastIndexOf('/')
  return cut < 0 ? '' : path.slice(0, cut)
}

function placeOf(path: string): Place {
  return path === '' ? ROOT : { directory: parentOf(path), name: path.slice(path.lastIndexOf('/') + 1) }
}

/** `name` in `directory`, where the empty string is the root. */
export function childOf(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`
}

/**
 * Resolves paths as the kernel does below a changed root: an absolute link starts at the root, `..` stops there, 40
 * links end with an error. `lookup` gets paths whose directories are all real, so it must not follow links itself.
 * A directory is resolved once while it is read; reads of its files then cost one lookup each.
 */
export class PathWalker<N extends PathNode> {
  private readonly directories = new Map<string, Walk<N>>()
  /** The directory of the path before, as it was written: most reads want the next name in the same. */
  private last: { readonly path: string; readonly walk: Walk<N> } | undefined
  private readonly lookup: Lookup<N>
  private readonly budget: Budget

  /** @param budget charged for every name that a link leads through: few links can name millions */
  constructor(lookup: Lookup<N>, budget: Budget) {
    this.lookup = lookup
    this.budget = budget
  }

  /** Resolves `path`; a link in its last name is followed only when `follow` is set. */
  walk(path: string, follow: boolean): Walk<N> {
    if (path.length > PATH_LIMIT) return { path, node: LOOP, trail: undefined, hops: 0, place: ROOT }
    if (path.includes('\0')) return { path, node: ABSENT_NODE, trail: undefined, hops: 0, place: ROOT }
    const cut = path.lastIndexOf('/')
    return this.continue(this.above(path, cut), path.slice(cut + 1), follow)
  }

  /** The directory in which the last name of `path` is looked up; undefined for what is no path. */
  holderOf(path: string): Walk<N> | undefined {
    if (path.length > PATH_LIMIT) return undefined
    const cut = path.lastIndexOf('/')
    const { last } = this
    if (last?.path.length === cut && path.startsWith(last.path)) return last.walk
    return path.includes('\0') ? undefined : this.above(path, cut)
  }

  /** The directory that holds `path`, whose last slash is at `cut`. */
  private above(path: string, cut: number): Walk<N> {
    const { last } = this
    if (last?.path.length === cut && path.startsWith(last.path)) return last.walk
    const directory = cut < 0 ? '' : path.slice(0, cut)
    const walk = this.directory(directory)
    this.last = { path: directory, walk }
    return walk
  }

  private directory(path: string): Walk<N> {
    const seen = this.directories.get(path)
    if (seen) return seen
    const cut = path.lastIndexOf('/')
    const walk =
      path === ''
        ? this.root()
        : this.continue(this.directory(cut < 0 ? '' : path.slice(0, cut)), path.slice(cut + 1), true)
    if (this.directories.size >= MOST_DIRECTORIES) this.directories.clear()
    this.directories.set(path, walk)
    return walk
  }

  private root(): Walk<N> {
    const node = this.lookup('', '', '')
    return { path: '', node, trail: { path: '', node, before: undefined }, hops: 0, place: ROOT }
  }

  private continue(from: Walk<N>, rest: string, follow: boolean): Walk<N> {
    let { path, node, trail, hops, place } = from
    let pending: string[] | undefined
    for (let name: string | undefined = rest; name !== undefined; name = pending?.pop()) {
      if (node.kind !== 'directory') {
        // Below a file or a missing name is nothing; below what could not be read nobody can tell.
        if (node.kind !== 'unreadable') node = ABSENT_NODE
        path = childOf(path, name)
        if (trail?.node.kind === 'absent') trail = { path, node, before: trail }
        continue
      }
      if (name === '' || name === '.') continue
      if (name === '..') {
        path = parentOf(path)
        // On the way to a name further down it is enough that this is a directory, as all are that hold one.
        const next = pending?.at(-1)
        if (next !== undefined && next !== '' && next !== '.') continue
        place = placeOf(path)
        node = this.lookup(path, place.directory, place.name)
        continue
      }
      place = { directory: path, name }
      const here = childOf(path, name)
      const found: N = this.lookup(here, path, name)
      const target: string | undefined = found.kind === 'symlink' ? found.target : undefined
      trail = { path: here, node: found, before: trail }
      if (target === undefined || (!follow && (pending === undefined || pending.length === 0))) {
        path = here
        node = found
        continue
      }
      hops += 1
      if (hops > HOP_LIMIT || target.length > PATH_LIMIT) return { path: here, node: LOOP, trail, hops, place }
      if (target === '') return { path: here, node: ABSENT_NODE, trail, hops, place }
      const names = target.split('/')
      if (!this.budget.take('linkedNames', names.length)) return { path: here, node: TOO_LARGE, trail, hops, place }
      if (target.startsWith('/')) {
        path = ''
        node = this.lookup('', '', '')
      }
      pending ??= []
      for (const part of names.toReversed()) pending.push(part)
    }
    return { path, node, trail, hops, place }
  }
}
