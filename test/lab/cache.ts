import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout, two levels up also from where scripts/source.mjs puts what it makes of this file. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Where the lab keeps what it downloads, unpacks and makes: nothing of it belongs into the repository. */
export const CACHE =
  process.env['INTREMAP_LAB'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'intremap-lab')

/**
 * The path of something in the cache, which `make` makes when it is not there yet. It is made beside its place and then
 * moved there, so that what was interrupted is not taken for whole. Says on stderr what it makes: some of it takes long.
 * @param name relative to the cache
 * @param make gets the path to make it at; a directory above it exists
 */
export function cached(name: string, make: (path: string) => void): string {
  const path = join(CACHE, name)
  if (existsSync(path)) return path
  const part = `${path}.part`
  rmSync(part, { recursive: true, force: true })
  mkdirSync(dirname(path), { recursive: true })
  console.error(`lab: making ${name}`)
  make(part)
  renameSync(part, path)
  return path
}
