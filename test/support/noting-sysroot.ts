import type { Read, Sysroot } from '../../src/sysroot/sysroot.js'

export const READ_KINDS = ['text', 'bytes', 'list', 'link'] as const
type ReadKind = (typeof READ_KINDS)[number]

/** What a read is noted by. */
export const nameOf = (kind: ReadKind, path: string): string => `${kind} ${path}`

export interface NotedRead {
  readonly kind: ReadKind
  readonly path: string
  readonly read: unknown
}

/** A sysroot that notes what is read of it: the answers themselves, which a change elsewhere leaves the same objects. */
export class NotingSysroot implements Sysroot {
  readonly reads = new Map<string, NotedRead>()
  private readonly inner: Sysroot

  constructor(inner: Sysroot) {
    this.inner = inner
  }

  get origin(): Sysroot['origin'] {
    return this.inner.origin
  }

  get budget(): Sysroot['budget'] {
    return this.inner.budget
  }

  text(path: string): Read<string> {
    return this.noted('text', path, this.inner.text(path))
  }

  bytes(path: string): Read<Uint8Array> {
    return this.noted('bytes', path, this.inner.bytes(path))
  }

  list(path: string): Read<readonly string[]> {
    return this.noted('list', path, this.inner.list(path))
  }

  link(path: string): Read<string> {
    return this.noted('link', path, this.inner.link(path))
  }

  /** The function through which probes share the tables that they read (src/probes/acpi/tables.ts). */
  tables(bytesOf: (...name: unknown[]) => unknown): (name: string) => unknown {
    return (name) => this.noted('bytes', `sys/firmware/acpi/tables/${name}`, bytesOf(name))
  }

  private noted<T>(kind: NotedRead['kind'], path: string, read: T): T {
    this.reads.set(nameOf(kind, path), { kind, path, read })
    return read
  }
}
