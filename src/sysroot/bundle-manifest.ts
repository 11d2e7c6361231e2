import type { Budget } from '../budget/budget.js'
import { mostJsonValues, takesJson } from '../budget/json.js'
import { LIMITS, SINGLE } from '../budget/limits.js'
import { printable } from './bundle-error.js'
import type { EntryTable } from './entry-table.js'
import { sortedNames, type MemoryEntry } from './memory-entry.js'
import type { PassedOver, ReadFailure } from './types.js'

/** Name of the manifest, at the top of a bundle beside `sysroot/`. */
export const MANIFEST_NAME = 'manifest.json'
const MANIFEST_SCHEMA = 'intremap/bundle'
const MANIFEST_VERSION = '1.0.0'

/**
 * What a tar archive cannot say of a recorded machine. Paths are those of the machine, without links and without
 * leading slash. It only ever takes knowledge away: nothing in it can make a file or hide one.
 */
export interface BundleManifest {
  readonly schema: typeof MANIFEST_SCHEMA
  readonly schemaVersion: string
  /**
   * Names that could not be read. Where the archive has a file (empty, in its place) its content, where it has a
   * directory its listing, else the name and everything below it.
   */
  readonly unreadable: Readonly<Record<string, ReadFailure>>
  /**
   * Names that were looked for and not there. Present in a recording only, and then of a name that neither this list
   * nor the archive has nobody knows anything: it is unreadable. Without the list it is absent.
   */
  readonly absent?: readonly string[]
  /** All names of the directories that were listed; recordings leave files out that nobody read. */
  readonly listings?: Readonly<Record<string, readonly string[]>>
}

/**
 * Splits a recorded tree into what goes into an archive, below `sysroot/`, and what its manifest has to say. The root
 * itself, the empty path, is always among the entries: an archive without `sysroot/` would have no manifest.
 */
export function splitForBundle(entries: ReadonlyMap<string, MemoryEntry>): {
  readonly archive: ReadonlyMap<string, MemoryEntry>
  readonly manifest: BundleManifest
} {
  const archive = new Map<string, MemoryEntry>([['', { kind: 'directory' }]])
  // Pairs first: a name like `__proto__` is a name like any other.
  const unreadable: [string, ReadFailure][] = []
  const absent: string[] = []
  const listings: [string, readonly string[]][] = []
  for (const path of [...entries.keys()].sort()) {
    const entry = entries.get(path)
    if (entry === undefined) continue
    switch (entry.kind) {
      case 'file':
        archive.set(path, typeof entry.content === 'string' ? { kind: 'file', content: new Uint8Array(0) } : entry)
        if (typeof entry.content === 'string') unreadable.push([path, entry.content])
        break
      case 'directory':
        archive.set(path, { kind: 'directory' })
        if (typeof entry.listing === 'object') listings.push([path, entry.listing])
        else if (entry.listing !== undefined && entry.listing !== 'absent') unreadable.push([path, entry.listing])
        break
      case 'symlink':
        archive.set(path, entry)
        break
      case 'unreadable':
        unreadable.push([path, entry.reason])
        break
      case 'absent':
        absent.push(path)
        break
    }
  }
  return {
    archive,
    manifest: {
      schema: MANIFEST_SCHEMA,
      schemaVersion: MANIFEST_VERSION,
      unreadable: Object.fromEntries(unreadable),
      absent,
      listings: Object.fromEntries(listings),
    },
  }
}

/** A JSON document of something else, such as a build: it says nothing of the machine beside it. */
export function isForeignManifest(content: Uint8Array): boolean {
  if (mostJsonValues(content) > LIMITS.manifestValues) return false
  const value = parsed(content)
  return isRecord(value) && !(typeof value['schema'] === 'string' && value['schema'].startsWith('intremap/'))
}

/** The value of a JSON text; undefined for anything else. */
function parsed(content: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(content))
  } catch {
    return undefined
  }
}

