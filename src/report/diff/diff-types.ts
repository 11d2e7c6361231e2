import type { JsonObject } from '../json-value.js'
import type { LeafChange } from './leaves.js'

export type DiffArea =
  | 'verdicts'
  | 'devices'
  | 'kernel'
  | 'groups'
  | 'findings'
  | 'platform'
  | 'settings'
  | 'tables'
  | 'components'
  | 'unread'

/** The same change, of everything that has it. */
export interface DiffChange {
  readonly area: DiffArea
  /** Addresses, groups, rules, files; empty for the machine itself. */
  readonly subjects: readonly string[]
  /** What of them. */
  readonly field: string
  /** `none` on the side that has it not. */
  readonly before: string
  readonly after: string
  /** Whether isolation became weaker or stronger by it; `none` for what is no verdict. */
  readonly direction: 'weaker' | 'stronger' | 'none'
}

/** One of the two that are compared: a report, and where it was made from a machine what else is known of that. */
export interface DiffSide {
  /** A report, of this or an earlier version. */
  readonly report: JsonObject
  /** Words of the command line and module parameters. */
  readonly settings: ReadonlyMap<string, string>
  /** Tables and trees field by field. */
  readonly tables: ReadonlyMap<string, unknown>
}

export interface DiffReport {
  readonly schema: 'intremap/diff'
  readonly schemaVersion: string
  readonly before: { readonly source: unknown; readonly tool: unknown; readonly platform: unknown }
  readonly after: { readonly source: unknown; readonly tool: unknown; readonly platform: unknown }
  readonly changes: readonly DiffChange[]
  /** 1 where an endpoint is weaker than before, or one that came is not isolated or unknown; else 0. */
  readonly exitCode: 0 | 1
}

/** A change of one thing, before it is joined with the same of others. */
export interface SingleChange extends LeafChange {
  readonly area: DiffArea
  readonly subject: string
  readonly field: string
}
