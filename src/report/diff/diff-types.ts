import type { DecodedTableJson } from '../decode/decode-acpi.js'
import type { DecodedDeviceTree } from '../decode/decoded-devicetree.js'
import type { JsonObject } from '../json-value.js'
import type { Path } from './value-changes.js'

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
  /** Whether the subjects have another value, or came or went as a whole. */
  readonly kind: 'changed' | 'came' | 'gone'
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
  readonly tables: ReadonlyMap<string, FirmwareContent>
}

/** What a table or tree says, without where in its file that stands, and how much more it says than is decoded. */
export type FirmwareContent =
  | { readonly kind: 'acpi'; readonly table: DecodedTableJson; readonly leftOut: number }
  | { readonly kind: 'devicetree'; readonly tree: DecodedTree; readonly leftOut: number }

/** A tree as far as it is decoded. */
export type DecodedTree = Pick<DecodedDeviceTree, 'nodes' | 'nodesLeftOut'>

/** A table or tree of which one side or both say more than was compared: nodes, properties or records. */
export interface ComparedInPart {
  readonly subject: string
  readonly leftOutBefore: number
  readonly leftOutAfter: number
}

export interface DiffReport {
  readonly schema: 'intremap/diff'
  readonly schemaVersion: string
  readonly before: { readonly source: unknown; readonly tool: unknown; readonly platform: unknown }
  readonly after: { readonly source: unknown; readonly tool: unknown; readonly platform: unknown }
  readonly changes: readonly DiffChange[]
  readonly comparedInPart: readonly ComparedInPart[]
  /** 1 where an endpoint is weaker than before, or one that came is not isolated or unknown; else 0. */
  readonly exitCode: 0 | 1
}

/** A change of one thing, before it is joined with the same of others. */
export interface SingleChange extends Pick<DiffChange, 'area' | 'field' | 'kind'> {
  readonly subject: string
  /** Where inside of the subject; `field` in steps. */
  readonly path: Path
  readonly before: string | undefined
  readonly after: string | undefined
}
