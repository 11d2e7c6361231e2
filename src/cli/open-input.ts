import type { RedactingSysroot } from '../capture/redacting-sysroot.js'
import { openMachine, type InputSelection } from '../inputs/open-machine.js'
import { escapeText } from '../render/layout/escape.js'
import { writeStderr } from './output.js'

/**
 * Opens the machine that was asked for, and says on standard error what is to be said of it.
 *
 * @param evidence what stands on the command line without a flag
 */
export async function openInput(
  { sysroot: directory, bundle, emulated, contents }: InputSelection,
  evidence: readonly string[] = [],
): Promise<RedactingSysroot> {
  const { sysroot, notes } = await openMachine({ sysroot: directory, bundle, emulated, evidence, contents })
  for (const [index, note] of notes.entries()) {
    writeStderr(`${index === 0 ? 'intremap: ' : ''}${escapeText(note)}\n`)
  }
  return sysroot
}
