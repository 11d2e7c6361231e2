import type { MemoryEntry } from './memory-entry.js'
import { MemorySysroot, MemoryTree } from './memory-sysroot.js'
import type { Read } from './sysroot.js'
import type { Step, Trace } from './trace.js'
import type { Origin, ReadFailure } from './types.js'

/** What is said of everything that was not recorded. */
const UNASKED: ReadFailure = 'not-collected'

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

/** What is known of one name, from all reads that came by or ended there. */
interface NameFacts {
  readonly step: Step
  content?: Read<Uint8Array>
  listing?: Read<readonly string[]>
  failure?: ReadFailure
}

/**
 * The tree that gives the recorded answers again: files, links on the way, listings, and names known to be absent or
 * unreadable. Keys are paths without links. See `splitForBundle` for its form as an archive.
 */
export function treeFromRecord(record: SysrootRecord): ReadonlyMap<string, MemoryEntry> {
  const facts = new Map<string, NameFacts>()
  for (const read of record.reads) {
    for (const step of read.trace.steps) if (!facts.has(step.path)) facts.set(step.path, { step })
    const stopped = facts.get(read.trace.steps.at(-1)?.path ?? '')
    if (stopped && read.result.state === 'unreadable') stopped.failure ??= read.result.reason
    // The last name looked at is not always where the way ends: `..` leads back to one that was passed before.
    const end = facts.get(read.trace.path)
    if (end === undefined || read.kind === 'link') continue
    if (read.kind === 'list') end.listing ??= read.result
    else end.content ??= read.result
  }
  const inOrder = [...facts].sort(([one], [other]) => (one < other ? -1 : 1))
  return new Map(inOrder.map(([path, known]) => [path, entryFrom(known)]))
}

/** A machine that answers what was recorded; everything else is unreadable (`not-collected`): nobody asked for it. */
export function memorySysrootFromRecord(record: SysrootRecord): MemorySysroot {
  return new MemorySysroot(record.origin, new MemoryTree(treeFromRecord(record), UNASKED))
}

/** The one entry that answers as the reads did. What a read found counts more than what the name looked like before. */
function entryFrom({ step, content, listing, failure }: NameFacts): MemoryEntry {
  if (step.kind === 'symlink') return { kind: 'symlink', target: step.target }
  if (content?.state === 'known') return { kind: 'file', content: content.value }
  if (listing?.state === 'known') return { kind: 'directory', listing: listing.value }
  switch (step.kind) {
    case 'directory':
      return { kind: 'directory', listing: listing?.state === 'unreadable' ? listing.reason : UNASKED }
    case 'file':
      // Gone between the look at its name and the read of its content.
      if (content?.state === 'absent') return { kind: 'absent' }
      return { kind: 'file', content: content?.reason ?? UNASKED }
    case 'unreadable':
      return { kind: 'unreadable', reason: failure ?? UNASKED }
    case 'absent':
      return { kind: 'absent' }
  }
}
