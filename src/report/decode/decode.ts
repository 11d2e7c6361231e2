import { Budget } from '../../budget/budget.js'
import type { Diagnostic } from '../../machine/acpi-table.js'
import type { FirmwareDocument, FirmwareDocuments } from '../../machine/firmware-documents.js'
import { decodedTableJson, type DecodedTableJson, type TableDump } from './decode-acpi.js'
import { decodeDeviceTreeBlob, decodeDeviceTreeDirectory } from './decode-devicetree.js'
import type { DecodedDeviceTree } from './decoded-devicetree.js'

/** One piece of firmware, ready to be shown. */
export type DecodedDocument =
  | { readonly kind: 'acpi'; readonly dump: TableDump; readonly json: DecodedTableJson }
  | { readonly kind: 'devicetree'; readonly tree: DecodedDeviceTree }

export interface Decoded {
  readonly documents: readonly DecodedDocument[]
  readonly diagnostics: readonly Diagnostic[]
}

function decodedDocument(document: FirmwareDocument, budget: Budget): DecodedDocument {
  switch (document.kind) {
    case 'acpi':
      return {
        kind: 'acpi',
        dump: document.dump,
        get json() {
          return decodedTableJson(document.dump)
        },
      }
    case 'blob':
      return { kind: 'devicetree', tree: decodeDeviceTreeBlob(document.name, document.blob, budget) }
    case 'tree':
      return { kind: 'devicetree', tree: decodeDeviceTreeDirectory(document.name, document.tree, budget) }
  }
}

/** Firmware field by field, as plain data; of device trees as many values as one `budget` has rows for. */
export function decodeFirmware({ documents, diagnostics }: FirmwareDocuments, budget = new Budget()): Decoded {
  return { documents: documents.map((document) => decodedDocument(document, budget)), diagnostics }
}
