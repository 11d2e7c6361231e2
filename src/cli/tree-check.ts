import type { MemoryEntry } from '../sysroot/memory-entry.js'
import { childOf, parentOf } from '../sysroot/path-walker.js'
import { InputError } from './errors.js'

/** What a directory of files can hold of a machine. */
export type WritableEntry =
  | Extract<MemoryEntry, { readonly kind: 'file' | 'symlink' | 'unreadable' }>
  | { readonly kind: 'directory' }

/** By path, relative to the root and without leading slash; every directory has an entry. */
export type WritableTree = ReadonlyMap<string, WritableEntry>

/** Linux: MAXSYMLINKS (include/linux/namei.h). */
const HOP_LIMIT = 40

function isPlainPath(path: string): boolean {
  return path.split('/').every((name) => name !== '' && name !== '.' && name !== '..' && !name.includes('\0'))
}

/** True where the kernel, following a link at `path`, would step out of the tree's root on its way. */
function leadsOut(tree: WritableTree, path: string, target: string): boolean {
  if (target.startsWith('/')) return true
  let at = parentOf(path)
  const pending = target.split('/').toReversed()
  for (let hops = 0, name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (name === '' || name === '.') continue
    if (name === '..') {
      if (at === '') return true
      at = parentOf(at)
      continue
    }
    const here = childOf(at, name)
    const entry = tree.get(here)
    if (entry?.kind !== 'symlink') {
      at = here
      continue
    }
    hops += 1
    // Longer ways end with ELOOP, wherever they lead.
    if (hops > HOP_LIMIT) return false
    if (entry.target.startsWith('/')) return true
    for (const one of entry.target.split('/').toReversed()) pending.push(one)
  }
  return false
}

/**
 * The entries that a path can reach, parents first. What lies below a name that is no directory is left out: nobody
 * could read it. Throws InputError for names that are no plain paths and for links that lead out of the tree.
 */
export function reachableEntries(tree: WritableTree): WritableTree {
  const reachable = new Map<string, WritableEntry>()
  for (const path of [...tree.keys()].sort()) {
    const entry = tree.get(path)
    if (entry === undefined || path === '') continue
    if (!isPlainPath(path)) throw new InputError(`"${path}" is no path inside a directory`, { path })
    const parent = parentOf(path)
    if (parent !== '' && reachable.get(parent)?.kind !== 'directory') continue
    if (entry.kind === 'symlink' && leadsOut(tree, path, entry.target)) {
      throw new InputError(`${path} is a link that leads out of the directory, to ${entry.target}`, {
        path,
        hint: 'A bundle can hold such a link: -o FILE.tar.gz',
      })
    }
    reachable.set(path, entry)
  }
  return reachable
}
