import type { Reason, Report } from '../../report/types.js'
import { REASON_WORDS } from './reason-words.js'
import { howNotCollected, whyNotCollected } from './unread-words.js'

/** What a reason means on this machine: a clause about `it`, the device. */
export function becauseWords(reason: Reason, report: Report): string {
  const { because } = REASON_WORDS[reason]
  return reason === 'unreadable' ? (whyNotCollected(report) ?? because) : because
}

/** The same for a column: what nobody collected is not said to be unreadable. */
export function shortWords(reason: Reason, report: Report): string {
  const { short } = REASON_WORDS[reason]
  return (reason === 'unreadable' ? howNotCollected(report) : undefined) ?? short
}
