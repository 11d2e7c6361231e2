import {
  absent,
  known,
  unreadable,
  type AbsentFact,
  type Fact,
  type Provenance,
  type UnreadableFact,
} from '../machine/fact.js'
import type { Read, Sysroot } from '../sysroot/sysroot.js'

/** Control characters, and what invalid UTF-8 decodes to. Tab and newline are part of many procfs files. */
const DAMAGE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufffd]/
const LONGEST_EXCERPT = 120

/** The place a text was read from, with the text cut to a line. */
export function provenance(path: string, text?: string): Provenance {
  return text === undefined ? { path } : { path, excerpt: text.slice(0, LONGEST_EXCERPT) }
}

/** A read that gave nothing, as a fact. */
function notRead(read: Exclude<Read<unknown>, { readonly state: 'known' }>, path: string): AbsentFact | UnreadableFact {
  return read.state === 'absent' ? absent({ path }) : unreadable(read.reason, { path })
}

/** A read as a fact; `parse` answers undefined for content that does not fit its format. */
export function factOf<T, U>(read: Read<T>, path: string, parse: (value: T) => U | undefined): Fact<U> {
  if (read.state !== 'known') return notRead(read, path)
  const value = parse(read.value)
  if (value === undefined) return unreadable('malformed', { path })
  return known(value, provenance(path, typeof read.value === 'string' ? read.value.trimEnd() : undefined))
}

/**
 * The text of a sysfs or procfs file without its final newline. Text that does not end with one was cut; control
 * characters and invalid UTF-8 are damage as well. An empty file is damage: formats that have an empty form ask
 * `mayBeEmpty`.
 */
export function intactText(text: string, mayBeEmpty = false): string | undefined {
  if (text === '') return mayBeEmpty ? '' : undefined
  return text.endsWith('\n') && !DAMAGE.test(text) ? text.slice(0, -1) : undefined
}

/** A one-line attribute. Blank content is damage too: none of the attributes read here has a blank form. */
export function readAttribute(sysroot: Sysroot, path: string): Fact<string> {
  return factOf(sysroot.text(path), path, lineOf)
}

function lineOf(text: string): string | undefined {
  const line = intactText(text)
  return line === undefined || line === '' || line.includes('\n') ? undefined : line
}

/** The lines of a file of several lines, whose empty form is damage unless `mayBeEmpty`. */
export function readLines(sysroot: Sysroot, path: string, mayBeEmpty = false): Fact<readonly string[]> {
  const read = sysroot.text(path)
  if (read.state !== 'known') return notRead(read, path)
  const text = intactText(read.value, mayBeEmpty)
  if (text === undefined) return unreadable('malformed', { path })
  return known(text === '' ? [] : text.split('\n'), { path })
}

/**
 * An attribute in the format of `pattern`, which `convert` turns into the value.
 *
 * @param pattern anchored at both ends and of printable characters only: what fits it is intact
 */
export function readMatching<T>(
  sysroot: Sysroot,
  path: string,
  pattern: RegExp,
  convert: (line: string) => T | undefined,
): Fact<T> {
  const read = sysroot.text(path)
  if (read.state !== 'known') return notRead(read, path)
  const text = read.value
  const isMatching = text.endsWith('\n') && pattern.test(text.slice(0, -1))
  const line = isMatching ? text.slice(0, -1) : lineOf(text)
  if (line === undefined) return unreadable('malformed', { path })
  const value = isMatching ? convert(line) : undefined
  const from = provenance(path, line.trimEnd())
  return value === undefined ? unreadable('malformed', from) : known(value, from)
}

/** Parses a known value; what does not parse is damage. */
export function parsed<T, U>(fact: Fact<T>, parse: (value: T) => U | undefined): Fact<U> {
  if (fact.state !== 'known') return fact
  const value = parse(fact.value)
  return value === undefined ? damaged(fact) : { state: 'known', value, from: fact.from }
}

/** Names in a directory. */
export function readNames(sysroot: Sysroot, path: string): Fact<readonly string[]> {
  return factOf(sysroot.list(path), path, (names) => names)
}

/** Raw target of a link. */
export function readLink(sysroot: Sysroot, path: string): Fact<string> {
  return factOf(sysroot.link(path), path, (target) => (DAMAGE.test(target) || target === '' ? undefined : target))
}

/** The last component of a link's target, where the target fits `pattern`. */
export function readLinkedName(sysroot: Sysroot, path: string, pattern: RegExp): Fact<string> {
  return parsed(readLink(sysroot, path), (target) =>
    pattern.test(target) ? target.slice(target.lastIndexOf('/') + 1) : undefined,
  )
}

/** The same fact as damage: a second witness says otherwise, or its format is broken. */
export function damaged(...facts: readonly Fact<unknown>[]): Fact<never> {
  return unreadable('malformed', ...facts.flatMap((fact) => fact.from))
}

/** What every kernel provides: its absence means that it was not collected. */
export function required<T>(fact: Fact<T>): Fact<T> {
  return fact.state === 'absent' ? unreadable('not-collected', ...fact.from) : fact
}
