import type { AcceptedEntry } from './baseline.js'

/** What a baseline did. It gates the exit code: verdicts and findings stay as they are. */
export interface BaselineReport {
  readonly name: string
  /** The day that entries were held against, in UTC. */
  readonly day: string
  /** Entries in force that something on this machine matches. */
  readonly accepted: readonly AcceptedEntry[]
  /** Entries whose last day is over: they count no more. */
  readonly expired: readonly AcceptedEntry[]
  /** Entries that nothing on this machine matches. */
  readonly unmatched: readonly AcceptedEntry[]
  /** Endpoints that are good enough by it alone. */
  readonly devices: readonly string[]
}

/** What beside the verdicts decides the exit code, where somebody asked for it. */
export interface GateSummary {
  /** `strict`, `kernel`, a file, or `default`. */
  readonly policy: string
  /** Rules that the policy wants passed and that did not pass, or could not tell. */
  readonly failedRules: readonly string[]
  readonly baseline: BaselineReport | 'none'
}
