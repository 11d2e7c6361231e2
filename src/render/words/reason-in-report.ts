import type { Reason, Report } from '../../report/types.js'
import { REASON_WORDS } from './reason-words.js'
import { whyNotCollected } from './unread-words.js'

/** What a reason means on this machine: a clause about `it`, the device. */
export function becauseWords(reason: Reason, report: Report): string {
  const { because } = REASON_WORDS[reason]
  return reason === 'unreadable' ? (whyNotCollected(report) ?? because) : because
}
