import { gzipSync } from 'node:zlib'
import { packTar, type TarEntry } from 'modern-tar'
import { MANIFEST_NAME, splitForBundle } from '../sysroot/bundle-manifest.js'
import type { MemoryEntry } from '../sysroot/memory-entry.js'
import { treeFromRecord, type SysrootRecord } from '../sysroot/record.js'

const EPOCH = new Date(0)
/** RFC 1952: modification time, extra flags, operating system. */
const GZIP_MTIME = 4
const GZIP_SYSTEM = 9
const SYSTEM_UNKNOWN = 255
/** Higher ones take three times as long for the last few per cent. */
const LEVEL = 6

function entry(name: string, content: Uint8Array): TarEntry {
  return { header: { ...header(name), size: content.length }, body: content }
}

function header(name: string) {
  return { name, size: 0, mtime: EPOCH, mode: 0o644, uid: 0, gid: 0, uname: '', gname: '' }
}

function machineEntry(path: string, found: MemoryEntry): TarEntry {
  const name = path === '' ? 'sysroot' : `sysroot/${path}`
  switch (found.kind) {
    case 'file':
      return entry(name, typeof found.content === 'string' ? new Uint8Array(0) : found.content)
    case 'symlink':
      return { header: { ...header(name), type: 'symlink', linkname: found.target } }
    case 'directory':
    case 'unreadable':
    case 'absent':
      return { header: { ...header(`${name}/`), mode: 0o755, type: 'directory' } }
  }
}

/** In code-unit order what a directory holds may not follow it at once: then it has an entry that it does not need. */
function holds(directory: string, next: string | undefined): boolean {
  return next?.startsWith(directory === '' ? '' : `${directory}/`) ?? false
}

/** JSON as files have it: two blanks, final newline. */
function jsonFile(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, undefined, 2)}\n`)
}

/**
 * The bundle of a recorded machine: a tar.gz of `manifest.json` and what was read, below `sysroot/`. The same record
 * gives the same bytes: entries in code-unit order, no times, owners or host in any header. The deflated form may differ
 * between releases of zlib. `extras` are put beside the manifest.
 */
export async function writeBundle(
  record: SysrootRecord,
  extras: ReadonlyMap<string, Uint8Array> = new Map(),
): Promise<Uint8Array> {
  const { archive, manifest } = splitForBundle(treeFromRecord(record))
  const entries = [...archive]
    .filter(([path, { kind }], index, all) => kind !== 'directory' || !holds(path, all[index + 1]?.[0]))
    .map(([path, found]) => machineEntry(path, found))
  for (const [name, content] of extras) entries.push(entry(name, content))
  entries.push(entry(MANIFEST_NAME, jsonFile(manifest)))
  entries.sort((one, other) => (one.header.name < other.header.name ? -1 : 1))
  const compressed = new Uint8Array(gzipSync(await packTar(entries), { level: LEVEL }))
  compressed.fill(0, GZIP_MTIME, GZIP_MTIME + 4)
  compressed[GZIP_SYSTEM] = SYSTEM_UNKNOWN
  return compressed
}
