import type { FlagTable } from './command-spec.js'
import { bytesOfPieces, writeStdoutPieces } from './output.js'
import { writeOutput } from './output-file.js'

/** Where a text goes that is asked for in one form or another. */
export const FILE_FLAGS = {
  output: {
    kind: 'string',
    char: 'o',
    summary: 'Write to this file, whole or not at all, instead of standard output.',
    value: 'FILE',
    group: 'OUTPUT',
  },
  force: { kind: 'boolean', summary: 'Overwrite the file.', group: 'OUTPUT' },
} as const satisfies FlagTable

export interface FileFlags {
  readonly output?: string | undefined
  readonly force: boolean
}

/** Writes the pieces of a text to the file that was named, else to standard output. */
export function writeResult(pieces: Iterable<string>, { output, force }: FileFlags): void {
  if (output === undefined) writeStdoutPieces(pieces)
  else writeOutput(output, bytesOfPieces(pieces), force)
}
