import { BLOCK, parseTarHeader } from '../sysroot/tar-header.js'
import { decodedText, isText } from '../text/evidence-lines.js'
import { knownText } from './known-texts.js'
import { sourceIn } from './devicetree-source.js'
import { TextEvidence } from './texts/text-evidence.js'
import { ToldMachine } from './texts/told-machine.js'

/** No more than this is looked at to tell what a file is. */
export const RECOGNISED_WITHIN = 64 * 1024

/** What a file is, by its content. */
export type Recognised =
  | { readonly kind: 'gzip' | 'zstd' | 'tar' | 'devicetree-blob' | 'acpi-table' | 'devicetree-source' | 'text' }
  /** Known, and not read: `what` it is and the command that turns it into what is read. */
  | { readonly kind: 'refused'; readonly what: string; readonly hint: string }
  | { readonly kind: 'unknown'; readonly what: string }

const TEXTS =
  'lspci in any form, dmesg or journalctl -k, lists of IOMMU groups, /proc/interrupts, /proc/cmdline, uname -a, a kernel ' +
  'configuration, virsh nodedev-dumpxml, pvesh of hardware/pci, acpidump, iasl, acpiview, xxd or hexdump of tables'
/** What to say where nothing was recognised. */
export const WHAT_IS_READ = `Read are: a captured machine or a copied tree (directory, .tar, .tar.gz), ACPI tables, a device-tree blob, and texts: ${TEXTS}.`

/** Formats that begin with these bytes, with the command that turns them. */
const OTHER_FORMATS: readonly (readonly [readonly number[], string, string])[] = [
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], 'compressed with xz', 'xz -dc FILE | intremap probe -'],
  [[0x42, 0x5a, 0x68], 'compressed with bzip2', 'bzip2 -dc FILE | intremap probe -'],
  [[0x50, 0x4b, 0x03, 0x04], 'a zip archive', 'unzip -d DIR FILE && intremap probe DIR'],
  [[0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], 'a 7z archive', '7z x -oDIR FILE && intremap probe DIR'],
  [[0x52, 0x61, 0x72, 0x21, 0x1a, 0x07], 'a rar archive', 'unrar x FILE DIR/ && intremap probe DIR'],
  [[0x04, 0x22, 0x4d, 0x18], 'compressed with lz4', 'lz4 -dc FILE | intremap probe -'],
  [[0x89, 0x4c, 0x5a, 0x4f], 'compressed with lzop', 'lzop -dc FILE | intremap probe -'],
  [[0x4c, 0x5a, 0x49, 0x50], 'compressed with lzip', 'lzip -dc FILE | intremap probe -'],
  [[0x89, 0x50, 0x4e, 0x47], 'a picture', 'Give the text itself: intremap reads no pictures.'],
  [[0xff, 0xd8, 0xff], 'a picture', 'Give the text itself: intremap reads no pictures.'],
  [[0x47, 0x49, 0x46, 0x38], 'a picture', 'Give the text itself: intremap reads no pictures.'],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF document', 'pdftotext -layout FILE - | intremap probe -'],
]
/** The longest table that anybody has seen is an SSDT of some hundred KiB. */
const LARGEST_TABLE = 16 * 1024 * 1024
const TABLE_HEADER = 36

const startsWith = (bytes: Uint8Array, magic: readonly number[]) => magic.every((byte, index) => bytes[index] === byte)

/** A table's own header: signature, a length that a table can have, and an OEM id of printable characters. */
function isTable(bytes: Uint8Array): boolean {
  if (bytes.length < TABLE_HEADER) return false
  if (!/^[A-Z0-9_]{4}$/.test(String.fromCharCode(...bytes.subarray(0, 4)))) return false
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(4, true)
  const isPlain = bytes.subarray(10, 16).every((byte) => byte === 0 || (byte >= 0x20 && byte < 0x7f))
  return length >= TABLE_HEADER && length <= LARGEST_TABLE && isPlain
}

/** A text in whose beginning something is told, or which is a listing whose data come at the end. */
function recognisedText(start: Uint8Array): Recognised {
  const text = decodedText(start)
  if (/\/dts.v1\/;/.test(text) && sourceIn(text) !== undefined) return { kind: 'devicetree-source' }
  if (text.includes('Intel ACPI Component Architecture')) return { kind: 'text' }
  const found = new TextEvidence(new ToldMachine(), '').read(start)
  if (found.length > 0) return { kind: 'text' }
  const known = knownText(text)
  return known ? { kind: 'refused', ...known } : { kind: 'unknown', what: 'a text in which nothing is known' }
}

/** Tells what a file is from its first 64 KiB; what it is called never matters. */
export function recognise(bytes: Uint8Array): Recognised {
  const start = bytes.subarray(0, RECOGNISED_WITHIN)
  if (start.length === 0) return { kind: 'unknown', what: 'empty' }
  if (startsWith(start, [0x1f, 0x8b])) return { kind: 'gzip' }
  if (startsWith(start, [0x28, 0xb5, 0x2f, 0xfd])) return { kind: 'zstd' }
  if (startsWith(start, [0xd0, 0x0d, 0xfe, 0xed])) return { kind: 'devicetree-blob' }
  const other = OTHER_FORMATS.find(([magic]) => startsWith(start, magic))
  if (other) return { kind: 'refused', what: other[1], hint: other[2] }
  if (isTable(start)) return { kind: 'acpi-table' }
  if (start.length >= BLOCK && !('fault' in parseTarHeader(start.subarray(0, BLOCK)))) return { kind: 'tar' }
  return isText(start) ? recognisedText(start) : { kind: 'unknown', what: 'no text and of no known format' }
}
