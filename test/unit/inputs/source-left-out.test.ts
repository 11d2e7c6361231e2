import { expect, test } from 'vitest'
import { openMachine } from '../../../src/inputs/open-machine.js'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const LOG =
  '[    0.000000] Linux version 6.12.0 (builder@host) (gcc 14) #1 SMP\n[    0.100000] GICv3: 256 SPIs implemented\n'
// Not closed: whether dtc is here or not, it makes no blob of this.
const SOURCE = '/dts-v1/;\n/ {\n\tcompatible = "a board";\n'

async function notesOf(text: string): Promise<readonly string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'intremap-source-'))
  try {
    const path = join(directory, 'post.txt')
    writeFileSync(path, text)
    return (await openMachine({ evidence: [path] })).notes
  } finally {
    rmSync(directory, { recursive: true })
  }
}

test('a device-tree source that makes no blob is left out of a post, and that is said', async () => {
  const [note = ''] = await notesOf(`${LOG}\n${SOURCE}`)
  expect(note).toContain('dmesg (2 lines')
  expect(note).toContain('left out: ')
})

test('by itself it is refused', async () => {
  await expect(notesOf(SOURCE)).rejects.toThrow(/dtc/)
})
