import { Budget } from '../budget/budget.js'
import { LIMITS, SINGLE } from '../budget/limits.js'
import { takesText } from '../budget/text.js'
import { openBundle } from '../sysroot/bundle-sysroot.js'
import { openDirectorySysroot } from '../sysroot/directory-sysroot.js'
import type { TracedSysroot } from '../sysroot/trace.js'
import type { Origin, RecognisedInput } from '../sysroot/types.js'
import { openUnpackedBundle } from '../sysroot/unpacked-bundle.js'
import { CombinedSysroot } from './combined-sysroot.js'
import { beginningOfGzip, gunzipped, unzstded, whyNotUnpacked, type NotUnpacked } from './decompress.js'
import { DeviceTreeDirectory, deviceTreeTop } from './devicetree-directory.js'
import { compiledTree } from './devicetree-source.js'
import { InputError } from './errors.js'
import { inputName, isDirectory, readInputFile } from './input-file.js'
import { recognise, WHAT_IS_READ } from './recognise.js'
import { contradictions } from './texts/contradictions.js'
import { TextEvidence, type RecognisedText } from './texts/text-evidence.js'
import { ToldMachine } from './texts/told-machine.js'
import { openTold } from './told-sysroot.js'
import { machineRoot, textsBeside } from './tree-layout.js'

const FILE = {
  limitBytes: LIMITS.archiveBytes,
  noun: 'evidence',
  directoryHint: 'Give the directory by itself.',
}
/** Files of a directory or an archive that is none of a machine. */
const MOST_FILES = 4096
/** Compressed within compressed: a capture in a gzip file that mail packed again. */
const MOST_LAYERS = 3

/** What was opened, before it is one machine. */
class Evidence {
  /** What everything that was given together may cost: archives in archives share it. */
  readonly budget = new Budget()
  readonly told = new ToldMachine(this.budget)
  readonly trees: TracedSysroot[] = []
  readonly inputs: RecognisedInput[] = []

  text(name: string, bytes: Uint8Array): void {
    if (!takesText(bytes, this.budget)) {
      const most = `more than ${this.budget.limit('lines')} lines, or one of more than ${SINGLE.lineCharacters} characters`
      throw refused(name, `its text has ${most}`, 'Give what one command printed of one machine.')
    }
    const found = new TextEvidence(this.told, name).read(bytes)
    const { tooMany } = this.told
    if (tooMany !== undefined) {
      const most = `it tells of more than ${this.budget.limit(tooMany)} ${tooMany}`
      throw refused(name, most, 'Give what one command printed of one machine.')
    }
    for (const each of found) this.inputs.push(inputOf(name, each))
  }

  table(name: string, bytes: Uint8Array): void {
    const signature = String.fromCharCode(...bytes.subarray(0, 4))
    this.told.tables.push({ table: { signature, bytes }, place: { file: name, line: 1 } })
    this.inputs.push({ file: name, kind: `ACPI table ${signature}`, total: 1, used: 1, unit: 'tables' })
  }

  blob(name: string, bytes: Uint8Array): void {
    this.told.file('sys/firmware/fdt', bytes, { file: name, line: 1 })
    this.inputs.push({ file: name, kind: 'device-tree blob', total: 1, used: 1, unit: 'tables' })
  }

  tree(name: string, sysroot: TracedSysroot, kind: string): void {
    this.trees.push(sysroot)
    this.inputs.push({ file: name, kind, total: 1, used: 1, unit: 'machine' })
  }
}

const inputOf = (file: string, { kind, lines, used, unit }: RecognisedText): RecognisedInput => ({
  file,
  kind,
  total: lines,
  used,
  unit,
})

function refused(name: string, what: string, hint: string): InputError {
  return new InputError(`${name}: ${what}`, { path: name, hint })
}

function notUnpacked(evidence: Evidence, name: string, why: NotUnpacked, program: 'gzip' | 'zstd'): InputError {
  const { what, hint } = whyNotUnpacked(why, program, evidence.budget)
  return refused(name, what, hint)
}

/** A machine's tree with the texts that collectors put beside it. */
function addTree(evidence: Evidence, name: string, sysroot: TracedSysroot, kind: string): void {
  evidence.tree(name, sysroot, kind)
  for (const { path, bytes } of textsBeside(sysroot)) evidence.text(`${name}/${path}`, bytes)
}

/** Files that lie together and are no machine's tree: each is evidence by itself. */
async function addFiles(evidence: Evidence, name: string, sysroot: TracedSysroot): Promise<void> {
  const top = deviceTreeTop(sysroot)
  if (top !== undefined) {
    evidence.tree(name, new DeviceTreeDirectory(sysroot, top), 'device-tree directory')
    return
  }
  const names = sysroot.list('')
  const before = evidence.inputs.length
  for (const file of (names.state === 'known' ? names.value : []).slice(0, MOST_FILES)) {
    const content = sysroot.link(file).state === 'known' ? undefined : sysroot.bytes(file)
    if (content?.state !== 'known') continue
    const { kind } = recognise(content.value)
    if (kind === 'unknown' || kind === 'refused' || kind === 'tar') continue
    await addFile(evidence, `${name}/${file}`, content.value, MOST_LAYERS - 1)
  }
  if (evidence.inputs.length === before) {
    throw refused(name, 'it holds neither sys nor proc of a machine, nor a file that is evidence', WHAT_IS_READ)
  }
}

