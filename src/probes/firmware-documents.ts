import { Budget } from '../budget/budget.js'
import type { Diagnostic } from '../machine/acpi-table.js'
import { finishTree } from '../machine/devicetree-builder.js'
import type { FirmwareDocument, FirmwareDocuments } from '../machine/firmware-documents.js'
import { extractTables } from '../sysroot/acpi-text-dumps.js'
import type { FirmwareSource, NamedBytes } from '../sysroot/firmware-source.js'
import type { Sysroot } from '../sysroot/sysroot.js'
import { dumpAcpiTable } from './acpi/dump.js'
import { acpiTableFiles } from './acpi/table-files.js'
import { parseDeviceTreeBlob } from './devicetree/blob.js'
import { readDeviceTreeDirectory } from './devicetree/directory.js'
import { DEVICE_TREE_DIRECTORY, probeDeviceTree } from './devicetree/tree.js'
import { everyProperty } from './devicetree/wanted-properties.js'
import { isDeviceTreeBlob } from './firmware-files.js'

/** Tables and blobs of files that are recognised by content. Never throws; what is neither is in the diagnostics. */
function documentsOfFiles(files: readonly NamedBytes[]): FirmwareDocuments {
  const documents: FirmwareDocument[] = []
  const diagnostics: Diagnostic[] = []
  const budget = new Budget()
  for (const { path, bytes } of files) {
    if (isDeviceTreeBlob(bytes)) {
      documents.push({ kind: 'blob', name: path, blob: parseDeviceTreeBlob(bytes, path, budget) })
      continue
    }
    const extraction = extractTables(bytes, path, budget)
    for (const table of extraction.tables)
      documents.push({ kind: 'acpi', dump: dumpAcpiTable(table.bytes, path, budget) })
    for (const one of extraction.diagnostics) diagnostics.push(one)
  }
  return { documents, diagnostics }
}

/** The tables and the tree of a live or captured machine. */
function documentsOfMachine(sysroot: Sysroot): FirmwareDocuments {
  const documents: FirmwareDocument[] = []
  const diagnostics: Diagnostic[] = []
  const unread = (path: string, reason: string) =>
    diagnostics.push({ path: `/${path}`, offset: 0, message: `it cannot be read (${reason}).` })
  const tables = acpiTableFiles(sysroot)
  if (tables.state === 'unreadable') unread('sys/firmware/acpi/tables', tables.reason)
  for (const { path, bytes } of tables.state === 'known' ? tables.value : []) {
    if (bytes.state === 'known')
      documents.push({ kind: 'acpi', dump: dumpAcpiTable(bytes.value, `/${path}`, sysroot.budget) })
    else unread(path, bytes.state === 'absent' ? 'it is listed, but not there' : bytes.reason)
  }
  const tree = probeDeviceTree(sysroot, everyProperty)
  const name = `/${tree.from[0]?.path ?? DEVICE_TREE_DIRECTORY}`
  if (tree.state === 'known') documents.push({ kind: 'tree', name, tree: tree.value })
  if (tree.state === 'unreadable') unread(name.slice(1), tree.reason)
  return { documents, diagnostics }
}

/**
 * A device tree shown as a directory, such as a copy of `/proc/device-tree`: the whole of `sysroot`.
 *
 * @param name what people know it by
 */
function documentOfTreeDirectory(sysroot: Sysroot, name: string): FirmwareDocuments {
  const listing = sysroot.list('')
  if (listing.state !== 'known') {
    const reason = listing.state === 'absent' ? 'it is not there' : listing.reason
    return { documents: [], diagnostics: [{ path: name, offset: 0, message: `it cannot be read (${reason}).` }] }
  }
  const root = readDeviceTreeDirectory(sysroot, '', listing.value, everyProperty)
  return { documents: [{ kind: 'tree', name, tree: finishTree(root, false) }], diagnostics: [] }
}

/** The firmware of a source, document by document. */
export function firmwareDocuments(source: FirmwareSource): FirmwareDocuments {
  switch (source.kind) {
    case 'files':
      return documentsOfFiles(source.files)
    case 'tree':
      return documentOfTreeDirectory(source.sysroot, source.name)
    case 'machine':
      return documentsOfMachine(source.sysroot)
  }
}
