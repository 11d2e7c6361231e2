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

function decodedDocument(document: FirmwareDocument): DecodedDocument {
  switch (document.kind) {
    case 'acpi':
      return { kind: 'acpi', dump: document.dump, json: decodedTableJson(document.dump) }
    case 'blob':
      return { kind: 'devicetree', tree: decodeDeviceTreeBlob(document.name, document.blob) }
    case 'tree':
      return { kind: 'devicetree', tree: decodeDeviceTreeDirectory(document.name, document.tree) }
  }
}

/** Firmware field by field, as plain data. */
export function decodeFirmware({ documents, diagnostics }: FirmwareDocuments): Decoded {
  return { documents: documents.map(decodedDocument), diagnostics }
}
