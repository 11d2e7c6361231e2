import { createGunzip, gunzipSync } from 'node:zlib'
import { Budget } from '../budget/budget.js'
import { BundleError } from './bundle-error.js'
import { MANIFEST_NAME, type BundleManifest } from './bundle-manifest.js'
import { BundleTree } from './bundle-tree.js'
import { EntryTable } from './entry-table.js'
import type { MemoryEntry } from './memory-entry.js'
import { MemorySysroot } from './memory-sysroot.js'
import { recordedTree, understoodManifest } from './recorded-machine.js'
import { BLOCK, parseTarHeader } from './tar-header.js'
import { TarReader } from './tar-reader.js'

/** A machine out of an archive. */
export interface Bundle {
  readonly sysroot: MemorySysroot
  /** Files at the top of the archive beside `sysroot/`, the manifest among them. */
  readonly extras: ReadonlyMap<string, Uint8Array>
  readonly manifest: BundleManifest | undefined
  /** What was passed over or distrusted, for people, without control characters. */
  readonly notes: readonly string[]
}

/** Directory of the machine in an archive. */
export const ROOT_NAME = 'sysroot'
const MACHINE_DIRECTORIES = [ROOT_NAME, 'sys', 'proc']
/** Bytes of an archive that are unpacked in one piece, and the least that are asked for. */
const MOST_AT_ONCE = 16 * 1024 * 1024
const LEAST_CHUNK = 64 * 1024
const RETRY = 'Take the capture again, or pass a tar.gz archive of the machine.'

/**
 * Opens an archive (tar, gzip or not) of a machine: its `sys`, `proc` and the rest at the top, or below `sysroot/`.
 * The archive is somebody else's: what it yields is bounded whatever it claims, names that leave it are passed over, and
 * what contradicts itself is unreadable. Throws BundleError, and nothing else, where there is no machine to be had.
 */
export async function openBundle(
  bytes: Uint8Array,
  name: string,
  kind: 'bundle' | 'emulated' = 'bundle',
  budget = new Budget(),
): Promise<Bundle> {
  const tree = new BundleTree(name, budget)
  const reader = new TarReader(name, budget, (entry) => tree.add(entry))
  await unpack(bytes, name, budget, (chunk) => reader.push(chunk))
  reader.end()
  if (reader.trailingData) tree.note('', 'the archive goes on after its end mark; that part was passed over')
  const { root, beside } = splitAtRoot(tree.finish(), name)
  const extras = new Map<string, Uint8Array>()
  for (const [path, entry] of beside.names('')) {
    if (entry.kind === 'file' && typeof entry.content !== 'string') extras.set(path, entry.content)
  }
  const manifest = readManifest(beside.get(MANIFEST_NAME), name, budget)
  if (root.get('sys') === undefined) {
    tree.note('', 'the archive has no sys directory, neither at its top nor below sysroot/')
  }
  const machine = recordedTree(root, manifest, ({ path, problem }) => {
    tree.note(path, problem)
  })
  const passedOver = tree.notes()
  const notes = passedOver.map(({ path, problem }) => (path === '' ? problem : `${path}: ${problem}`))
  return { sysroot: new MemorySysroot({ kind, name }, machine, budget, passedOver), extras, manifest, notes }
}

async function unpack(
  bytes: Uint8Array,
  name: string,
  budget: Budget,
  consume: (chunk: Uint8Array) => boolean,
): Promise<void> {
  if (bytes.length === 0) throw new BundleError(name, 'the file is empty', RETRY)
  if (!budget.take('archiveBytes', bytes.length)) throw tooLarge(name, budget.limit('archiveBytes'))
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) {
    if (bytes.length < BLOCK || 'fault' in parseTarHeader(bytes.subarray(0, BLOCK))) {
      throw new BundleError(name, 'the file is neither a gzip nor a tar archive', RETRY)
    }
    consume(bytes)
    return
  }
  const small = unpackedAtOnce(bytes, budget)
  if (small) {
    consume(small)
    return
  }
  const gunzip = createGunzip()
  gunzip.end(bytes)
  let unpacked = 0
  try {
    for await (const chunk of gunzip) {
      if (!(chunk instanceof Uint8Array)) continue
      unpacked += chunk.length
      if (!budget.take('unpackedBytes', chunk.length)) throw tooLarge(name, budget.limit('unpackedBytes'))
      if (!consume(chunk)) break
    }
  } catch (error) {
    if (error instanceof BundleError) throw error
    const cut = error instanceof Error && 'code' in error && error.code === 'Z_BUF_ERROR'
    const problem = cut ? `the gzip data ends early, after ${unpacked} unpacked bytes` : 'the gzip data is damaged'
    throw new BundleError(name, problem, RETRY)
  } finally {
    gunzip.destroy()
  }
}

/**
 * What a small archive unpacks to, in one piece, charged to the budget: the stream hands out a piece at a time, which
 * costs more than unpacking. Undefined for what is large or damaged; the stream says how far it can be read.
 */
function unpackedAtOnce(bytes: Uint8Array, budget: Budget): Uint8Array | undefined {
  // A gzip file ends with the length of what it holds (RFC 1952, ISIZE); others may follow it, so it is only a hint.
  const claimed =
    bytes.length < 4 ? 0 : new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 4).getUint32(0, true)
  if (claimed > MOST_AT_ONCE) return undefined
  let unpacked: Uint8Array
  try {
    // With a byte to spare: a buffer that is filled to its end is taken for too small, and a second one made.
    unpacked = gunzipSync(bytes, { maxOutputLength: MOST_AT_ONCE, chunkSize: Math.max(claimed + 1, LEAST_CHUNK) })
  } catch {
    return undefined
  }
  if (unpacked.length > budget.limit('unpackedBytes') - budget.spent('unpackedBytes')) return undefined
  budget.take('unpackedBytes', unpacked.length)
  return unpacked
}

function tooLarge(name: string, limit: number): BundleError {
  return new BundleError(name, `the archive unpacks to more than ${limit} bytes`, RETRY)
}

/** The machine's own names, and those beside it. */
function splitAtRoot(entries: EntryTable, name: string): { readonly root: EntryTable; readonly beside: EntryTable } {
  const nested = entries.get(ROOT_NAME)
  if (nested !== undefined) {
    if (nested.kind !== 'directory') throw new BundleError(name, 'its sysroot is no directory', RETRY)
    return { root: entries.below(ROOT_NAME), beside: entries }
  }
  const top = onlyDirectory(entries)
  return top === undefined ? { root: entries, beside: new EntryTable() } : splitAtRoot(entries.below(top), name)
}

/**
 * The one directory at the top of an archive that people made of a directory, with a machine in it: `host1/sys`. Undefined
 * where the machine's own directories are at the top.
 */
function onlyDirectory(entries: EntryTable): string | undefined {
  const directories = [...entries.names('')].flatMap(([name, { kind }]) => (kind === 'directory' ? [name] : []))
  const [only, ...others] = directories
  if (only === undefined || others.length > 0 || only === 'sys' || only === 'proc') return undefined
  const inside = entries.names(only)
  return MACHINE_DIRECTORIES.some((name) => inside.has(name)) ? only : undefined
}

function readManifest(entry: MemoryEntry | undefined, name: string, budget: Budget): BundleManifest | undefined {
  if (entry === undefined) return undefined
  const content = entry.kind === 'file' && typeof entry.content !== 'string' ? entry.content : undefined
  return understoodManifest(content, name, budget)
}
