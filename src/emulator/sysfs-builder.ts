import type { ReadFailure } from '../machine/fact.js'

/** What stands at a path of an emulated machine, in the form that an in-memory sysroot takes. */
export type TreeEntry =
  /** A failure in place of the content: the file is there and cannot be read. */
  | { readonly kind: 'file'; readonly content: Uint8Array | ReadFailure }
  | { readonly kind: 'symlink'; readonly target: string }
  | { readonly kind: 'directory' }
  /** Nothing is known of the name, nor of anything below it. */
  | { readonly kind: 'unreadable'; readonly reason: ReadFailure }

/** Paths relative to the machine's root, without leading slash. Every parent directory has an entry. */
export type EmulatedTree = ReadonlyMap<string, TreeEntry>

const encoder = new TextEncoder()
const DIRECTORY: TreeEntry = { kind: 'directory' }

/** Collects files, links and directories. Parents come by themselves; a later entry replaces an earlier one. */
export class SysfsBuilder {
  private readonly entries = new Map<string, TreeEntry>()
  /** Most attributes repeat thousands of times: one entry serves them all. */
  private readonly texts = new Map<string, TreeEntry>()

  /** A file with these bytes, or with this text in UTF-8. */
  file(path: string, content: string | Uint8Array): this {
    if (typeof content !== 'string') return this.put(path, { kind: 'file', content })
    let entry = this.texts.get(content)
    if (!entry) {
      entry = { kind: 'file', content: encoder.encode(content) }
      if (content.length <= 1024) this.texts.set(content, entry)
    }
    return this.put(path, entry)
  }

  /** Attributes of one directory; each gets the final newline that sysfs writes. */
  attributes(directory: string, values: Readonly<Record<string, string | number>>): this {
    for (const [name, value] of Object.entries(values)) this.file(`${directory}/${name}`, `${value}\n`)
    return this
  }

  directory(path: string): this {
    return this.entries.has(path) ? this : this.put(path, DIRECTORY)
  }

  /** A symbolic link with the relative target that leads to `destination`, as sysfs writes its links. */
  link(path: string, destination: string): this {
    return this.rawLink(path, relativeTarget(path, destination))
  }

  /** A symbolic link with exactly this target. */
  rawLink(path: string, target: string): this {
    return this.put(path, { kind: 'symlink', target })
  }

  /** A file that is there and cannot be read. */
  forbidden(path: string): this {
    return this.put(path, { kind: 'file', content: 'permission' })
  }

  /** A directory that cannot be entered. */
  closed(path: string): this {
    return this.put(path, { kind: 'unreadable', reason: 'permission' })
  }

  /** The tree as built so far. */
  tree(): Map<string, TreeEntry> {
    return this.entries
  }

  private put(path: string, entry: TreeEntry): this {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const parent = path.slice(0, end)
      if (this.entries.has(parent)) break
      this.entries.set(parent, DIRECTORY)
    }
    this.entries.set(path, entry)
    return this
  }
}

/**
 * Target of a link at `from` that leads to `to`; both relative to the root. Never only dots: sysfs leaves a directory
 * and enters it again when a link leads to one that it stands in.
 */
export function relativeTarget(from: string, to: string): string {
  const source = from.split('/').slice(0, -1)
  const destination = to.split('/')
  let shared = 0
  while (shared < source.length && shared < destination.length - 1 && source[shared] === destination[shared]) shared++
  return [...source.slice(shared).map(() => '..'), ...destination.slice(shared)].join('/')
}
