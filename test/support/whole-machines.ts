import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import type { Machine } from '../../src/machine/machine.js'
import { probeMachine } from '../../src/probes/machine.js'
import { openBundle } from '../../src/sysroot/bundle-sysroot.js'
import type { MemorySysroot } from '../../src/sysroot/memory-sysroot.js'
import { CAPTURES } from './outside.js'

const BUNDLED = new URL('../fixtures/', import.meta.url)
const CAPTURED = pathToFileURL(`${CAPTURES}/`)
const SUFFIX = '.tar.gz'

function namesIn(directory: URL): readonly string[] {
  if (!existsSync(directory)) return []
  return readdirSync(directory)
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length))
    .sort()
}

/** Where the machines of a test come from, for its title. */
export const MACHINES_FROM =
  namesIn(BUNDLED).length > 0
    ? 'bundled machines'
    : namesIn(CAPTURED).length > 0
      ? 'captures, no machine is bundled'
      : 'no machine is there'

/** The bundled machines; without any, the captures beside the checkout. */
export const machineNames: readonly string[] = namesIn(BUNDLED).length > 0 ? namesIn(BUNDLED) : namesIn(CAPTURED)

/** The files of a machine by name, bundled or captured; undefined where it is neither. */
export async function sysrootNamed(name: string): Promise<MemorySysroot | undefined> {
  const file = [BUNDLED, CAPTURED].map((from) => new URL(`${name}${SUFFIX}`, from)).find((url) => existsSync(url))
  return file && (await openBundle(readFileSync(file), name)).sysroot
}

/** The machine as it is probed. */
export async function machineNamed(name: string): Promise<Machine | undefined> {
  const sysroot = await sysrootNamed(name)
  return sysroot && probeMachine(sysroot)
}
