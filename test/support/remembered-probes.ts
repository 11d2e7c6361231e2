import type { Read, Sysroot } from '../../src/sysroot/sysroot.js'

type Probe = (...given: unknown[]) => unknown
type Kind = 'text' | 'bytes' | 'list' | 'link'

interface Call {
  readonly given: readonly unknown[]
  /** What it read, by kind and path. */
  readonly reads: ReadonlyMap<string, NotedRead>
  readonly result: unknown
}

interface NotedRead {
  readonly kind: Kind
  readonly path: string
  readonly read: unknown
}

/** A sysroot that notes what is read of it: the answers themselves, which a change elsewhere leaves the same objects. */
class NotingSysroot implements Sysroot {
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

  private noted<T>(kind: Kind, path: string, read: T): T {
    this.reads.set(`${kind} ${path}`, { kind, path, read })
    return read
  }
}

function isSysroot(value: unknown): value is Sysroot {
  return typeof value === 'object' && value !== null && 'link' in value && 'budget' in value && 'text' in value
}

const isFunction = (value: unknown): value is (...given: unknown[]) => unknown => typeof value === 'function'
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** A record or a list: all there is to it are its own members. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null
}

/** How deep a value made anew is looked into. */
const DEPTH = 4
/** More members are not made anew to say the same: it costs less to run a probe again. */
const MOST_MEMBERS = 16

/** The same value, or an object or list made anew of the same members. */
function isSame(one: unknown, other: unknown, depth = DEPTH): boolean {
  if (Object.is(one, other)) return true
  // Selectors of a member, and the reader of tables, whose reads are noted like all others.
  if (isFunction(one) && isFunction(other)) return String(one) === String(other)
  if (depth === 0 || !isObject(one) || !isObject(other)) return false
  if (!isPlain(one) || Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false
  const names = Object.keys(one)
  if (names.length > MOST_MEMBERS || names.length !== Object.keys(other).length) return false
  return names.every(
    (name) => Object.hasOwn(other, name) && isSame(Reflect.get(one, name), Reflect.get(other, name), depth - 1),
  )
}

/** Tells the calls of one probe apart by the words and numbers that it is given, and by the names of objects. */
function keyOf(probe: string, given: readonly unknown[]): string {
  let key = probe
  for (const one of given) {
    if (typeof one === 'string' || typeof one === 'number') key += ` ${one}`
    else if (isObject(one) && 'name' in one && typeof one.name === 'string') key += ` ${one.name}`
  }
  return key
}

/**
 * What the probes of one machine answered, for machines that differ from it in one path: a probe that is given the same,
 * and reads the same of it, is not run again.
 */
export class RememberedProbes {
  private calls = new Map<string, Call[]>()
  /** All that was read, by kind and path. */
  private reads = new Map<string, NotedRead>()
  private isRemembering = false
  private readonly readersOfTables = new WeakSet<object>()
  /** The machine at hand, and what reads otherwise of it. */
  private changed: { readonly sysroot: Sysroot; readonly reads: readonly string[] } | undefined

  /** Runs with every call of a probe kept; what was kept before is forgotten. */
  remember<T>(run: () => T): T {
    this.calls = new Map()
    this.reads = new Map()
    this.isRemembering = true
    try {
      return run()
    } finally {
      this.isRemembering = false
    }
  }

  /** Runs with what was kept taken where it holds of `sysroot`. */
  recall<T>(sysroot: Sysroot, run: (sysroot: Sysroot) => T): T {
    const reads: string[] = []
    for (const [name, { kind, path, read }] of this.reads) if (sysroot[kind](path) !== read) reads.push(name)
    this.changed = { sysroot, reads }
    try {
      return run(sysroot)
    } finally {
      this.changed = undefined
    }
  }

  /** The functions of a module that are called like probes, each remembered; everything else as it is. */
  ofModule(module: object, names: RegExp): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(module).map(([name, member]: [string, unknown]) => [
        name,
        isFunction(member) && names.test(name) ? this.remembered(name, member) : member,
      ]),
    )
  }

  private remembered(name: string, probe: Probe): Probe {
    return (...given) => {
      if (name === 'tableBytesOf') return this.readerOfTables(probe(...given))
      if (!this.isRemembering && !this.changed) return probe(...given)
      const key = keyOf(name, given)
      if (this.changed) {
        const call = this.calls.get(key)?.find((one) => this.holds(one, given))
        return call ? call.result : probe(...given)
      }
      return this.kept(key, given, probe)
    }
  }

  private readerOfTables(reader: unknown): unknown {
    if (isObject(reader) || isFunction(reader)) this.readersOfTables.add(reader)
    return reader
  }

  private readsTables(value: unknown): value is (...given: unknown[]) => unknown {
    return isFunction(value) && this.readersOfTables.has(value)
  }

  private kept(key: string, given: readonly unknown[], probe: Probe): unknown {
    const [sysroot] = given
    const noting = isSysroot(sysroot) ? new NotingSysroot(sysroot) : undefined
    const result = noting
      ? probe(noting, ...given.slice(1).map((one) => (this.readsTables(one) ? noting.tables(one) : one)))
      : probe(...given)
    const reads = noting?.reads ?? new Map<string, NotedRead>()
    for (const [name, read] of reads) this.reads.set(name, read)
    const calls = this.calls.get(key)
    if (calls) calls.push({ given, reads, result })
    else this.calls.set(key, [{ given, reads, result }])
    return result
  }

  private holds({ given, reads }: Call, now: readonly unknown[]): boolean {
    const [sysroot] = now
    const from = isSysroot(sysroot) ? 1 : 0
    if (now.length !== given.length) return false
    for (let at = from; at < now.length; at++) if (!isSame(given[at], now[at])) return false
    if (!isSysroot(sysroot)) return true
    if (sysroot === this.changed?.sysroot) return !this.changed.reads.some((name) => reads.has(name))
    // Seen through another's eyes, a collector's for one.
    for (const { kind, path, read } of reads.values()) if (sysroot[kind](path) !== read) return false
    return true
  }
}
