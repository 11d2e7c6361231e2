import {
  absent,
  absentIn,
  excerptOf,
  known,
  knownIn,
  unreadable,
  withValue,
  type AbsentFact,
  type Fact,
  type UnreadableFact,
} from '../machine/fact.js'
import type { Read, Sysroot } from '../sysroot/sysroot.js'

/** Control characters, and what invalid UTF-8 decodes to. Tab and newline are part of many procfs files. */
const DAMAGE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufffd]/

/** A read that gave nothing, as a fact. */
function notRead(
  read: Exclude<Read<unknown>, { readonly state: 'known' }>,
  directory: string,
  file: string,
): AbsentFact | UnreadableFact {
  return read.state === 'absent' ? absentIn(directory, file) : unreadable(read.reason, { path: `${directory}/${file}` })
}

/** A read as a fact; `parse` answers undefined for content that does not fit its format. */
function factOf<T, U>(read: Read<T>, directory: string, file: string, parse: (value: T) => U | undefined): Fact<U> {
  if (read.state !== 'known') return notRead(read, directory, file)
  const value = parse(read.value)
  if (value === undefined) return unreadable('malformed', { path: `${directory}/${file}` })
  return knownIn(directory, file, value, typeof read.value === 'string' ? read.value : undefined)
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

/** What `parse` makes of a whole text; undefined is damage. */
export function readText<T>(
  sysroot: Sysroot,
  directory: string,
  file: string,
  parse: (text: string) => T | undefined,
): Fact<T> {
  return factOf(sysroot.text(`${directory}/${file}`), directory, file, parse)
}

/** A one-line attribute. Blank content is damage too: none of the attributes read here has a blank form. */
export function readAttribute(sysroot: Sysroot, directory: string, file: string): Fact<string> {
  return readText(sysroot, directory, file, lineOf)
}

function lineOf(text: string): string | undefined {
  const line = intactText(text)
  return line === undefined || line === '' || line.includes('\n') ? undefined : line
}

/** The lines of a file of several lines, whose empty form is damage unless `mayBeEmpty`. */
export function readLines(
  sysroot: Sysroot,
  directory: string,
  file: string,
  mayBeEmpty = false,
): Fact<readonly string[]> {
  const path = `${directory}/${file}`
  const read = sysroot.text(path)
  if (read.state !== 'known') return notRead(read, directory, file)
  const text = intactText(read.value, mayBeEmpty)
  if (text === undefined) return unreadable('malformed', { path })
  return knownIn(directory, file, text === '' ? [] : text.split('\n'))
}

/**
 * An attribute in the format of `pattern`, which `convert` turns into the value.
 *
 * @param pattern anchored at both ends and of printable characters only: what fits it is intact
 */
export function readMatching<T>(
  sysroot: Sysroot,
  directory: string,
  file: string,
  pattern: RegExp,
  convert: (line: string) => T | undefined,
): Fact<T> {
  const path = `${directory}/${file}`
  const read = sysroot.text(path)
  if (read.state !== 'known') return notRead(read, directory, file)
  const text = read.value
  const isMatching = text.endsWith('\n') && pattern.test(text.slice(0, -1))
  const line = isMatching ? text.slice(0, -1) : lineOf(text)
  if (line === undefined) return unreadable('malformed', { path })
  const value = isMatching ? convert(line) : undefined
  return value === undefined
    ? unreadable('malformed', { path, excerpt: excerptOf(line) })
    : knownIn(directory, file, value, text)
}

/** Parses a known value; what does not parse is damage. */
export function parsed<T, U>(fact: Fact<T>, parse: (value: T) => U | undefined): Fact<U> {
  if (fact.state !== 'known') return fact
  const value = parse(fact.value)
  return value === undefined ? damaged(fact) : withValue(fact, value)
}

/** Names in a directory. */
export function readNames(sysroot: Sysroot, path: string): Fact<readonly string[]> {
  const read = sysroot.list(path)
  switch (read.state) {
    case 'known':
      return known(read.value, { path })
    case 'absent':
      return absent({ path })
    case 'unreadable':
      return unreadable(read.reason, { path })
  }
}

/** Names in a directory of many that are called alike. */
export function readNamesIn(sysroot: Sysroot, above: string, directory: string): Fact<readonly string[]> {
  return factOf(sysroot.list(`${above}/${directory}`), above, directory, (names) => names)
}

/** Raw target of a link. */
export function readLink(sysroot: Sysroot, directory: string, link: string): Fact<string> {
  return factOf(sysroot.link(`${directory}/${link}`), directory, link, (target) =>
    DAMAGE.test(target) || target === '' ? undefined : target,
  )
}

/** The last component of a link's target, where the target fits `pattern`. */
export function readLinkedName(sysroot: Sysroot, directory: string, link: string, pattern: RegExp): Fact<string> {
  return parsed(readLink(sysroot, directory, link), (target) =>
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
