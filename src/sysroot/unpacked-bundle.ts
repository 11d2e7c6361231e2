import { realpathSync } from 'node:fs'
import { Budget } from '../budget/budget.js'
import { BundleError } from './bundle-error.js'
import { isForeignManifest, MANIFEST_NAME } from './bundle-manifest.js'
import { ROOT_NAME } from './bundle-sysroot.js'
import { BundleTree } from './bundle-tree.js'
import { openDirectorySysroot, type DirectorySysroot } from './directory-sysroot.js'
import type { EntryTable } from './entry-table.js'
import { MemorySysroot } from './memory-sysroot.js'
import { childOf, parentOf } from './path-walker.js'
import { recordedTree, understoodManifest } from './recorded-machine.js'
import type { Origin, ReadFailure } from './types.js'

/** The directory in which a bundle was unpacked, seen from it or from the `sysroot` in it; undefined for any other. */
function bundleDirectory(directory: string): DirectorySysroot | undefined {
  const real = realpathSync(directory)
  for (const top of real.endsWith(`/${ROOT_NAME}`) ? [real, `${parentOf(real)}/.`] : [real]) {
    const files = openDirectorySysroot(top, { kind: 'sysroot', name: top })
    const manifest = files.bytes(MANIFEST_NAME)
    if (manifest.state === 'absent' || files.trace(ROOT_NAME, false).steps.at(-1)?.kind !== 'directory') continue
    if (manifest.state === 'unreadable' || !isForeignManifest(manifest.value)) return files
  }
  return undefined
}

/** Reads the names below `sysroot/` as if they came in an archive, so that they are judged and bounded alike. */
class UnpackedTree {
  readonly tree: BundleTree
  private readonly files: DirectorySysroot
  private readonly name: string
  private readonly budget: Budget
  /** Files that are there and could not be read, and directories that could not be listed. */
  private readonly failures = new Map<string, ReadFailure>()

  constructor(files: DirectorySysroot, name: string, budget: Budget) {
    this.files = files
    this.name = name
    this.budget = budget
    this.tree = new BundleTree(name, budget)
  }

  read(): EntryTable {
    const pending = ['']
    for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
      const names = this.files.list(childOf(ROOT_NAME, directory))
      if (names.state === 'unreadable') this.failures.set(directory, names.reason)
      for (const name of names.state === 'known' ? names.value : []) {
        const path = directory === '' ? name : childOf(directory, name)
        if (this.add(path)) pending.push(path)
      }
    }
    const entries = this.tree.finish()
    for (const [path, reason] of this.failures) {
      const entry = entries.get(path)
      if (entry?.kind === 'file') entries.set(path, { kind: 'file', content: reason })
      else if (entry?.kind === 'directory' || path === '') entries.set(path, { kind: 'directory', listing: reason })
    }
    return entries
  }

  /** Takes one name; true where it is a directory to go on in. */
  private add(path: string): boolean {
    if (!this.budget.take('entries')) {
      const problem = `its ${ROOT_NAME} has more than ${this.budget.limit('entries')} names`
      throw new BundleError(this.name, problem, 'Pass a capture of what the probes read; intremap capture writes one.')
    }
    const place = `${ROOT_NAME}/${path}`
    const step = this.files.trace(place, false).steps.at(-1)
    switch (step?.kind) {
      case 'directory':
        this.put(path, '5')
        return true
      case 'symlink':
        this.put(path, '2', step.target)
        return false
      case 'file': {
        const content = this.files.bytes(place)
        if (content.state === 'unreadable') this.failures.set(path, content.reason)
        const bytes = content.state === 'known' ? content.value : new Uint8Array()
        this.put(path, '0', '', bytes.length)?.set(bytes)
        return false
      }
      case 'unreadable':
        // A device node, or a file whose content is denied or too large: its name is there all the same.
        this.put(path, '3')
        return false
      case 'absent':
      case undefined:
        return false
    }
  }

  private put(path: string, type: string, target = '', size = 0): Uint8Array | undefined {
    const encoder = new TextEncoder()
    return this.tree.add({
      name: encoder.encode(path),
      linkName: encoder.encode(target),
      size,
      type,
      sparse: false,
    })
  }
}

/**
 * The machine of a bundle that somebody unpacked: `directory` holds `manifest.json` and `sysroot`, or is that `sysroot`.
 * What the manifest says counts as it does in the archive. Undefined where `directory` is no such thing; throws BundleError
 * where it is one that cannot be understood, and what `realpath` throws.
 */
export function openUnpackedBundle(
  directory: string,
  origin: Origin,
  budget = new Budget(),
): MemorySysroot | undefined {
  const files = bundleDirectory(directory)
  if (files === undefined) return undefined
  const content = files.bytes(MANIFEST_NAME)
  const manifest = understoodManifest(content.state === 'known' ? content.value : undefined, origin.name, budget)
  const unpacked = new UnpackedTree(files, origin.name, budget)
  const machine = recordedTree(unpacked.read(), manifest, ({ path, problem }) => {
    unpacked.tree.note(path, problem)
  })
  return new MemorySysroot(origin, machine, budget, unpacked.tree.notes())
}
