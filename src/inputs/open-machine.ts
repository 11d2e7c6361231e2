import { statSync } from 'node:fs'
import { LIMITS } from '../budget/limits.js'
import { RedactingSysroot } from '../capture/redacting-sysroot.js'
import { ACPI_DUMP_NAMES, withAcpiDump } from '../sysroot/acpi-dump-sysroot.js'
import { openBundle } from '../sysroot/bundle-sysroot.js'
import { openDirectorySysroot, openHostSysroot } from '../sysroot/directory-sysroot.js'
import type { TracedSysroot } from '../sysroot/trace.js'
import { openUnpackedBundle } from '../sysroot/unpacked-bundle.js'
import type { RecognisedInput } from '../sysroot/types.js'
import { openEvidence } from './open-evidence.js'
import { readEmulatedMachine } from './emulated-machines.js'
import { InputError, UsageError } from './errors.js'
import { cannotOpen, inputName, readInputFile } from './input-file.js'
import { recognise } from './recognise.js'

/** Which machine to look at. At most one is given; none means this host. */
export interface InputSelection {
  readonly sysroot?: string | undefined
  /** A file, or `-` for standard input. */
  readonly bundle?: string | undefined
  readonly emulated?: string | undefined
  /** Directories, archives, tables, blobs and texts of one machine, each told by its content; `-` is standard input. */
  readonly evidence?: readonly string[] | undefined
  /** What stands behind paths of `evidence` that were read before. */
  readonly contents?: ReadonlyMap<string, Uint8Array> | undefined
}

const BUNDLE = {
  limitBytes: LIMITS.archiveBytes,
  noun: 'a bundle',
  directoryHint: 'Use --sysroot for a directory.',
}

/** A machine as it was reached, and what whoever asked for it should be told, a line each and not escaped. */
interface Opening {
  readonly sysroot: TracedSysroot
  readonly notes: readonly string[]
}

/**
 * What to say of a tree that can hardly be what was meant: a copy of a machine holds `sys` or `proc`, or a dump of its
 * tables. It is judged all the same, as a machine of which nothing can be read.
 */
function missingMachine(sysroot: TracedSysroot, name: string): readonly string[] {
  const isThere = (path: string) => sysroot.list(path).state !== 'absent'
  const isDumped = ACPI_DUMP_NAMES.some((path) => sysroot.bytes(path).state !== 'absent')
  if (isThere('sys') || isThere('proc') || isDumped) return []
  // What people name in place of it: the directory around a capture, or `sys` itself.
  const meant = isThere('sysroot/sys') ? `${name}/sysroot` : isThere('bus/pci') ? `${name}/..` : undefined
  const hint = meant === undefined ? 'Give what holds sys and proc.' : `Perhaps ${meant} is meant.`
  return [`${name}: it holds neither sys nor proc of a machine.`, hint]
}

function openDirectory(directory: string): Opening {
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
  const origin = { kind: 'sysroot', name: directory } as const
  const sysroot = openUnpackedBundle(directory, origin) ?? openDirectorySysroot(directory, origin)
  return { sysroot: withAcpiDump(sysroot), notes: missingMachine(sysroot, directory) }
}

/** A bundle, or what else somebody may have sent as one file; told by its content. */
async function openFile(path: string): Promise<Opening> {
  const name = inputName(path)
  const content = readInputFile(path, BUNDLE)
  const { kind } = recognise(content)
  // What is damaged is for the reader of archives to say.
  if (kind !== 'gzip' && kind !== 'tar') return opened(await openEvidence([path], new Map([[path, content]])))
  const { sysroot } = await openBundle(content, name, 'bundle')
  return { sysroot: withAcpiDump(sysroot), notes: missingMachine(sysroot, name) }
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

const CONTRADICTIONS_SHOWN = 3

/** What a number of inputs turned out to be, as one line: `dmesg (412 lines, 37 used), lspci (23 functions)`. */
function recognisedWords(inputs: readonly RecognisedInput[]): string {
  return inputs
    .map(({ kind, total, used, unit }) => {
      if (unit === 'machine') return kind
      if (unit !== 'lines') return `${kind} (${used} ${used === 1 ? unit.slice(0, -1) : unit})`
      return `${kind} (${total} line${total === 1 ? '' : 's'}${used === total ? '' : `, ${used} used`})`
    })
    .join(', ')
}

function opened(sysroot: TracedSysroot): Opening {
  const { inputs = [], contradictions = [] } = sysroot.origin
  const left = contradictions.length - CONTRADICTIONS_SHOWN
  const more = left > 0 ? ` and ${left} more` : ''
  const shown = contradictions.slice(0, CONTRADICTIONS_SHOWN).join('; ')
  return {
    sysroot,
    notes: [
      ...(inputs.length === 0 ? [] : [`read: ${recognisedWords(inputs)}`]),
      ...(contradictions.length === 0
        ? []
        : [`told in two ways, so unknown: ${shown}${more}. Is it all of one machine?`]),
    ],
  }
}

async function openUnredacted({ sysroot, bundle, evidence, contents }: InputSelection): Promise<Opening> {
  if (evidence !== undefined && evidence.length > 0) return opened(await openEvidence(evidence, contents))
  if (sysroot !== undefined) return openDirectory(sysroot)
  if (bundle !== undefined) return openFile(bundle)
  // Only the live host runs a program for its kernel log.
  const { runDmesg } = await import('../sysroot/kernel-log.js')
  return { sysroot: openHostSysroot(() => runDmesg()), notes: [] }
}

/** A machine that was asked for, seen through the redaction that captures pass. */
export interface OpenedMachine {
  readonly sysroot: RedactingSysroot
  /** What to tell whoever asked for it, a line each and not escaped; mostly nothing. */
  readonly notes: readonly string[]
}

/**
 * The machine that was asked for. Throws UsageError for more than one, NotFoundError for what is not there, InputError
 * and BundleError for what cannot be parsed.
 */
export async function openMachine(selection: InputSelection = {}): Promise<OpenedMachine> {
  const { sysroot, bundle, emulated, evidence = [] } = selection
  const given = Object.entries({ sysroot, bundle, emulated }).filter(([, value]) => value !== undefined)
  if (given.length > 1) {
    const names = given.map(([name]) => `--${name}`)
    throw new UsageError(`${names.join(' and ')} exclude each other`, {
      path: names[0] ?? '',
      hint: 'Give one of them.',
    })
  }
  const [other] = given
  if (other && evidence.length > 0) {
    throw new UsageError(`--${other[0]} and evidence exclude each other`, {
      path: `--${other[0]}`,
      hint: 'Give the directory or file without the flag: several are one machine.',
    })
  }
  if (emulated !== undefined) return { sysroot: (await openBundledMachine(emulated)).sysroot, notes: [] }
  const opened = await openUnredacted(selection)
  return { sysroot: new RedactingSysroot(opened.sysroot), notes: opened.notes }
}

/** The same, for programs: without what is only for people. */
export async function openSysroot(selection: InputSelection = {}): Promise<RedactingSysroot> {
  return (await openMachine(selection)).sysroot
}
