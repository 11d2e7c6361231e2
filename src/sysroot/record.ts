import { sortedNames, type MemoryEntry } from './memory-entry.js'
import { MemorySysroot, MemoryTree } from './memory-sysroot.js'
import type { Read } from './sysroot.js'
import type { Trace } from './trace.js'
import type { Origin, ReadFailure } from './types.js'

const UNLISTED: MemoryEntry = { kind: 'directory', listing: 'io' }

/** One path that was read, what came of it, and the way there. */
export type RecordedRead =
  | { readonly kind: 'text' | 'bytes'; readonly path: string; readonly result: Read<Uint8Array>; readonly trace: Trace }
  | { readonly kind: 'list'; readonly path: string; readonly result: Read<readonly string[]>; readonly trace: Trace }
  | { readonly kind: 'link'; readonly path: string; readonly result: Read<string>; readonly trace: Trace }

/** Everything that was read of one machine, in the order of the first reads. */
export interface SysrootRecord {
  readonly origin: Origin
  readonly reads: readonly RecordedRead[]
}

/** What is known of one name, from all reads that ended there. */
interface NameFacts {
  target?: string
  content?: Read<Uint8Array>
  listing?: Read<readonly string[]>
  link?: Read<string>
}

/**
 * The tree that gives the recorded answers again: files, links on the way, listings, and names known to be absent or
 * unreadable. Keys are paths without links. See `splitForBundle` for its form as an archive.
 */
export function treeFromRecord(record: SysrootRecord): ReadonlyMap<string, MemoryEntry> {
  const facts = new Map<string, NameFacts>()
  const factsOf = (path: string): NameFacts => {
    let known = facts.get(path)
    if (!known) facts.set(path, (known = {}))
    return known
  }
  for (const read of record.reads) {
    for (const link of read.trace.links) factsOf(link.path).target ??= link.target
    const known = factsOf(read.trace.path)
    switch (read.kind) {
      case 'text':
      case 'bytes':
        known.content ??= read.result
        break
      case 'list':
        known.listing ??= read.result
        break
      case 'link':
        known.link ??= read.result
        break
    }
  }
  const passed = new Set<string>()
  for (const path of facts.keys()) {
    for (
      let cut = path.lastIndexOf('/');
      cut > 0 && !passed.has(path.slice(0, cut));
      cut = path.lastIndexOf('/', cut - 1)
    ) {
      passed.add(path.slice(0, cut))
    }
  }
  const entries = new Map<string, MemoryEntry>()
  for (const path of sortedNames(facts.keys())) {
    const known = facts.get(path)
    if (known && isPlain(path)) entries.set(path, entryFrom(known, path === '' || passed.has(path)))
  }
  return entries
}

/** A machine that answers what was recorded, and that everything else is unreadable (`io`): nobody asked for it. */
export function memorySysrootFromRecord(record: SysrootRecord): MemorySysroot {
  return new MemorySysroot(record.origin, new MemoryTree(treeFromRecord(record), 'io'))
}

/** A path that went on through `..` behind a missing name is no name of its own. */
function isPlain(path: string): boolean {
  return path === '' || path.split('/').every((name) => name !== '.' && name !== '..')
}

/**
 * The one entry that answers as the reads did. `malformed` says what a name is not: content that is malformed is no
 * file, a listing no directory, a link no link. `passed` is set where something below the name was asked for.
 */
function entryFrom(known: NameFacts, passed: boolean): MemoryEntry {
  const { content, listing, link } = known
  const target = known.target ?? (link?.state === 'known' ? link.value : undefined)
  if (target !== undefined) return { kind: 'symlink', target }
  if (content?.state === 'known') return { kind: 'file', content: content.value }
  if (listing?.state === 'known') return { kind: 'directory', listing: listing.value }
  const [contentFailure, listingFailure, linkFailure] = [failureOf(content), failureOf(listing), failureOf(link)]
  if (contentFailure !== undefined && contentFailure !== 'malformed') {
    return listingFailure === 'malformed' || linkFailure === 'malformed'
      ? { kind: 'file', content: contentFailure }
      : { kind: 'unreadable', reason: contentFailure }
  }
  if (listingFailure !== undefined && listingFailure !== 'malformed') {
    return contentFailure === 'malformed' || linkFailure === 'malformed' || passed
      ? { kind: 'directory', listing: listingFailure }
      : { kind: 'unreadable', reason: listingFailure }
  }
  if (linkFailure !== undefined && linkFailure !== 'malformed') return { kind: 'unreadable', reason: linkFailure }
  if (contentFailure ?? listingFailure ?? linkFailure) {
    return passed && listingFailure === undefined ? UNLISTED : { kind: 'unreadable', reason: 'malformed' }
  }
  return { kind: 'absent' }
}

function failureOf(read: Read<unknown> | undefined): ReadFailure | undefined {
  return read?.state === 'unreadable' ? read.reason : undefined
}
