import type { Read, Sysroot } from '../../src/sysroot/sysroot.js'

type Probe = (...given: unknown[]) => unknown

interface NotedRead {
  readonly kind: 'text' | 'bytes' | 'list' | 'link'
  readonly path: string
  readonly read: Read<unknown>
}

interface Call {
  readonly given: readonly unknown[]
  readonly reads: readonly NotedRead[]
  readonly result: unknown
}

/** A sysroot that notes what is read of it: the answers themselves, which a change elsewhere leaves the same objects. */
class NotingSysroot implements Sysroot {
  readonly reads: NotedRead[] = []
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

  private noted<T>(kind: NotedRead['kind'], path: string, read: Read<T>): Read<T> {
    this.reads.push({ kind, path, read })
    return read
  }
}

function isSysroot(value: unknown): value is Sysroot {
  return typeof value === 'object' && value !== null && 'link' in value && 'budget' in value && 'text' in value
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** The same value, or an object made anew of the same members. */
function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true
  if (!isObject(one) || !isObject(other) || Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false
  if (!Array.isArray(one) && Object.getPrototypeOf(one) !== Object.prototype) return false
  const members = Object.entries(one)
  const others = new Map(Object.entries(other))
  return members.length === others.size && members.every(([name, member]) => Object.is(member, others.get(name)))
}

/**
 * What the probes of one machine answered, for machines that differ from it in one path: a probe that is given the same,
 * and reads the same of it, is not run again.
 */
export class RememberedProbes {
  private calls = new Map<string, Call[]>()
  private mode: 'off' | 'remember' | 'recall' = 'off'

  /** Runs with every call of a probe kept; what was kept before is forgotten. */
  remember<T>(run: () => T): T {
    this.calls = new Map()
    return this.during('remember', run)
  }

  /** Runs with what was kept taken where it holds. */
  recall<T>(run: () => T): T {
    return this.during('recall', run)
  }

  /** The functions of a module that are called like probes, each remembered; everything else as it is. */
  ofModule(module: object, names: RegExp): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(module).map(([name, member]: [string, unknown]) => [
        name,
        typeof member === 'function' && names.test(name)
          ? this.remembered(name, (...given) => Reflect.apply(member, undefined, given))
          : member,
      ]),
    )
  }

  private remembered(name: string, probe: Probe): Probe {
    return (...given) => {
      if (this.mode === 'off') return probe(...given)
      // Of a probe that is called for each device the calls are told apart by its words first.
      const key = [name, ...given.filter((one) => typeof one === 'string')].join(' ')
      const [sysroot] = given
      if (this.mode === 'recall') {
        const call = this.calls.get(key)?.find((one) => holds(one, given))
        return call ? call.result : probe(...given)
      }
      const noting = isSysroot(sysroot) ? new NotingSysroot(sysroot) : undefined
      const result = probe(...(noting ? [noting, ...given.slice(1)] : given))
      const kept = this.calls.get(key)
      const call: Call = { given, reads: noting?.reads ?? [], result }
      if (kept) kept.push(call)
      else this.calls.set(key, [call])
      return result
    }
  }

  private during<T>(mode: 'remember' | 'recall', run: () => T): T {
    this.mode = mode
    try {
      return run()
    } finally {
      this.mode = 'off'
    }
  }
}

function holds(call: Call, given: readonly unknown[]): boolean {
  const [sysroot] = given
  if (!isSysroot(sysroot))
    return given.length === call.given.length && given.every((one, at) => isSame(one, call.given[at]))
  return (
    given.length === call.given.length &&
    given.every((one, at) => at === 0 || isSame(one, call.given[at])) &&
    call.reads.every(({ kind, path, read }) => sysroot[kind](path) === read)
  )
}
