import { ChangedSysroot } from '../../src/sysroot/changed-sysroot.js'
import type { Sysroot } from '../../src/sysroot/sysroot.js'
import { WatchedValues, type CallLooks } from './looks.js'
import { nameOf, NotingSysroot, READ_KINDS, type NotedRead } from './noting-sysroot.js'

type Probe = (...given: unknown[]) => unknown

interface Call {
  readonly given: readonly unknown[]
  /** What it asked of the device tree that it was given. */
  readonly looks: CallLooks
  /** What it read, by kind and path. */
  readonly reads: ReadonlyMap<string, NotedRead>
  readonly result: unknown
}

/** What the probes of one machine answered. */
export class ProbeMemory {
  readonly calls = new Map<string, Call[]>()
  /** All that was read, by kind and path. */
  readonly reads = new Map<string, NotedRead>()
  readonly watched = new WatchedValues()
  /** Probes whose answers nobody looks at: they are not run again, whatever changes. */
  readonly passedOver = new Set<string>()
}

/** The probe whose answer other probes are given, and look at in parts. */
const WATCHED = 'probeDeviceTree'

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

/** The same value, an object or list made anew of the same members, or a watched one that answers all that was asked the same. */
function isSame(one: unknown, other: unknown, watched: WatchedValues, looks: CallLooks, depth = DEPTH): boolean {
  if (Object.is(one, other)) return true
  const answersSame = watched.isSame(one, other, looks)
  if (answersSame !== undefined) return answersSame
  // Selectors of a member, and the reader of tables, whose reads are noted like all others.
  if (isFunction(one) && isFunction(other)) return String(one) === String(other)
  if (depth === 0 || !isObject(one) || !isObject(other)) return false
  if (!isPlain(one) || Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false
  const names = Object.keys(one)
  if (names.length > MOST_MEMBERS || names.length !== Object.keys(other).length) return false
  return names.every(
    (name) =>
      Object.hasOwn(other, name) && isSame(Reflect.get(one, name), Reflect.get(other, name), watched, looks, depth - 1),
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

/** By kind and path, what reads otherwise than it did. */
function changedReads(memory: ProbeMemory, sysroot: Sysroot): readonly string[] {
  const reads: string[] = []
  const note = (name: string, { kind, path, read }: NotedRead) => {
    if (sysroot[kind](path) !== read) reads.push(name)
  }
  if (sysroot instanceof ChangedSysroot) {
    for (const path of new Set(sysroot.changedPaths())) {
      for (const kind of READ_KINDS) {
        const name = nameOf(kind, path)
        const noted = memory.reads.get(name)
        if (noted) note(name, noted)
      }
    }
  } else for (const [name, noted] of memory.reads) note(name, noted)
  return reads
}

/**
 * What the probes of one machine answered, for machines that differ from it in one path: a probe that is given the same,
 * and reads the same of it, is not run again. Of a device tree that is the same which answers what the probe asked of it
 * the same.
 */
export class RememberedProbes {
  private remembering: ProbeMemory | undefined
  private readonly readersOfTables = new WeakSet<object>()
  /** The machine at hand, what is known of the one that it differs from, and what reads otherwise of it. */
  private changed:
    | { readonly memory: ProbeMemory; readonly sysroot: Sysroot; readonly reads: readonly string[] }
    | undefined

  /** Runs with every call of a probe kept. */
  remember<T extends object>(run: () => T): { readonly result: T; readonly memory: ProbeMemory } {
    const memory = new ProbeMemory()
    this.remembering = memory
    try {
      const result = run()
      for (const [name, member] of Object.entries(result)) Reflect.set(result, name, memory.watched.valueOf(member))
      return { result, memory }
    } finally {
      this.remembering = undefined
    }
  }

  /** Runs with what was kept taken where it holds of `sysroot`. */
  recall<T>(memory: ProbeMemory, sysroot: Sysroot, run: (sysroot: Sysroot) => T): T {
    this.changed = { memory, sysroot, reads: changedReads(memory, sysroot) }
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
      const { changed, remembering } = this
      if (changed) {
        const { calls, passedOver } = changed.memory
        const call = calls.get(keyOf(name, given))?.find((one) => passedOver.has(name) || this.holds(one, given))
        return call ? call.result : probe(...given)
      }
      return remembering ? this.kept(remembering, name, given, probe) : probe(...given)
    }
  }

  private readerOfTables(reader: unknown): unknown {
    if (isObject(reader) || isFunction(reader)) this.readersOfTables.add(reader)
    return reader
  }

  private readsTables(value: unknown): value is (...given: unknown[]) => unknown {
    return isFunction(value) && this.readersOfTables.has(value)
  }

  private kept(memory: ProbeMemory, name: string, given: readonly unknown[], probe: Probe): unknown {
    const key = keyOf(name, given)
    const [sysroot] = given
    const noting = isSysroot(sysroot) ? new NotingSysroot(sysroot) : undefined
    const roots: unknown[] = []
    for (const one of given) {
      if (!isObject(one) || memory.watched.isWatched(one) || !isPlain(one)) roots.push(one)
      else for (const name of Object.keys(one)) roots.push(Reflect.get(one, name))
    }
    const { result, looks } = memory.watched.during(roots, () =>
      noting
        ? probe(noting, ...given.slice(1).map((one) => (this.readsTables(one) ? noting.tables(one) : one)))
        : probe(...given),
    )
    const reads = noting?.reads ?? new Map<string, NotedRead>()
    for (const [read, noted] of reads) memory.reads.set(read, noted)
    const call: Call = { given, looks, reads, result }
    const calls = memory.calls.get(key)
    if (calls) calls.push(call)
    else memory.calls.set(key, [call])
    return name === WATCHED ? memory.watched.of(result) : result
  }

  private holds({ given, looks, reads }: Call, now: readonly unknown[]): boolean {
    const { changed } = this
    const [sysroot] = now
    const from = isSysroot(sysroot) ? 1 : 0
    if (now.length !== given.length || !changed) return false
    if (isSysroot(sysroot)) {
      if (sysroot === changed.sysroot) {
        if (changed.reads.some((name) => reads.has(name))) return false
      } else {
        // Seen through another's eyes, a collector's for one.
        for (const { kind, path, read } of reads.values()) if (sysroot[kind](path) !== read) return false
      }
    }
    const { watched } = changed.memory
    for (let at = from; at < now.length; at++) if (!isSame(given[at], now[at], watched, looks)) return false
    return true
  }
}
