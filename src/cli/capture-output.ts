import type { Capture } from '../capture/capture.js'
import { escapeText } from '../render/layout/escape.js'
import { captureList, captureListText, captureSummary } from './capture-list.js'
import { UsageError } from './errors.js'
import { writeStderr } from './output.js'
import { writeOutput } from './output-file.js'
import { printDocument } from './print.js'

interface CaptureFlags {
  readonly output?: string | undefined
  readonly force: boolean
  readonly list: boolean
  readonly json: boolean
}

/** Refuses what contradicts itself, before anything is read. */
export function checkCaptureFlags({ output, list, json }: CaptureFlags): void {
  if (output === undefined && !list) {
    throw new UsageError('nothing to do: neither --output nor --list', {
      path: '--output',
      hint: 'intremap capture -o machine.tar.gz, or --list to see what it would hold.',
    })
  }
  if (output === '-' && (list || json)) {
    throw new UsageError('standard output cannot hold the bundle and the list', {
      path: '--output',
      hint: 'Write the bundle to a file.',
    })
  }
}

/** Writes the bundle, the list, or both. */
export async function writeCapture(capture: Capture, flags: CaptureFlags): Promise<void> {
  const { output, force, list, json } = flags
  if (output !== undefined) {
    writeOutput(output, [await capture.bundle()], force)
    if (output !== '-' && !json) writeStderr(`${escapeText(output)}: ${captureSummary(capture)}\n`)
  }
  if (list || json) {
    const document = captureList(capture)
    printDocument(document, () => captureListText(document), flags)
  }
}
