const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
const isIndex = (key: string) => /^\d+$/.test(key)

type Question = (of: object) => unknown

/** What a function asked of one object, and what it was answered: a plain value, or an object with what was asked of that. */
class Looks {
  private readonly at: object
  private readonly answers = new Map<string, { readonly question: Question; readonly answer: unknown }>()

  constructor(at: object) {
    this.at = at
  }

  note(key: string, question: Question, answer: unknown): void {
    this.answers.set(key, { question, answer })
  }

  /** Whether another value answers all of it the same. */
  hold(of: unknown, met = new Map<Looks, object>()): boolean {
    if (of === this.at) return true
    if (!isObject(of) || Object.getPrototypeOf(of) !== Object.getPrototypeOf(this.at)) return false
    const before = met.get(this)
    if (before) return before === of
    met.set(this, of)
    for (const { question, answer } of this.answers.values()) {
      const now = question(of)
      if (!(answer instanceof Looks ? answer.hold(now, met) : Object.is(answer, now))) return false
    }
    return true
  }
}

/** What one call asked of watched values; undefined where it was given part of one without the way there. */
export type CallLooks = ReadonlyMap<object, Looks> | undefined

interface Watcher {
  readonly looks: Map<object, Looks>
  isLost: boolean
}

/**
 * Values that note what functions ask of them, for each call that runs meanwhile. Of a value that answers all of it the
 * same a pure function says the same, since it takes the same way through it. Provenance (`from`) counts whole.
 */
export class WatchedValues {
  private readonly proxies = new WeakMap<object, object>()
  private readonly values = new WeakMap<object, object>()
  private readonly watchers: Watcher[] = []
  private readonly handler: ProxyHandler<object> = {
    get: (target, key): unknown => {
      const member: unknown = Reflect.get(target, key)
      if (key === 'from') {
        this.note(target, '.from', (of) => JSON.stringify(Reflect.get(of, 'from')))
        return member
      }
      // Of a list the length, and its methods, which ask for the rest.
      if (Array.isArray(target) && (typeof key === 'symbol' || !isIndex(key))) {
        this.note(target, '.length', (of) => Reflect.get(of, 'length'))
        return member
      }
      if (typeof key === 'symbol') throw new TypeError(`${String(key)} is not watched`)
      if (isWatchable(member)) return this.seen(this.note(target, `.${key}`, (of) => Reflect.get(of, key)))
      this.note(target, `.${key}`, (of) => inWords(Reflect.get(of, key)))
      return member
    },
    has: (target, key) => this.note(target, `in ${String(key)}`, (of) => Reflect.has(of, key)) === true,
    ownKeys: (target) => {
      this.note(target, 'keys', (of) => JSON.stringify(Object.keys(of)))
      return Reflect.ownKeys(target)
    },
    getOwnPropertyDescriptor: () => {
      throw new TypeError('a descriptor is not watched')
    },
  }

  /** The value itself, watched. */
  of<T>(value: T): T
  of(value: unknown): unknown {
    return this.seen(value)
  }

  isWatched(value: unknown): boolean {
    return isObject(value) && this.values.has(value)
  }

  /** The value that a watched one stands for; any other as it is. */
  valueOf(value: unknown): unknown {
    return isObject(value) ? (this.values.get(value) ?? value) : value
  }

  /** Runs with all noted that is asked of `roots`, those of them that are watched. */
  during<T>(roots: readonly unknown[], run: () => T): { readonly result: T; readonly looks: CallLooks } {
    const watcher: Watcher = { looks: new Map(), isLost: false }
    for (const root of roots) {
      const value = isObject(root) ? this.values.get(root) : undefined
      if (value) watcher.looks.set(value, new Looks(value))
    }
    this.watchers.push(watcher)
    try {
      const result = run()
      return { result, looks: watcher.isLost ? undefined : watcher.looks }
    } finally {
      this.watchers.pop()
    }
  }

  /** Whether a call that was given `before` would take the same way through `now`. */
  isSame(before: unknown, now: unknown, looks: CallLooks): boolean | undefined {
    const value = isObject(before) ? this.values.get(before) : undefined
    if (!value) return undefined
    return value === now || looks?.get(value)?.hold(now) === true
  }

  private note(target: object, key: string, question: Question): unknown {
    const answer = question(target)
    for (const watcher of this.watchers) {
      const looks = watcher.looks.get(target)
      if (!looks) watcher.isLost = true
      else looks.note(key, question, isWatchable(answer) ? looksAt(watcher, answer) : answer)
    }
    return answer
  }

  private seen(value: unknown): unknown {
    if (!isWatchable(value)) return value
    const known = this.proxies.get(value)
    if (known) return known
    const proxy = value instanceof Map ? this.ofMap(value) : new Proxy(value, this.handler)
    this.proxies.set(value, proxy)
    this.values.set(proxy, value)
    return proxy
  }

  private ofMap(map: Map<unknown, unknown>): object {
    const get = (key: unknown) =>
      this.seen(this.note(map, `get ${keyIn(key)}`, (of) => (of instanceof Map ? of.get(key) : undefined)))
    return new Proxy(map, {
      get: (target, name): unknown => {
        switch (name) {
          case 'get':
            return get
          case 'has':
            return (key: unknown) => this.note(target, `has ${keyIn(key)}`, (of) => of instanceof Map && of.has(key))
          case Symbol.iterator:
            this.note(target, 'keys', (of) => (of instanceof Map ? JSON.stringify([...of.keys()]) : undefined))
            return function* entries() {
              for (const key of target.keys()) yield [key, get(key)]
            }
          default:
            throw new TypeError(`${String(name)} of a map is not watched`)
        }
      },
    })
  }
}

const isWatchable = (value: unknown): value is object =>
  isObject(value) && !ArrayBuffer.isView(value) && !(value instanceof Set)

/** What is handed out as it is, told by its content. */
function inWords(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1')
  return value instanceof Set ? JSON.stringify([...value]) : value
}

function keyIn(key: unknown): string {
  if (typeof key !== 'string' && typeof key !== 'number') throw new TypeError('a map by objects is not watched')
  return `${typeof key} ${key}`
}

function looksAt(watcher: Watcher, value: object): Looks {
  let looks = watcher.looks.get(value)
  if (!looks) watcher.looks.set(value, (looks = new Looks(value)))
  return looks
}
