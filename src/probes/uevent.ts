import { unreadable, type Fact } from '../machine/fact.js'
import type { Sysroot } from '../sysroot/sysroot.js'
import { damaged, parsed, readLines } from './attribute.js'

/** `KEY=value` lines of a device's `uevent`. The kernel writes driver and device-tree node there as well as as links. */
export class Uevent {
  private readonly lines: readonly string[]

  /** @param lines each with a `=` that is not its first character */
  constructor(lines: readonly string[]) {
    this.lines = lines
  }

  /** The value of a variable; the last, where several lines name it. Few are asked for, so that nothing is kept ready. */
  get(variable: string): string | undefined {
    const { length } = variable
    const found = this.lines.findLast((line) => line.startsWith(variable) && line[length] === '=')
    return found?.slice(length + 1)
  }
}

/** Reads `DIRECTORY/uevent`; a line that is no `KEY=value` is damage. A device without variables has an empty file. */
export function readUevent(sysroot: Sysroot, directory: string): Fact<Uevent> {
  return parsed(readLines(sysroot, directory, 'uevent', true), (lines) =>
    lines.every((line) => line.indexOf('=') > 0) ? new Uevent(lines) : undefined,
  )
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
  if (link.state === 'absent') return said === undefined ? link : damaged(link, uevent)
  return link.value === said ? link : damaged(link, uevent)
}
