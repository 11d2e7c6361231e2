import {
  chmodSync,
  copyFileSync,
  cpSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'

/** One moment for all files, so that the same sources give the same bytes. */
export const EPOCH = Number(process.env.SOURCE_DATE_EPOCH ?? '1767225600')

/** Where systems look for the completions of zsh: Debian keeps those of packages apart. */
const ZSH = { debian: 'vendor-completions', other: 'site-functions' }

/** Compressed without name and time, as Debian wants manual and changelog. */
export const compressed = (content) => gzipSync(content, { level: 9 })

/** @param {string} file @param {string | Uint8Array} content @param {number} [mode] */
export function install(file, content, mode = 0o644) {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
  chmodSync(file, mode)
}

/**
 * Puts the program and all that comes with it below `prefix`, `usr` of a package or the folder of an archive.
 * @param {{ readonly root: string, readonly prefix: string, readonly executable: string, readonly system: 'debian' | 'other' }} where
 *   root is the checkout, built
 */
export function installFiles({ root, prefix, executable, system }) {
  install(`${prefix}/bin/intremap`, '')
  copyFileSync(executable, `${prefix}/bin/intremap`)
  chmodSync(`${prefix}/bin/intremap`, 0o755)
  const share = `${prefix}/share`
  for (const page of readdirSync(`${root}dist/man`)) {
    install(`${share}/man/man1/${page}.gz`, compressed(readFileSync(`${root}dist/man/${page}`)))
  }
  const completion = (name) => readFileSync(`${root}dist/completions/${name}`)
  install(`${share}/bash-completion/completions/intremap`, completion('intremap'))
  install(`${share}/zsh/${ZSH[system]}/_intremap`, completion('_intremap'))
  install(`${share}/fish/vendor_completions.d/intremap.fish`, completion('intremap.fish'))
  install(`${share}/intremap/collect.sh`, readFileSync(`${root}scripts/collect.sh`), 0o755)
  const documentation = `${share}/doc/intremap`
  for (const name of ['README.md', 'CHANGELOG.md']) install(`${documentation}/${name}`, readFileSync(`${root}${name}`))
  cpSync(`${root}docs`, `${documentation}/docs`, { recursive: true })
}

/**
 * Files below a directory, as paths from there, sorted.
 * @param {string} directory
 */
export function filesBelow(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort()
}

/**
 * Everybody may read all of it, and all of it is of one moment.
 * @param {string} directory
 */
export function settle(directory) {
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    chmodSync(path, entry.isDirectory() || (statSync(path).mode & 0o100) !== 0 ? 0o755 : 0o644)
    lutimesSync(path, EPOCH, EPOCH)
  }
  chmodSync(directory, 0o755)
  lutimesSync(directory, EPOCH, EPOCH)
}
