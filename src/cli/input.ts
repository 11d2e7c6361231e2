import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { openLspciText } from '../capture/lspci-sysroot.js'
import { RedactingSysroot } from '../capture/redacting-sysroot.js'
import { withAcpiDump } from '../sysroot/acpi-dump-sysroot.js'
import { openBundle } from '../sysroot/bundle-sysroot.js'
import { BUNDLE_LIMITS } from '../sysroot/bundle-limits.js'
import { openDirectorySysroot, openHostSysroot } from '../sysroot/directory-sysroot.js'
import type { TracedSysroot } from '../sysroot/trace.js'
import { readEmulatedMachine } from './emulated-machines.js'
import { InputError, NotFoundError, UsageError } from './errors.js'

/** Which machine to look at. At most one is given; none means this host. */
export interface InputSelection {
  readonly sysroot?: string | undefined
  /** A file, or `-` for standard input. */
  readonly bundle?: string | undefined
  readonly emulated?: string | undefined
}

const STDIN = 0
const CHUNK_BYTES = 1024 * 1024

const systemErrorCode = (error: unknown) =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error'

function cannotOpen(path: string, error: unknown): NotFoundError {
  const code = systemErrorCode(error)
  const what = code === 'ENOENT' ? 'there is no such file or directory' : `it cannot be opened (${code})`
  return new NotFoundError(`${path}: ${what}`, { path, hint: 'Check the path and its permissions.' })
}

/** Reads to the end of a file or pipe, at most as much as an archive may have. */
function readToEnd(descriptor: number, name: string): Uint8Array {
  const chunks: Uint8Array[] = []
  let length = 0
  for (;;) {
    const chunk = new Uint8Array(CHUNK_BYTES)
    let read = 0
    try {
      read = readSync(descriptor, chunk)
    } catch (error) {
      const code = systemErrorCode(error)
      if (code === 'EAGAIN') {
        // A non-blocking standard input that has nothing yet.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
        continue
      }
      throw new InputError(`${name}: reading failed (${code})`, { path: name })
    }
    if (read === 0) return Buffer.concat(chunks)
    length += read
    if (length > BUNDLE_LIMITS.archiveBytes) {
      throw new InputError(`${name}: larger than ${BUNDLE_LIMITS.archiveBytes} bytes, which no bundle is`, {
        path: name,
      })
    }
    chunks.push(chunk.subarray(0, read))
  }
}

function readBundle(path: string): Uint8Array {
  if (path === '-') return readToEnd(STDIN, 'standard input')
  let descriptor: number
  try {
    descriptor = openSync(path, 'r')
  } catch (error) {
    throw cannotOpen(path, error)
  }
  try {
    if (fstatSync(descriptor).isDirectory()) {
      throw new InputError(`${path}: it is a directory`, { path, hint: 'Use --sysroot for a directory.' })
    }
    return readToEnd(descriptor, path)
  } finally {
    closeSync(descriptor)
  }
}

function openDirectory(directory: string): TracedSysroot {
  let isDirectory: boolean
  try {
    isDirectory = statSync(directory).isDirectory()
  } catch (error) {
    throw cannotOpen(directory, error)
  }
  if (!isDirectory) {
    throw new InputError(`${directory}: it is no directory`, {
      path: directory,
      hint: 'Use --bundle for a .tar.gz file.',
    })
  }
  return withAcpiDump(openDirectorySysroot(directory, { kind: 'sysroot', name: directory }))
}

/** A bundle, or what else somebody may have sent as one file; told by its content. */
async function openFile(path: string): Promise<TracedSysroot> {
  const name = path === '-' ? 'standard input' : path
  const content = readBundle(path)
  const origin = { kind: 'bundle', name } as const
  return openLspciText(content, origin) ?? withAcpiDump((await openBundle(content, name, 'bundle')).sysroot)
}

/** A machine of this installation, with what lies beside it in its bundle: `machine.json`, `oracle.json`. */
export interface BundledMachine {
  readonly sysroot: RedactingSysroot
  readonly extras: ReadonlyMap<string, Uint8Array>
}

/** Opens the machine `name` of this installation. Throws NotFoundError where there is none. */
export async function openBundledMachine(name: string): Promise<BundledMachine> {
  const { sysroot, extras } = await openBundle(readEmulatedMachine(name), name, 'emulated')
  return { sysroot: new RedactingSysroot(sysroot), extras }
}

async function openUnredacted({ sysroot, bundle }: InputSelection): Promise<TracedSysroot> {
  if (sysroot !== undefined) return openDirectory(sysroot)
  if (bundle !== undefined) return openFile(bundle)
  // Only the live host runs a program for its kernel log.
  const { readKernelLog } = await import('../sysroot/kernel-log.js')
  return openHostSysroot(() => readKernelLog())
}

/**
 * The machine that was asked for. Throws UsageError for more than one, NotFoundError for what is not there, InputError
 * and BundleError for what cannot be parsed. Every machine is seen through the redaction that captures pass.
 */
export async function openSysroot(selection: InputSelection = {}): Promise<RedactingSysroot> {
  const { sysroot, bundle, emulated } = selection
  const given = Object.entries({ sysroot, bundle, emulated }).filter(([, value]) => value !== undefined)
  if (given.length > 1) {
    const names = given.map(([name]) => `--${name}`)
    throw new UsageError(`${names.join(' and ')} exclude each other`, {
      path: names[0] ?? '',
      hint: 'Give one of them.',
    })
  }
  if (emulated !== undefined) return (await openBundledMachine(emulated)).sysroot
  return new RedactingSysroot(await openUnredacted(selection))
}
