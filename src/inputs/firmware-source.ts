import { Budget } from '../budget/budget.js'
import { LIMITS } from '../budget/limits.js'
import { extractTables } from '../sysroot/acpi-text-dumps.js'
import { isText } from '../text/evidence-lines.js'
import { openDirectorySysroot, type DirectorySysroot } from '../sysroot/directory-sysroot.js'
import type { FirmwareSource, NamedBytes } from '../sysroot/firmware-source.js'
import { RedactingSysroot } from '../capture/redacting-sysroot.js'
import { beginningOfGzip, gunzipped, whyNotUnpacked } from './decompress.js'
import { InputError, UsageError } from './errors.js'
import { inputName, isDirectory, readInputFile } from './input-file.js'
import { compiledTree } from './devicetree-source.js'
import { openEvidence } from './open-evidence.js'
import { openSysroot, type InputSelection } from './open-machine.js'
import { recognise } from './recognise.js'

const FILE = {
  limitBytes: LIMITS.archiveBytes,
  noun: 'a table, a blob or a capture',
  directoryHint: 'A directory stands alone.',
}
/** Files looked at in a directory that was given. */
const DIRECTORY_LIMIT = 4096
/** Bytes of a file that tell what it is. */
const LOOKED_AT = 4096
const TABLES = new Set(['IORT', 'APIC', 'MCFG', 'DMAR', 'IVRS', 'VIOT', 'RIMT'])
const BLOB = [0xd0, 0x0d, 0xfe, 0xed]

const startsWith = (bytes: Uint8Array, magic: readonly number[]) => magic.every((byte, index) => bytes[index] === byte)

function withoutFinalSlashes(path: string): string {
  let end = path.length
  while (path[end - 1] === '/') end -= 1
  return path.slice(0, end)
}

/** What the text of a dump has in its first lines, whoever wrote it; other texts in a directory are not read. */
const DUMP_WORDS: readonly string[] = [
  ' @ 0x',
  'Raw Table Data',
  'Intel ACPI Component Architecture',
  'ACPI',
  '00000: ',
  '0000000 ',
]

/** Whether a file of a directory may belong to the firmware that is judged; all kinds of files may lie beside. */
function mayBeFirmware(beginning: Uint8Array): boolean {
  if (startsWith(beginning, BLOB)) return true
  const text = Buffer.from(beginning).toString('latin1')
  return TABLES.has(text.slice(0, 4)) || (isText(beginning) && DUMP_WORDS.some((word) => text.includes(word)))
}

/** Whether it is firmware that is judged, now that all of it was read. */
function isFirmware({ path, bytes }: NamedBytes, budget: Budget): boolean {
  if (startsWith(bytes, BLOB)) return true
  return extractTables(bytes, path, budget).tables.some(({ signature }) => TABLES.has(signature.slice(0, 4)))
}

/** The firmware among the files of a directory. Links are passed over, and what is no firmware is not read. */
function filesOfDirectory(sysroot: DirectorySysroot, names: readonly string[]): readonly NamedBytes[] {
  const directory = sysroot.origin.name
  const firmware: NamedBytes[] = []
  for (const name of names.slice(0, DIRECTORY_LIMIT)) {
    if (sysroot.link(name).state === 'known') continue
    const beginning = sysroot.beginning(name, LOOKED_AT)
    if (beginning.state !== 'known' || !mayBeFirmware(beginning.value)) continue
    const path = `${withoutFinalSlashes(directory)}/${name}`
    const content = sysroot.bytes(name)
    if (content.state === 'unreadable') throw new InputError(`${path}: it cannot be read (${content.reason})`, { path })
    const file = { path, bytes: content.state === 'known' ? content.value : new Uint8Array(0) }
    if (isFirmware(file, sysroot.budget)) firmware.push(file)
  }
  if (firmware.length > 0) return firmware
  throw new InputError(`${directory}: no file in it is a table or a device-tree blob, and it is no tree of a machine`, {
    path: directory,
    hint: 'Give the files, a directory of them, or the root of a captured tree.',
  })
}

