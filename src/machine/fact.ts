/** Some bytes of a file: where they begin and how many they are. */
interface Bytes {
  readonly offset: number
  readonly length: number
}

/** Where a fact was read: a path inside the sysroot, and for tables and blobs the bytes. */
export interface Provenance {
  /** Path as the probed machine names it, without leading slash: `sys/firmware/acpi/tables/IORT`. */
  readonly path: string
  /** Byte range inside the file; absent for facts that are the whole file. */
  readonly at?: Bytes
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

/** Characters of a text that evidence shows. */
const LONGEST_EXCERPT = 120

/** A text as evidence shows it: cut to a line. */
export const excerptOf = (text: string): string => text.trimEnd().slice(0, LONGEST_EXCERPT)

const isShort = (text: string): boolean => text.length < LONGEST_EXCERPT

/**
 * A place in a directory of the machine, as two names that facts share. Of the facts of thousands of functions few are ever
 * shown, and places made before anybody asks took more memory than what was read there: each question makes them anew.
 */
abstract class InFile {
  protected readonly directory: string
  protected readonly file: string
  /** What was read: with the end of its line where it is a short one, since a text without it would be another. */
  protected readonly text: string | undefined

  constructor(directory: string, file: string, text: string | undefined) {
    this.directory = directory
    this.file = file
    this.text = text
  }

  get from(): readonly Provenance[] {
    const path = `${this.directory}/${this.file}`
    return [
      this.text === undefined ? { path } : { path, excerpt: isShort(this.text) ? this.text.trimEnd() : this.text },
    ]
  }
}

class AbsentInFile extends InFile implements AbsentFact {
  get state(): 'absent' {
    return 'absent'
  }
}

class KnownInFile<T> extends InFile implements KnownFact<T> {
  readonly value: T

  constructor(directory: string, file: string, text: string | undefined, value: T) {
    super(directory, file, text)
    this.value = value
  }

  get state(): 'known' {
    return 'known'
  }

  with<U>(value: U): KnownFact<U> {
    return new KnownInFile(this.directory, this.file, this.text, value)
  }

  without(): AbsentFact {
    return new AbsentInFile(this.directory, this.file, this.text)
  }
}

/** Some bytes of a file. */
class KnownInBytes<T> extends KnownInFile<T> implements Bytes {
  readonly offset: number
  readonly length: number

  constructor(directory: string, file: string, at: Bytes, text: string | undefined, value: T) {
    super(directory, file, text, value)
    this.offset = at.offset
    this.length = at.length
  }

  override get from(): readonly Provenance[] {
    const at = { offset: this.offset, length: this.length }
    return super.from.map((place) => ({ ...place, at }))
  }

  override with<U>(value: U): KnownFact<U> {
    return new KnownInBytes(this.directory, this.file, this, this.text, value)
  }
}

/** A value that was read, and where. */
export function known<T>(value: T, ...from: readonly Provenance[]): KnownFact<T> {
  return { state: 'known', value, from }
}

/** A value that was read of `file` in `directory`; `text` is what stands there. */
export function knownIn<T>(directory: string, file: string, value: T, text?: string): KnownFact<T> {
  return new KnownInFile(directory, file, text === undefined || isShort(text) ? text : excerptOf(text), value)
}

/** A value that was read of the bytes `at` some place of `file`; `digits` are they in hexadecimal. */
export function knownInBytes<T>(directory: string, file: string, at: Bytes, value: T, digits: string): KnownFact<T> {
  return new KnownInBytes(directory, file, at, digits, value)
}

/** What is not there, and where it was looked for. */
export function absent(...from: readonly Provenance[]): AbsentFact {
  return { state: 'absent', from }
}

/** What is not there: `file` in `directory`. */
export function absentIn(directory: string, file: string): AbsentFact {
  return new AbsentInFile(directory, file, undefined)
}

/** What is or may be there and cannot be read, why, and where. */
export function unreadable(reason: ReadFailure, ...from: readonly Provenance[]): UnreadableFact {
  return { state: 'unreadable', reason, from }
}

/** Another value that follows from what was read at the same place. */
export function withValue<T>(fact: KnownFact<unknown>, value: T): KnownFact<T> {
  return fact instanceof KnownInFile ? fact.with(value) : { state: 'known', value, from: fact.from }
}

/** What was read says itself that there is nothing. */
export function withoutValue(fact: KnownFact<unknown>): AbsentFact {
  return fact instanceof KnownInFile ? fact.without() : { state: 'absent', from: fact.from }
}

/** Applies `transform` to a known value; absent and unreadable facts pass unchanged. */
export function mapFact<T, U>(fact: Fact<T>, transform: (value: T) => U): Fact<U> {
  return fact.state === 'known' ? withValue(fact, transform(fact.value)) : fact
}

/** The known value, else `fallback`. Only for words and evidence: a judgement has to look at the state. */
export function valueOr<T, U>(fact: Fact<T>, fallback: U): T | U {
  return fact.state === 'known' ? fact.value : fallback
}
