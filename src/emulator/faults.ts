import { bytesOfHex } from './byte-record.js'
import type { Fault } from './machine-description.js'
import type { TreeEntry } from './sysfs-builder.js'

/** Links that a path may lead through; more is a loop. */
const LINK_LIMIT = 40

/** Where a path really leads: links on the way are followed, one at its end is not. */
function resolvePath(tree: ReadonlyMap<string, TreeEntry>, path: string): string {
  let resolved: string[] = []
  const pending = path.split('/').toReversed()
  for (let links = 0; pending.length > 0;) {
    const part = pending.pop() ?? ''
    if (part === '' || part === '.') continue
    if (part === '..') {
      resolved.pop()
      continue
    }
    const entry = tree.get([...resolved, part].join('/'))
    if (entry?.kind === 'symlink' && pending.length > 0 && links++ < LINK_LIMIT) {
      for (const one of entry.target.split('/').toReversed()) pending.push(one)
      if (entry.target.startsWith('/')) resolved = []
    } else resolved.push(part)
  }
  return resolved.join('/')
}

/** Damages the finished tree. Throws RangeError where a fault names something that is not there, or has not its kind. */
export function applyFaults(tree: Map<string, TreeEntry>, faults: readonly Fault[]): void {
  for (const fault of faults) applyFault(tree, fault)
}

function applyFault(tree: Map<string, TreeEntry>, fault: Fault): void {
  if ('remove' in fault) removeTree(tree, existing(tree, fault.remove))
  else if ('unreadable' in fault) {
    const path = existing(tree, fault.unreadable)
    const reason = fault.reason ?? 'io'
    const isFile = tree.get(path)?.kind === 'file'
    removeTree(tree, path)
    tree.set(path, isFile ? { kind: 'file', content: reason } : { kind: 'unreadable', reason })
  } else if ('truncate' in fault) {
    const path = existing(tree, fault.truncate)
    tree.set(path, { kind: 'file', content: bytesAt(tree, path).slice(0, fault.length) })
  } else if ('corrupt' in fault) {
    const path = existing(tree, fault.corrupt)
    const content = Uint8Array.from(bytesAt(tree, path))
    content.set(bytesOfHex(fault.bytes), fault.offset)
    tree.set(path, { kind: 'file', content })
  } else if ('replace' in fault) {
    tree.set(existing(tree, fault.replace), { kind: 'file', content: new TextEncoder().encode(fault.text) })
  } else tree.set(existing(tree, fault.retarget), { kind: 'symlink', target: fault.target })
}

function existing(tree: ReadonlyMap<string, TreeEntry>, path: string): string {
  const resolved = resolvePath(tree, path)
  if (!tree.has(resolved)) throw new RangeError(`fault: the machine has no ${path}`)
  return resolved
}

function bytesAt(tree: ReadonlyMap<string, TreeEntry>, path: string): Uint8Array {
  const entry = tree.get(path)
  if (entry?.kind !== 'file' || typeof entry.content === 'string') throw new RangeError(`fault: ${path} is no file`)
  return entry.content
}

function removeTree(tree: Map<string, TreeEntry>, path: string): void {
  const removed = tree.get(path)
  tree.delete(path)
  if (removed?.kind !== 'directory') return
  for (const key of tree.keys()) if (key.startsWith(`${path}/`)) tree.delete(key)
}
