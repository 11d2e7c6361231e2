import { statSync } from 'node:fs'
import { LIMITS } from '../budget/limits.js'
import { openLspciText } from '../capture/lspci-sysroot.js'
import { RedactingSysroot } from '../capture/redacting-sysroot.js'
import { ACPI_DUMP_NAMES, withAcpiDump } from '../sysroot/acpi-dump-sysroot.js'
import { escapeText } from '../render/escape.js'
import { openBundle } from '../sysroot/bundle-sysroot.js'
import { openDirectorySysroot, openHostSysroot } from '../sysroot/directory-sysroot.js'
import type { TracedSysroot } from '../sysroot/trace.js'
import { readEmulatedMachine } from './emulated-machines.js'
import { InputError, UsageError } from './errors.js'
import { cannotOpen, inputName, readInputFile } from './input-file.js'
import { writeStderr } from './output.js'

/** Which machine to look at. At most one is given; none means this host. */
export interface InputSelection {
  readonly sysroot?: string | undefined
  /** A file, or `-` for standard input. */
  readonly bundle?: string | undefined
  readonly emulated?: string | undefined
}

const BUNDLE = {
  limitBytes: LIMITS.archiveBytes,
  noun: 'a bundle',
  directoryHint: 'Use --sysroot for a directory.',
}

/**
 * Says on standard error where a tree can hardly be what was meant: a copy of a machine holds `sys` or `proc`, or a dump
 * of its tables. It is judged all the same, as a machine of which nothing can be read.
 */
function mentionMissingMachine(sysroot: TracedSysroot, name: string): TracedSysroot {
  const isThere = (path: string) => sysroot.list(path).state !== 'absent'
  const isDumped = ACPI_DUMP_NAMES.some((path) => sysroot.bytes(path).state !== 'absent')
  if (isThere('sys') || isThere('proc') || isDumped) return sysroot
  // What people name in place of it: the directory around a capture, or `sys` itself.
  const meant = isThere('sysroot/sys') ? `${name}/sysroot` : isThere('bus/pci') ? `${name}/..` : undefined
  const hint = meant === undefined ? 'Give what holds sys and proc.' : `Perhaps ${escapeText(meant)} is meant.`
  writeStderr(`intremap: ${escapeText(name)}: it holds neither sys nor proc of a machine.\n${hint}\n`)
  return sysroot
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
  const sysroot = openDirectorySysroot(directory, { kind: 'sysroot', name: directory })
  return withAcpiDump(mentionMissingMachine(sysroot, directory))
}

/** A bundle, or what else somebody may have sent as one file; told by its content. */
async function openFile(path: string): Promise<TracedSysroot> {
  const name = inputName(path)
  const content = readInputFile(path, BUNDLE)
  const origin = { kind: 'bundle', name } as const
  const text = openLspciText(content, origin)
  if (text) return text
  const { sysroot } = await openBundle(content, name, 'bundle')
  return withAcpiDump(mentionMissingMachine(sysroot, name))
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
