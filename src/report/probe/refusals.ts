import { messageOf } from '../../kernel-log/messages.js'
import type { KernelLogMessage } from '../../kernel-log/message.js'
import type { Machine } from '../../machine/machine.js'
import type { RefusalReport } from '../types.js'

/** A message that many devices have is told once. */
const MOST = 8

/** What the log holds of devices that were not handed out, each message once with its first line. */
export function refusalsOf({ kernel }: Machine): readonly RefusalReport[] {
  const lines = kernel.log.state === 'known' ? kernel.log.value : (kernel.logInPart?.lines ?? [])
  const first = new Map<KernelLogMessage, string>()
  for (const line of lines) {
    const found = messageOf(line)
    if (found?.message.topic !== 'refusal' || first.has(found.message)) continue
    first.set(found.message, found.kept)
    if (first.size === MOST) break
  }
  return [...first].map(([{ says, source }, line]) => ({ line, says, source }))
}
