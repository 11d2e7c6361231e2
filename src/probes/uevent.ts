import { absent, known, unreadable, type Fact } from '../machine/fact.js'
import type { Sysroot } from '../sysroot/sysroot.js'
import { damaged, parsed, readLines } from './attribute.js'

/** `KEY=value` lines of a device's `uevent`. The kernel writes driver and device-tree node there as well as as links. */
export type Uevent = ReadonlyMap<string, string>

/** Reads `DIRECTORY/uevent`; a line that is no `KEY=value` is damage. A device without variables has an empty file. */
export function readUevent(sysroot: Sysroot, directory: string): Fact<Uevent> {
  return parsed(readLines(sysroot, `${directory}/uevent`, true), (lines) => {
    const variables = new Map<string, string>()
    for (const line of lines) {
      const equals = line.indexOf('=')
      if (equals <= 0) return undefined
      variables.set(line.slice(0, equals), line.slice(equals + 1))
    }
    return variables
  })
}

/**
 * Joins a link with the `uevent` variable that says the same. Where only one of the two speaks, or they differ, nobody
 * can tell. Without a readable `uevent` a link stands alone, but its absence proves nothing.
 */
export function confirmedByUevent(link: Fact<string>, uevent: Fact<Uevent>, variable: string): Fact<string> {
  if (link.state === 'unreadable') return link
  if (uevent.state !== 'known') {
    if (link.state === 'known') return link
    return unreadable(uevent.state === 'unreadable' ? uevent.reason : 'not-collected', ...link.from, ...uevent.from)
  }
  const said = uevent.value.get(variable)
  if (link.state === 'absent') return said === undefined ? absent(...link.from) : damaged(link, uevent)
  return link.value === said ? known(link.value, ...link.from) : damaged(link, uevent)
}