/** Reads a manifest; a string says why it cannot be one that this release understands. */
export function parseManifest(content: Uint8Array, budget: Budget): BundleManifest | string {
  if (!takesJson(content, 'manifestValues', budget)) {
    return `has more than ${budget.limit('manifestValues')} values`
  }
  const value = parsed(content)
  if (value === undefined) return 'is not JSON'
  if (!isRecord(value) || value['schema'] !== MANIFEST_SCHEMA) return `has not the schema ${MANIFEST_SCHEMA}`
  const { schemaVersion, unreadable = {}, absent, listings = {} } = value
  if (typeof schemaVersion !== 'string' || !/^1\.\d+\.\d+$/.test(schemaVersion)) return 'has an unknown schemaVersion'
  if (!isRecord(unreadable) || !isRecord(listings)) return 'has no table of unreadable names or of listings'
  if (absent !== undefined && !isStringList(absent)) return 'has no list of absent names'
  const reasons: [string, ReadFailure][] = Object.entries(unreadable).map(([path, reason]) => [path, asReason(reason)])
  const lists: [string, readonly string[]][] = []
  for (const [path, names] of Object.entries(listings)) {
    if (!isStringList(names)) return `has no list of names for ${printable(path)}`
    lists.push([path, names])
  }
  return {
    schema: MANIFEST_SCHEMA,
    schemaVersion,
    unreadable: Object.fromEntries(reasons),
    listings: Object.fromEntries(lists),
    ...(absent === undefined ? {} : { absent }),
  }
}

/**
 * Applies a manifest to the entries of its archive, in place; every directory has one. Returns notes on what it contradicts. A name that the
 * archive has is never made absent, a listing never loses a name that the archive has: both become unreadable.
 */
export function applyManifest(entries: EntryTable, manifest: BundleManifest): readonly PassedOver[] {
  const notes: PassedOver[] = []
  const found = (path: string): MemoryEntry | undefined =>
    entries.get(path) ?? (path === '' ? { kind: 'directory' } : undefined)
  const usable = (path: string): boolean => {
    if (isPlainPath(path)) return true
    notes.push({ path, problem: 'named by the manifest, and no path; passed over' })
    return false
  }
  for (const [path, names] of Object.entries(manifest.listings ?? {}).filter(([path]) => usable(path))) {
    const listed = new Set(names)
    if (found(path)?.kind !== 'directory') {
      notes.push({ path, problem: 'listed by the manifest, and no directory of the archive; passed over' })
    } else if ([...entries.names(path).keys()].every((name) => listed.has(name)) && names.every(isPlainName)) {
      entries.set(path, { kind: 'directory', listing: sortedNames(listed) })
    } else {
      notes.push({ path, problem: "the manifest's listing is not that of the archive" })
      entries.set(path, { kind: 'directory', listing: 'malformed' })
    }
  }
  for (const path of (manifest.absent ?? []).filter(usable)) {
    if (found(path) === undefined) {
      entries.set(path, { kind: 'absent' })
    } else {
      notes.push({ path, problem: 'absent by the manifest, and yet in the archive' })
      entries.set(path, { kind: 'unreadable', reason: 'malformed' })
    }
  }
  for (const [path, reason] of Object.entries(manifest.unreadable).filter(([path]) => usable(path))) {
    const entry = found(path)
    if (entry?.kind === 'file') entries.set(path, { kind: 'file', content: reason })
    else if (entry?.kind === 'directory') entries.set(path, { kind: 'directory', listing: reason })
    else entries.set(path, { kind: 'unreadable', reason })
  }
  return notes
}

function isPlainName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name)
}

function isPlainPath(path: string): boolean {
  if (path.length > SINGLE.pathBytes) return false
  const parts = path.split('/')
  return path === '' || (parts.length <= SINGLE.pathDepth && parts.every(isPlainName))
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isStringList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

/** A reason this release does not know is still a reason. */
function asReason(reason: unknown): ReadFailure {
  switch (reason) {
    case 'permission':
    case 'malformed':
    case 'too-large':
    case 'not-collected':
      return reason
    default:
      return 'io'
  }
}
