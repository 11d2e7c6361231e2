import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { openBundle } from '../../src/sysroot/bundle-sysroot.js'
import type { MemorySysroot } from '../../src/sysroot/memory-sysroot.js'

const FIXTURES = new URL('../fixtures/', import.meta.url)

export interface TestMachine {
  readonly name: string
  readonly sysroot: MemorySysroot
}

/** Every bundled machine. */
export async function bundledMachines(): Promise<readonly TestMachine[]> {
  if (!existsSync(FIXTURES)) return []
  const files = readdirSync(FIXTURES)
    .filter((file) => file.endsWith('.tar.gz'))
    .sort()
  return Promise.all(
    files.map(async (file) => {
      const name = file.replace(/\.tar\.gz$/, '')
      const { sysroot } = await openBundle(readFileSync(new URL(file, FIXTURES)), name)
      return { name, sysroot }
    }),
  )
}
