import { messageOf } from '../../kernel-log/messages.js'
import type { KernelLogMessage } from '../../kernel-log/message.js'
import type { Machine } from '../../machine/machine.js'
import type { NoteReport } from './explanation.js'

const LOG = 'var/log/dmesg'
/** The same message for many devices or units is told once; so many of its lines are shown. */
const LINES_SHOWN = 3
const FUNCTION = /\b[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]\b/g

/** Lines about this function, and those about no function at all: they are the machine's. */
function concerns(line: string, address: string): boolean {
  const named = line.match(FUNCTION)
  return named === null || named.includes(address)
}

function noteOf({ id, says, source, releases }: KernelLogMessage, lines: readonly string[]): NoteReport {
  const printed = `Printed by ${source}${releases === undefined ? '' : ` (${releases})`}.`
  const left = lines.length - LINES_SHOWN
  return {
    id: `kernel-log-${id}`,
    text: `In the kernel log: ${says} ${printed}${left > 0 ? ` ${left} more lines of it.` : ''}`,
    evidence: lines.slice(0, LINES_SHOWN).map((value) => ({ source: `/${LOG}`, locator: 'a line', value })),
  }
}

/** What the kernel log says of the function and of the machine's remapping, in the order in which it was said. */
export function logNotes({ kernel }: Machine, address: string): readonly NoteReport[] {
  const lines = kernel.log.state === 'known' ? kernel.log.value : (kernel.logInPart?.lines ?? [])
  const said = new Map<KernelLogMessage, string[]>()
  for (const line of lines) {
    const message = messageOf(line)?.message
    if (message === undefined || message.topic === 'machine' || !concerns(line, address)) continue
    const known = said.get(message)
    if (known) known.push(line)
    else said.set(message, [line])
  }
  const { earlierStarts } = kernel
  const passedOver: NoteReport = {
    id: 'kernel-log-earlier-starts',
    text: `The kernel log holds ${earlierStarts} lines of earlier starts as well, which say nothing of this one and were passed over.`,
    evidence: [],
  }
  return [
    ...[...said].map(([message, each]) => noteOf(message, each)),
    ...(earlierStarts === undefined ? [] : [passedOver]),
  ]
}
