import { readKernelLog } from '../kernel-log/read-kernel-log.js'
import { known, unreadable, type Fact } from '../machine/fact.js'
import type { UnreadableLog } from '../machine/kernel.js'
import type { Sysroot } from '../sysroot/sysroot.js'
import { readText } from './attribute.js'

const LOG = 'var/log/dmesg'

export interface KernelLogFacts {
  readonly log: Fact<readonly string[]>
  readonly logInPart?: UnreadableLog
  readonly earlierStarts?: number
}

/** The messages of a log with what was left out of it. */
interface ParsedLog extends UnreadableLog {
  readonly earlierStarts: number
}

/** The messages that say something here, in order, and how much of the text could not be read. */
export function parseKernelLog(text: string): ParsedLog {
  const { lines, recognised, unread, total, earlierBoots } = readKernelLog(text)
  return {
    lines: lines.filter((_, at) => recognised[at] !== undefined),
    unread,
    total,
    earlierStarts: earlierBoots,
  }
}

/**
 * The kernel log. Its absence is a value: it rotates away, and needs a privilege. A log of which some lines cannot be
 * read is unreadable, for any of them may be the one that matters; what was read of it stands beside the fact.
 */
export function probeKernelLog(sysroot: Sysroot): KernelLogFacts {
  const read = readText(sysroot, 'var/log', 'dmesg', (text) => (text === '' ? undefined : parseKernelLog(text)))
  if (read.state !== 'known') return { log: read }
  const { lines, unread, total, earlierStarts } = read.value
  const earlier = earlierStarts > 0 ? { earlierStarts } : {}
  if (unread === 0) return { log: known(lines, { path: LOG }), ...earlier }
  return { log: unreadable('malformed', { path: LOG }), logInPart: { lines, unread, total }, ...earlier }
}