/** A directory, and nothing outside of it: no link in it leads out. */
async function ofDirectory(directory: string): Promise<FirmwareSource> {
  const sysroot = openDirectorySysroot(directory, { kind: 'sysroot', name: directory })
  const listing = sysroot.list('')
  if (listing.state !== 'known') {
    const reason = listing.state === 'absent' ? 'it is gone' : listing.reason
    throw new InputError(`${directory}: it cannot be listed (${reason})`, { path: directory })
  }
  const names = new Set(listing.value)
  // A copy of `/proc/device-tree`: the kernel gives the root node these files.
  const isTree = names.has('name') && (names.has('compatible') || names.has('#address-cells'))
  if (isTree) return { kind: 'tree', sysroot, name: directory }
  if (names.has('sys')) return { kind: 'machine', sysroot: await openSysroot({ sysroot: directory }) }
  return { kind: 'files', files: filesOfDirectory(sysroot, listing.value) }
}

/** What a file holds, once its compression is taken away; an archive is a machine, or files of one. */
function unwrapped(
  name: string,
  whole: Uint8Array,
  budget: Budget,
): { readonly bytes: Uint8Array; readonly isArchive: boolean } {
  const found = recognise(whole)
  if (found.kind === 'refused' && whole.length >= 36) {
    throw new InputError(`${name}: ${found.what}`, {
      path: name,
      hint: found.hint.replace('intremap probe', 'intremap lint'),
    })
  }
  if (found.kind === 'zstd') return { bytes: whole, isArchive: true }
  if (found.kind !== 'gzip') return { bytes: whole, isArchive: found.kind === 'tar' }
  if (recognise(beginningOfGzip(whole)).kind === 'tar') return { bytes: whole, isArchive: true }
  const bytes = gunzipped(whole, budget)
  if (typeof bytes !== 'string') return { bytes, isArchive: false }
  const { what, hint } = whyNotUnpacked(bytes, 'gzip', budget)
  throw new InputError(`${name}: ${what}`, { path: name, hint })
}

function alone(path: string): UsageError {
  return new UsageError(`${path}: a capture or directory is a machine of its own`, {
    path,
    hint: 'Give it alone, or give files of one machine.',
  })
}

/**
 * Where to read firmware: the files that were named, recognised by content, or the machine that the flags select, else
 * this host. One path may be a captured machine (.tar.gz) or a directory. Throws the errors of `openSysroot`, and
 * UsageError for paths that do not go together.
 */
export async function openFirmwareSource(paths: readonly string[], selection: InputSelection): Promise<FirmwareSource> {
  const { sysroot, bundle, emulated } = selection
  const [first] = paths
  if (first === undefined) return { kind: 'machine', sysroot: await openSysroot({ sysroot, bundle, emulated }) }
  const given = Object.entries({ sysroot, bundle, emulated }).find(([, value]) => value !== undefined)
  if (given) {
    throw new UsageError(`files and --${given[0]} exclude each other`, { path: first, hint: 'Give one of them.' })
  }
  const files: NamedBytes[] = []
  const budget = new Budget()
  for (const path of paths) {
    if (isDirectory(path)) {
      if (paths.length > 1) throw alone(path)
      return ofDirectory(path)
    }
    const whole = readInputFile(path, FILE)
    const { bytes, isArchive } = unwrapped(inputName(path), whole, budget)
    if (isArchive) {
      if (paths.length > 1) throw alone(path)
      const contents = new Map([[path, whole]])
      return { kind: 'machine', sysroot: new RedactingSysroot(await openEvidence([path], contents)) }
    }
    const name = inputName(path)
    const isSource = recognise(bytes).kind === 'devicetree-source'
    files.push({ path: name, bytes: isSource ? await compiledTree(name, bytes) : bytes })
  }
  return { kind: 'files', files }
}
