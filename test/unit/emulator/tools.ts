import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export function withDirectory<T>(use: (directory: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'emulator-'))
  try {
    return use(directory)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** What iasl makes of a table: its exit code, its messages and the listing it wrote. */
export function disassemble(bytes: Uint8Array): { status: number | null; messages: string; listing: string } {
  return withDirectory((directory) => {
    const file = join(directory, 'table.dat')
    writeFileSync(file, bytes)
    const { status, stdout, stderr } = spawnSync('iasl', ['-d', file], { encoding: 'utf8' })
    let listing = ''
    try {
      listing = readFileSync(join(directory, 'table.dsl'), 'utf8')
    } catch {
      // No listing is a result too.
    }
    return { status, messages: stdout + stderr, listing }
  })
}

/** Values of `field` in a listing, in order: `[0A8h 0168   4]  Mapping Count : 00000002` → `00000002`. */
export function fieldsOf(listing: string, field: string): string[] {
  return [...listing.matchAll(new RegExp(`^\\[.*?\\] +${field} : (.*)$`, 'gm'))].map(([, value = '']) => value.trim())
}

/** Device-tree source that dtc makes of a blob. Throws where dtc refuses it. */
export function decompile(blob: Uint8Array): string {
  return execFileSync('dtc', ['-q', '-I', 'dtb', '-O', 'dts'], { input: blob, encoding: 'utf8' })
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
