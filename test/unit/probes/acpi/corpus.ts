import { execaSync } from 'execa'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CAPTURES, CORPUS, hasCaptures, hasCorpus } from '../../../support/outside.js'

/** Real tables and captures that are no part of the project: tests use them where they are. */
export interface TableFile {
  readonly name: string
  readonly bytes: Uint8Array
}

export function corpusFile(name: string): Uint8Array {
  return Uint8Array.from(readFileSync(join(CORPUS, name)))
}

/** Binary files of the corpus whose name says that they are this table: `apic.dat`, `APIC.topology`. */
export function corpusTables(signature: string): readonly TableFile[] {
  if (!hasCorpus) return []
  const wanted = new RegExp(`^${signature}(\\.dat|\\.[a-z0-9_-]+)?$`, 'i')
  const names = readdirSync(CORPUS, { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => wanted.test(name.split('/').at(-1) ?? ''))
    .sort()
    .map((name) => ({ name, bytes: corpusFile(name) }))
}

/** The table of each capture that has it, each content once, named by the first capture that has it. */
export function capturedTables(signature: string): readonly TableFile[] {
  if (!hasCaptures) return []
  const seen = new Set<string>()
  const tables: TableFile[] = []
  for (const name of readdirSync(CAPTURES).filter((file) => file.endsWith('.tar.gz'))) {
    const member = `*sys/firmware/acpi/tables/${signature}`
    const { stdout, exitCode } = execaSync('tar', ['-xOzf', join(CAPTURES, name), '--wildcards', member], {
      encoding: 'buffer',
      reject: false,
    })
    const digest = createHash('sha256').update(stdout).digest('hex')
    if (exitCode !== 0 || seen.has(digest)) continue
    seen.add(digest)
    tables.push({ name: `${name.replace('.tar.gz', '')}/${signature}`, bytes: Uint8Array.from(stdout) })
  }
  return tables
}
