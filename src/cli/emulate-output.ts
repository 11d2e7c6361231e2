import { captureMachine } from '../capture/capture.js'
import { escapeText } from '../render/layout/escape.js'
import { MemorySysroot, MemoryTree } from '../sysroot/memory-sysroot.js'
import type { Sysroot } from '../sysroot/sysroot.js'
import { UsageError } from './errors.js'
import { writeStderr } from './output.js'
import { writeOutput } from './output-file.js'
import { printDocument } from './print.js'
import type { WritableTree } from './tree-check.js'
import { TREE_NOTE, writeTree } from './write-tree.js'

interface EmulateFlags {
  readonly output?: string | undefined
  readonly force: boolean
  readonly json: boolean
}

/** Names that mean one file: `-` is standard output. */
const BUNDLE_NAME = /^-$|\.tar\.gz$|\.tgz$/

/** What is to be read and written, checked before anything is read. */
export function emulationRequest(
  file: string | undefined,
  { output, json }: EmulateFlags,
): { readonly file: string; readonly output: string } {
  if (file === undefined) {
    throw new UsageError('missing argument FILE', { path: 'FILE', hint: 'intremap emulate machine.json -o DIR' })
  }
  if (output === undefined) {
    throw new UsageError('nowhere to write to: --output is missing', {
      path: '--output',
      hint: 'intremap emulate machine.json -o DIR, or -o FILE.tar.gz for a bundle.',
    })
  }
  if (output === '-' && json) {
    throw new UsageError('standard output cannot hold the bundle and a document', {
      path: '--output',
      hint: 'Write the bundle to a file.',
    })
  }
  return { file, output }
}

const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`

/** Writes an emulated machine where `output` says, and tells what came of it. A bundle holds what `probe` reads. */
export async function writeEmulated(
  machine: string,
  tree: WritableTree,
  output: string,
  flags: EmulateFlags,
  probe: (sysroot: Sysroot) => unknown,
): Promise<void> {
  if (BUNDLE_NAME.test(output)) {
    const capture = captureMachine(new MemorySysroot({ kind: 'emulated', name: machine }, new MemoryTree(tree)), probe)
    writeOutput(output, [await capture.bundle()], flags.force)
    const summary = { schema: 'intremap/bundle-summary', schemaVersion: '1.0.0', machine, files: capture.files.length }
    const text = `${escapeText(output)}: ${machine}, ${plural(summary.files, 'file')}\n`
    if (flags.json) printDocument(summary, () => text, flags)
    else if (output !== '-') writeStderr(text)
    return
  }
  const note = writeTree(output, machine, tree, flags.force)
  const unreadable = Object.keys(note.unreadable).length
  const missing = unreadable === 0 ? '' : `, ${unreadable} of them unreadable (${TREE_NOTE} names them)`
  const text = `${escapeText(output)}: ${machine}, ${plural(note.files, 'file')}${missing}\n`
  if (flags.json) printDocument(note, () => text, flags)
  else writeStderr(text)
}
