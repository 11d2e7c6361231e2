import { readdirSync, realpathSync, statSync } from 'node:fs'
import { LIMITS } from '../budget/limits.js'
import { extractTables } from '../sysroot/acpi-text-dumps.js'
import { openDirectorySysroot } from '../sysroot/directory-sysroot.js'
import type { FirmwareSource, NamedBytes } from '../sysroot/firmware-source.js'
import { InputError, UsageError } from './errors.js'
import { cannotOpen, inputName, readInputFile } from './input-file.js'
import { openSysroot, type InputSelection } from './input.js'

const FILE = {
  limitBytes: LIMITS.archiveBytes,
  noun: 'a table, a blob or a capture',
  directoryHint: 'A directory stands alone.',
}
/** Files looked at in a directory that was given. */
const DIRECTORY_LIMIT = 4096
const TABLES = new Set(['IORT', 'APIC', 'MCFG', 'DMAR', 'IVRS', 'VIOT', 'RIMT'])
const BLOB = [0xd0, 0x0d, 0xfe, 0xed]
const GZIP = [0x1f, 0x8b]

const startsWith = (bytes: Uint8Array, magic: readonly number[]) => magic.every((byte, index) => bytes[index] === byte)

function isDirectory(path: string): boolean {
  try {
    return path !== '-' && statSync(path).isDirectory()
  } catch (error) {
    throw cannotOpen(path, error)
  }
}

/** Whether a file of a directory belongs to the firmware that is judged; all kinds of files may lie beside. */
function isFirmware({ path, bytes }: NamedBytes): boolean {
  if (startsWith(bytes, BLOB)) return true
  return extractTables(bytes, path).tables.some(({ signature }) => TABLES.has(signature.slice(0, 4)))
}

function filesOfDirectory(directory: string): readonly NamedBytes[] {
  const names = readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort()
    .slice(0, DIRECTORY_LIMIT)
  const files = names.map((name) => {
    const path = `${directory.replace(/\/+$/, '')}/${name}`
    return { path, bytes: readInputFile(path, FILE) }
  })
  const firmware = files.filter(isFirmware)
  if (firmware.length > 0) return firmware
  throw new InputError(`${directory}: no file in it is a table or a device-tree blob, and it is no tree of a machine`, {
    path: directory,
    hint: 'Give the files, a directory of them, or the root of a captured tree.',
  })
}

/** A copy of `/proc/device-tree`: the kernel gives the root node these files. */
function treeDirectory(directory: string): FirmwareSource {
  const real = realpathSync(directory)
  const at = real.lastIndexOf('/')
  const parent = real.slice(0, at) || '/'
  const sysroot = openDirectorySysroot(parent, { kind: 'sysroot', name: directory })
  return { kind: 'tree', sysroot, path: real.slice(at + 1), name: directory }
}

async function ofDirectory(directory: string): Promise<FirmwareSource> {
  const names = new Set(readdirSync(directory))
  if (names.has('name') && (names.has('compatible') || names.has('#address-cells'))) return treeDirectory(directory)
  if (names.has('sys')) return { kind: 'machine', sysroot: await openSysroot({ sysroot: directory }) }
  return { kind: 'files', files: filesOfDirectory(directory) }
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
  for (const path of paths) {
    if (isDirectory(path)) {
      if (paths.length > 1) throw alone(path)
      return ofDirectory(path)
    }
    const bytes = readInputFile(path, FILE)
    if (startsWith(bytes, GZIP)) {
      if (path === '-') {
        throw new UsageError('standard input: it is a capture', {
          path: inputName(path),
          hint: 'Give it with --bundle -, without files.',
        })
      }
      if (paths.length > 1) throw alone(path)
      return { kind: 'machine', sysroot: await openSysroot({ bundle: path }) }
    }
    files.push({ path: inputName(path), bytes })
  }
  return { kind: 'files', files }
}
