const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
const isIndex = (key: string) => /^\d+$/.test(key)

/** Stands among the members that were looked at for all of them, with their order. */
const ALL = Symbol('all')

/**
 * What a pure function looked at of a value. Of any other value in which all of that is the same the function says the
 * same, since it would take the same way through it.
 *
 * Provenance (`from`) does not count, as in StructuralKeys.
 */
export class Observation {
  /** By each object that was met, its members that were looked at: names, keys of a map. */
  private readonly members = new Map<object, Set<unknown>>()
  private readonly observed = new WeakMap<object, object>()
  private readonly handler: ProxyHandler<object> = {
    get: (target, key, receiver): unknown => {
      const member: unknown = Reflect.get(target, key, receiver)
      if (key === 'from') return member
      // Of a list the length, and its methods, which ask for the rest.
      if (Array.isArray(target) && (typeof key === 'symbol' || !isIndex(key))) {
        this.note(target, 'length')
        return member
      }
      this.note(target, key)
      return this.see(member)
    },
    has: (target, key) => {
      this.note(target, key)
      return Reflect.has(target, key)
    },
    ownKeys: (target) => {
      this.note(target, ALL)
      return Reflect.ownKeys(target)
    },
    getOwnPropertyDescriptor: (target, key) => {
      this.note(target, key)
      const descriptor = Reflect.getOwnPropertyDescriptor(target, key)
      if (descriptor && key !== 'from') descriptor.value = this.see(descriptor.value)
      return descriptor
    },
  }

  /** The value itself, with every look at it noted. */
  of<T extends object>(value: T): T {
    const proxy = new Proxy<T>(value, this.handler)
    this.observed.set(value, proxy)
    return proxy
  }

  /** Whether a member of an object was looked at. */
  sees(object: object, member: unknown): boolean {
    const members = this.members.get(object)
    if (!members) return false
    if (Array.isArray(object)) return members.has(String(member))
    return members.has(member) || (object instanceof Map && members.has(ALL))
  }

  /** Whether it was asked for a key of a map that another has not, or has and this one not, or for all its keys. */
  seesKeys(map: Map<unknown, unknown>, other: Map<unknown, unknown>): boolean {
    const members = this.members.get(map)
    if (!members) return false
    return [...members].some((key) => key === ALL || map.has(key) !== other.has(key))
  }

  /** Whether anything of an object was looked at. */
  enters(object: object): boolean {
    return this.members.has(object)
  }

  private see(value: unknown): unknown {
    if (!isObject(value)) return value
    if (ArrayBuffer.isView(value)) {
      this.note(value, ALL)
      return value
    }
    let seen = this.observed.get(value)
    if (seen) return seen
    if (value instanceof Map) seen = this.ofMap(value)
    else if (value instanceof Set) seen = this.ofSet(value)
    else seen = new Proxy(value, this.handler)
    this.observed.set(value, seen)
    // What was seen before and is met again as it is.
    this.observed.set(seen, seen)
    return seen
  }

  private ofMap(map: Map<unknown, unknown>): object {
    const all = () => {
      this.note(map, ALL)
      for (const key of map.keys()) if (isObject(key)) throw new TypeError('a map by objects is not observed')
    }
    const see = (value: unknown) => this.see(value)
    return new Proxy(map, {
      get: (target, name): unknown => {
        switch (name) {
          case 'get':
            return (key: unknown) => {
              this.note(target, key)
              return see(target.get(key))
            }
          case 'has':
            return (key: unknown) => {
              this.note(target, key)
              return target.has(key)
            }
          case 'values':
            return function* values() {
              all()
              for (const value of target.values()) yield see(value)
            }
          case 'entries':
          case Symbol.iterator:
            return function* entries() {
              all()
              for (const [key, value] of target) yield [key, see(value)]
            }
          case 'keys':
            return () => {
              all()
              return target.keys()
            }
          case 'forEach':
            return (run: (value: unknown, key: unknown) => void) => {
              all()
              for (const [key, value] of target) run(see(value), key)
            }
          case 'size':
            all()
            return target.size
          default:
            throw new TypeError(`${String(name)} of a map is not observed`)
        }
      },
    })
  }

  private ofSet(set: Set<unknown>): object {
    return new Proxy(set, {
      get: (target, name): unknown => {
        this.note(target, ALL)
        for (const member of target) if (isObject(member)) throw new TypeError('a set of objects is not observed')
        const member: unknown = Reflect.get(target, name, target)
        return typeof member === 'function'
          ? (...given: unknown[]): unknown => Reflect.apply(member, target, given)
          : member
      },
    })
  }

  private note(target: object, member: unknown): void {
    const members = this.members.get(target)
    if (members) members.add(member)
    else this.members.set(target, new Set([member]))
  }
}
