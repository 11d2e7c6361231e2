import { readdirSync, readFileSync } from 'node:fs'
import { openBundle, type Bundle } from '../../src/sysroot/bundle-sysroot.js'
import { CAPTURES, hasCaptures } from './outside.js'

const SUFFIX = '.tar.gz'

/** Names of the captures that are there; none is said on the console. */
export function captureNames(): readonly string[] {
  const names = hasCaptures ? readdirSync(CAPTURES).filter((name) => name.endsWith(SUFFIX)) : []
  if (names.length === 0) console.log(`no captures in ${CAPTURES}: they were not compared`)
  return names.map((name) => name.slice(0, -SUFFIX.length)).sort()
}

export function openCapture(name: string): Promise<Bundle> {
  return openBundle(readFileSync(`${CAPTURES}/${name}${SUFFIX}`), name)
}
