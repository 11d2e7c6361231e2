import type { ReadFailure } from './types.js'

/**
 * One name of a machine held in memory. A file or a listing may be known to exist and still be unreadable; `unreadable`
 * is a name of which nothing is known at all, nor of anything below it.
 */
export type MemoryEntry =
  | { readonly kind: 'file'; readonly content: Uint8Array | ReadFailure }
  /**
   * Without `listing` a directory lists the names that the tree holds below it. `absent` says that every read of the
   * directory itself finds nothing: it is there only so that something below it can be unreadable.
   */
  | { readonly kind: 'directory'; readonly listing?: readonly string[] | ReadFailure | 'absent' }
  | { readonly kind: 'symlink'; readonly target: string }
  | { readonly kind: 'unreadable'; readonly reason: ReadFailure }
  | { readonly kind: 'absent' }

/** Short form of a tree for tests and emulated machines: text, bytes, or an entry spelled out. */
export type TreeDescription = Readonly<Record<string, string | Uint8Array | MemoryEntry>>

/** Entries of `tree`; strings become UTF-8 files. */
export function describedEntries(tree: TreeDescription): (readonly [string, MemoryEntry])[] {
  return Object.entries(tree).map(([path, value]) => [path, describedEntry(value)] as const)
}

function describedEntry(value: string | Uint8Array | MemoryEntry): MemoryEntry {
  if (typeof value === 'string') return { kind: 'file', content: new TextEncoder().encode(value) }
  return value instanceof Uint8Array ? { kind: 'file', content: value } : value
}

/** Sorts names as every listing is sorted: by UTF-16 code unit. */
export function sortedNames(names: Iterable<string>): readonly string[] {
  return [...names].sort()
}
