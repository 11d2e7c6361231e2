import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { openBundle, type Bundle } from '../../src/sysroot/bundle-sysroot.js'

/** Where whole captures lie, which are no part of the repository; INTREMAP_CAPTURES names another place. */
const DIRECTORY = process.env['INTREMAP_CAPTURES'] ?? '../shared/captures'
const SUFFIX = '.tar.gz'

/** Names of the captures that are there; none is said on the console. */
export function captureNames(): readonly string[] {
  const names = existsSync(DIRECTORY) ? readdirSync(DIRECTORY).filter((name) => name.endsWith(SUFFIX)) : []
  if (names.length === 0) console.log(`no captures in ${DIRECTORY}: they were not compared`)
  return names.map((name) => name.slice(0, -SUFFIX.length)).sort()
}

export function openCapture(name: string): Promise<Bundle> {
  return openBundle(readFileSync(`${DIRECTORY}/${name}${SUFFIX}`), name)
}
