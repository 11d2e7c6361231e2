import type { TableDump } from './acpi-dump.js'
import type { Diagnostic } from './acpi-table.js'
import type { DeviceTreeBlob } from './devicetree-blob.js'
import type { DeviceTree } from './devicetree.js'

/** One piece of firmware, read as far as it goes. */
export type FirmwareDocument =
  | { readonly kind: 'acpi'; readonly dump: TableDump }
  | { readonly kind: 'blob'; readonly name: string; readonly blob: DeviceTreeBlob }
  | { readonly kind: 'tree'; readonly name: string; readonly tree: DeviceTree }

/** What `decode` shows. */
export interface FirmwareDocuments {
  /** In the order in which they were given or found. */
  readonly documents: readonly FirmwareDocument[]
  /** What could not be read, or is nothing of the kind. */
  readonly diagnostics: readonly Diagnostic[]
}
