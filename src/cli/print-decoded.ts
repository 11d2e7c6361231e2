import { renderDecodedTable } from '../render/decode/decode-acpi.js'
import { renderDecodedDeviceTree } from '../render/decode/decode-devicetree.js'
import { escapeText } from '../render/layout/escape.js'
import { jsonPieces } from '../render/formats/json.js'
import type { RenderOptions } from '../render/types.js'
import type { Decoded, DecodedDocument } from '../report/decode/decode.js'
import { InputError } from './errors.js'
import { writeStderr, writeStdoutPieces } from './output.js'
import { renderOptions, type OutputFlags } from './terminal.js'

const documentJson = (document: DecodedDocument): object => (document.kind === 'acpi' ? document.json : document.tree)

/**
 * Prints decoded firmware: as JSON one object, or an array where the input holds several. What could not be read is told
 * on standard error; where nothing could, it is the error.
 */
export function printDecoded(
  { documents, diagnostics }: Decoded,
  flags: OutputFlags & { readonly json: boolean },
): void {
  const [only, ...others] = documents
  if (only === undefined) {
    const [first] = diagnostics
    throw new InputError(first ? `${first.path}: ${first.message}` : 'there is no firmware to decode', {
      ...(first ? { path: first.path } : {}),
      hint: 'Give binary tables, text of acpidump, iasl or acpiview, device-tree blobs, sources or directories, or a capture; those of this host only root reads.',
    })
  }
  for (const { path, message } of diagnostics) writeStderr(`intremap: ${escapeText(path)}: ${escapeText(message)}\n`)
  if (flags.json) {
    writeStdoutPieces(jsonPieces(others.length === 0 ? documentJson(only) : documents.map(documentJson)))
    return
  }
  writeStdoutPieces(textPieces(documents, renderOptions(flags)))
}

/** Documents one after the other, an empty line between them. */
function* textPieces(documents: readonly DecodedDocument[], options: RenderOptions): Generator<string> {
  for (const [index, document] of documents.entries()) {
    if (index > 0) yield '\n'
    if (document.kind === 'acpi') yield* renderDecodedTable(document.dump, Math.max(80, options.columns))
    else yield* renderDecodedDeviceTree(document.tree, options)
  }
}
