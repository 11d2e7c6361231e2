/** Where a fact was read: a path inside the sysroot, and for tables and blobs the bytes. */
export interface Provenance {
  /** Path as the probed machine names it, without leading slash: `sys/firmware/acpi/tables/IORT`. */
  readonly path: string
  /** Byte range inside the file; absent for facts that are the whole file. */
  readonly at?: { readonly offset: number; readonly length: number }
  /** Path of the node of a device tree that it was read of: `/pcie@10000000`. */
  readonly node?: string
  /** Name of the property of that node; absent where it is about the node as such. */
  readonly property?: string | undefined
  /** The text or hex bytes that were read, cut to a line. */
  readonly excerpt?: string
}

/**
 * Why a file could not become a fact. `malformed` is damage that the content's own format shows: a table with a wrong
 * length or checksum, sysfs text without its final newline, a cell property whose size is no multiple of four.
 * `not-collected`: the machine may well have it, whoever took its files did not look or could not.
 */
export type ReadFailure = 'permission' | 'io' | 'malformed' | 'too-large' | 'not-collected'

export interface KnownFact<T> {
  readonly state: 'known'
  readonly value: T
  readonly from: readonly Provenance[]
}
export interface AbsentFact {
  readonly state: 'absent'
  readonly from: readonly Provenance[]
}
export interface UnreadableFact {
  readonly state: 'unreadable'
  readonly reason: ReadFailure
  readonly from: readonly Provenance[]
}

/** A value with its origin, or the knowledge that it is not there, or the reason why nobody can tell. */
export type Fact<T> = KnownFact<T> | AbsentFact | UnreadableFact

/** A value that was read, and where. */
export function known<T>(value: T, ...from: readonly Provenance[]): KnownFact<T> {
  return { state: 'known', value, from }
}

/** What is not there, and where it was looked for. */
export function absent(...from: readonly Provenance[]): AbsentFact {
  return { state: 'absent', from }
}

/** What is or may be there and cannot be read, why, and where. */
export function unreadable(reason: ReadFailure, ...from: readonly Provenance[]): UnreadableFact {
  return { state: 'unreadable', reason, from }
}

/** Applies `transform` to a known value; absent and unreadable facts pass unchanged. */
export function mapFact<T, U>(fact: Fact<T>, transform: (value: T) => U): Fact<U> {
  return fact.state === 'known' ? { state: 'known', value: transform(fact.value), from: fact.from } : fact
}

/** The known value, else `fallback`. Only for words and evidence: a judgement has to look at the state. */
export function valueOr<T, U>(fact: Fact<T>, fallback: U): T | U {
  return fact.state === 'known' ? fact.value : fallback
}