async function addArchive(evidence: Evidence, name: string, bytes: Uint8Array): Promise<void> {
  const { sysroot, manifest } = await openBundle(bytes, name, 'bundle', evidence.budget)
  if (machineRoot(sysroot) === undefined) await addFiles(evidence, name, sysroot)
  else addTree(evidence, name, sysroot, manifest ? 'capture' : 'tree of a machine')
}

async function addCompressed(evidence: Evidence, name: string, bytes: Uint8Array, layers: number): Promise<void> {
  if (recognise(beginningOfGzip(bytes)).kind === 'tar') {
    await addArchive(evidence, name, bytes)
    return
  }
  const content = gunzipped(bytes, evidence.budget)
  if (typeof content === 'string') throw notUnpacked(evidence, name, content, 'gzip')
  await addFile(evidence, name, content, layers - 1)
}

/** A post may have a log around its source: where that does not compile the rest still tells something. */
async function addSource(evidence: Evidence, name: string, bytes: Uint8Array): Promise<void> {
  const before = evidence.inputs.length
  evidence.text(name, bytes)
  try {
    evidence.blob(name, await compiledTree(name, bytes))
  } catch (error) {
    if (!(error instanceof InputError) || evidence.inputs.length === before) throw error
    const why = error.message.slice(name.length + 2)
    evidence.inputs.push({ file: name, kind: `left out: ${why}`, total: 1, used: 0, unit: 'machine' })
  }
}

async function addFile(evidence: Evidence, name: string, bytes: Uint8Array, layers = MOST_LAYERS): Promise<void> {
  const found = recognise(bytes)
  switch (found.kind) {
    case 'gzip':
      if (layers === 0) throw refused(name, 'compressed too often', 'Unpack it before.')
      await addCompressed(evidence, name, bytes, layers)
      break
    case 'zstd': {
      if (layers === 0) throw refused(name, 'compressed too often', 'Unpack it before.')
      const content = unzstded(bytes, evidence.budget)
      if (typeof content === 'string') throw notUnpacked(evidence, name, content, 'zstd')
      await addFile(evidence, name, content, layers - 1)
      break
    }
    case 'tar':
      await addArchive(evidence, name, bytes)
      break
    case 'devicetree-blob':
      evidence.blob(name, bytes)
      break
    case 'devicetree-source':
      await addSource(evidence, name, bytes)
      break
    case 'acpi-table':
      evidence.table(name, bytes)
      break
    case 'text':
      evidence.text(name, bytes)
      break
    case 'refused':
      throw refused(name, found.what, found.hint)
    case 'unknown':
      throw refused(name, `not recognised: ${found.what}`, WHAT_IS_READ)
  }
}

async function addDirectory(evidence: Evidence, path: string): Promise<void> {
  const unpacked = openUnpackedBundle(path, { kind: 'sysroot', name: path }, evidence.budget)
  if (unpacked !== undefined) {
    addTree(evidence, path, unpacked, 'capture')
    return
  }
  const top = openDirectorySysroot(path, { kind: 'sysroot', name: path })
  const root = machineRoot(top)
  if (root === undefined) {
    await addFiles(evidence, path, top)
    return
  }
  const name = root === '' ? path : `${path.endsWith('/') ? path : `${path}/`}${root}`
  const origin = { kind: 'sysroot', name } as const
  const inner = openUnpackedBundle(name, origin, evidence.budget)
  addTree(evidence, path, inner ?? openDirectorySysroot(name, origin), inner ? 'capture' : 'tree of a machine')
}

/**
 * One machine from everything that was given: directories, archives, tables, blobs and texts, each told by its content,
 * `-` for standard input. Throws InputError for what is not recognised, with the list of what would be, and NotFoundError
 * for what is not there.
 *
 * @param contents of paths that were read before: standard input can be read only once
 */
export async function openEvidence(
  paths: readonly string[],
  contents: ReadonlyMap<string, Uint8Array> = new Map(),
): Promise<TracedSysroot> {
  const evidence = new Evidence()
  for (const path of paths) {
    const content = contents.get(path)
    if (content) await addFile(evidence, inputName(path), content)
    else if (isDirectory(path)) await addDirectory(evidence, path)
    else await addFile(evidence, inputName(path), readInputFile(path, FILE))
  }
  const name = paths.map(inputName).join(', ')
  const { told, trees, inputs } = evidence
  const [only, ...others] = trees
  const kind = only && others.length === 0 && told.isEmpty ? only.origin.kind : 'bundle'
  const origin: Origin = { kind, name, inputs }
  const texts = told.isEmpty ? [] : [openTold(told, origin)]
  const parts = [...trees, ...texts]
  const [part] = parts
  if (part === undefined) throw refused(name, 'nothing in it tells anything of a machine', WHAT_IS_READ)
  const [last] = texts
  const { placeOf, names } = last?.origin ?? {}
  const contradicted = contradictions(told)
  const described: Origin = {
    ...origin,
    ...(contradicted.length > 0 && { contradictions: contradicted }),
    ...(placeOf ? { placeOf } : {}),
    ...(names ? { names } : {}),
  }
  return new CombinedSysroot(described, parts, evidence.budget)
}
