import { takesText } from '../budget/text.js'
import { leftOutLine, readKernelLog } from '../kernel-log/read-kernel-log.js'
import { textOf, type Redaction } from './redacted-text.js'

/**
 * The kernel log: of the messages that tell something the parts that are known, without time stamps. A log of which lines
 * could not be read says so in a line of its own, and is as incomplete as it was.
 */
export const kernelLog: Redaction = (content, budget) => {
  if (content.length === 0) return content
  if (!takesText(content, budget)) return undefined
  const log = readKernelLog(textOf(content))
  const kept = log.recognised.flatMap((message) => message?.kept ?? [])
  const lines = log.unread === 0 ? kept : [...kept, leftOutLine(log)]
  return new TextEncoder().encode(`${lines.join('\n')}\n`)
}
