import { execaSync } from 'execa'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A line of a disassembled data table: `[04Ah 0074   4]   ID Count : 0000FFFF`. */
export interface IaslField {
  readonly offset: number
  readonly size: number
  readonly name: string
  readonly value: string
}

export interface Disassembly {
  readonly text: string
  readonly fields: readonly IaslField[]
  /** Offset of the first IORT node whose type this iasl does not know. */
  readonly unknownNodeAt?: number
}

/** What `iasl -d` prints of a table; undefined when it refuses the file. */
export function disassemble(bytes: Uint8Array): Disassembly | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'intremap-iasl-'))
  try {
    writeFileSync(join(directory, 'table.dat'), bytes)
    const { exitCode } = execaSync('iasl', ['-d', 'table.dat'], { cwd: directory, reject: false })
    if (exitCode !== 0) return undefined
    return readListing(readFileSync(join(directory, 'table.dsl'), 'latin1'))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function readListing(text: string): Disassembly {
  const fields: IaslField[] = []
  let unknownNodeAt: number | undefined
  for (const line of text.split('\n')) {
    const match = /^\[([0-9A-F]+)h \d+ +(\d+)\] +(.+?) : (.*)$/.exec(line)
    if (match) {
      const [, offset = '', size = '', name = '', value = ''] = match
      fields.push({ offset: Number.parseInt(offset, 16), size: Number(size), name, value })
    } else if (line.includes('Unknown IORT node type')) {
      const header = fields.findLastIndex((field) => field.name === 'Type')
      unknownNodeAt ??= fields[header]?.offset
    } else if (/^ +Single Mapping : /.test(line)) {
      const value = line.trim().slice('Single Mapping : '.length)
      fields.push({ offset: fields.at(-1)?.offset ?? 0, size: 0, name: 'Single Mapping', value })
    }
  }
  return { text, fields, ...(unknownNodeAt !== undefined && { unknownNodeAt }) }
}
