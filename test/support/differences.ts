import { DraftNode } from '../../src/machine/devicetree-builder.js'
import type { Observation } from './observation.js'
import type { StructuralKeys } from './structural-keys.js'

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
const isView = (value: unknown): value is ArrayBufferView => ArrayBuffer.isView(value)

/** What tells the members of a list apart that are objects: the first of these that they have. */
const LABELS = ['path', 'name', 'id'] as const

function labelOf(value: unknown): string | undefined {
  if (!isObject(value)) return undefined
  for (const name of LABELS) {
    const label: unknown = Reflect.get(value, name)
    if (typeof label === 'string') return label
  }
  return undefined
}

/** The members of a list by their labels; undefined where they have none, or two have the same. */
function labelled(list: readonly unknown[]): Map<unknown, unknown> | undefined {
  const members = new Map<unknown, unknown>()
  for (const member of list) {
    const label = labelOf(member)
    if (label === undefined || members.has(label)) return undefined
    members.set(label, member)
  }
  return members
}

/** What stands at a place, in words, and whether the place was looked at. */
interface Difference {
  readonly words: string
  readonly isSeen: boolean
}

/** What a value differs in. */
export interface Differing {
  /** Everything but the reasons of `unread`. */
  readonly words: string
  /** Facts that are unreadable here and are something else there, in the order of `words`. */
  readonly unread: readonly UnreadFact[]
}

/** A fact that could not be read: `reason` says why. */
export type UnreadFact = object & { readonly reason: string }

const UNREAD_FACT: ReadonlySet<string> = new Set(['state', 'reason', 'from'])

const isUnread = (value: object): value is UnreadFact =>
  'state' in value &&
  value.state === 'unreadable' &&
  'reason' in value &&
  typeof value.reason === 'string' &&
  Object.keys(value).every((name) => UNREAD_FACT.has(name))

/** With what an object was compared. */
interface Compared {
  readonly after: object
  /** Also while the two are compared. */
  differs: boolean
  /** Where their differences begin. */
  readonly first: number
}

/**
 * Says in what a value differs from one that others are held against, in words that are equal for two values only where
 * their contents are. What both share is passed over, so that it costs what the difference is worth.
 *
 * Provenance (`from`) is no content, and a node's `parent` is told by its path, as in StructuralKeys.
 */
export class Differences {
  private readonly base: object
  private readonly observation: Observation
  private readonly keys: StructuralKeys
  private readonly place: unknown[] = []
  private compared = new Map<object, Compared>()
  private found: Difference[] = []
  private unread: UnreadFact[] = []

  /** @param observation what was looked at of `base` */
  constructor(base: object, observation: Observation, keys: StructuralKeys) {
    this.base = base
    this.observation = observation
    this.keys = keys
  }

  /** The differences of `after`; undefined where none of them is in what was looked at. */
  of(after: object): Differing | undefined {
    this.compared = new Map()
    this.found = []
    this.unread = []
    this.walk(this.base, after, this.base, undefined)
    if (!this.found.some(({ isSeen }) => isSeen)) return undefined
    return { words: this.found.map(({ words }) => words).join('\n'), unread: this.unread }
  }

  private note(difference: string, isSeen: boolean): true {
    const place = this.place.map((name) => this.keys.part(name)).join(' ')
    this.found.push({ words: `${place}: ${difference}`, isSeen })
    return true
  }

  /** @returns whether the two differ that stand in `holder` as its member `name` */
  private walk(before: unknown, after: unknown, holder: object, name: unknown): boolean {
    if (Object.is(before, after)) return false
    if (!isObject(before) || !isObject(after)) return this.other(after, holder, name)
    const known = this.compared.get(before)
    if (known?.after === after) {
      if (known.differs) this.note(`as from ${known.first} on`, false)
      return known.differs
    }
    const pair: Compared = { after, differs: true, first: this.found.length }
    this.compared.set(before, pair)
    pair.differs = this.inside(before, after, holder, name)
    return pair.differs
  }

  private other(after: unknown, holder: object, name: unknown): true {
    return this.note(this.keys.part(after), this.observation.sees(holder, name))
  }

  private inside(before: object, after: object, holder: object, name: unknown): boolean {
    if (Object.getPrototypeOf(before) !== Object.getPrototypeOf(after)) return this.other(after, holder, name)
    if (isView(before) && isView(after)) return !sameBytes(before, after) && this.other(after, holder, name)
    if (Array.isArray(before) && Array.isArray(after)) return this.insideList(before, after)
    if (before instanceof Map && after instanceof Map) return this.insideMap(before, before, after)
    if (before instanceof Set && after instanceof Set) {
      return !sameInOrder([...before], [...after]) && this.note(this.keys.part(after), this.observation.enters(before))
    }
    return this.insideRecord(before, after)
  }

  private insideList(before: readonly unknown[], after: readonly unknown[]): boolean {
    if (before.length === after.length) {
      let differs = false
      for (let at = 0; at < before.length; at++) {
        if (this.member(at, before[at], after[at], before)) differs = true
      }
      return differs
    }
    const [members, others] = [labelled(before), labelled(after)]
    if (members && others) return this.insideMap(before, members, others)
    return this.note(this.keys.part(after), this.observation.enters(before))
  }

  private insideMap(holder: object, before: Map<unknown, unknown>, after: Map<unknown, unknown>): boolean {
    const keys = [...after.keys()]
    let differs = false
    if (!sameInOrder([...before.keys()], keys)) {
      differs = this.note(
        `keys ${keys.map((key) => this.keys.part(key)).join(' ')}`,
        holder === before ? this.observation.seesKeys(before, after) : this.observation.enters(holder),
      )
    }
    for (const [key, member] of after) {
      if (!before.has(key)) differs = this.absentBefore(key, member)
      else if (this.member(key, before.get(key), member, holder)) differs = true
    }
    return differs
  }

  private insideRecord(before: object, after: object): boolean {
    const names = Object.keys(after)
    if (!sameInOrder(Object.keys(before), names)) {
      return this.note(this.unlike(after), this.observation.enters(before))
    }
    let differs = false
    for (const name of names) {
      const was: unknown = Reflect.get(before, name)
      const is: unknown = Reflect.get(after, name)
      if (name === 'from' && Array.isArray(is)) continue
      const isParent = name === 'parent' && was instanceof DraftNode && is instanceof DraftNode
      if (this.member(name, isParent ? was.path : was, isParent ? is.path : is, before)) differs = true
    }
    return differs
  }

  /** A record with other members than the one before. */
  private unlike(after: object): string {
    if (!isUnread(after)) return this.keys.part(after)
    this.unread.push(after)
    return 'unreadable'
  }

  private member(name: unknown, before: unknown, after: unknown, holder: object): boolean {
    if (Object.is(before, after)) return false
    this.place.push(name)
    const differs = this.walk(before, after, holder, name)
    this.place.pop()
    return differs
  }

  private absentBefore(name: unknown, after: unknown): true {
    this.place.push(name)
    this.note(this.keys.part(after), false)
    this.place.pop()
    return true
  }
}

const sameInOrder = (before: readonly unknown[], after: readonly unknown[]) =>
  before.length === after.length && before.every((member, at) => Object.is(member, after[at]))

function sameBytes(before: ArrayBufferView, after: ArrayBufferView): boolean {
  const [one, other] = [before, after].map((view) => Buffer.from(view.buffer, view.byteOffset, view.byteLength))
  return one !== undefined && other !== undefined && one.equals(other)
}
