import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { captureMachine } from '../../src/capture/capture.js'
import { emulateMachine } from '../../src/emulator/emulate.js'
import { parseDescription } from '../support/descriptions.js'
import { probeMachine } from '../../src/probes/machine.js'
import { MANIFEST_NAME } from '../../src/sysroot/bundle-manifest.js'
import { openBundle } from '../../src/sysroot/bundle-sysroot.js'
import { MemorySysroot, MemoryTree } from '../../src/sysroot/memory-sysroot.js'
import { captureNames, openCapture } from '../support/captures.js'

const FIXTURES = `${import.meta.dirname}/../fixtures`
const bundleOf = (name: string) => readFileSync(`${FIXTURES}/${name}.tar.gz`)

function described(name: string): MemorySysroot {
  const text = readFileSync(`${FIXTURES}/descriptions/${name}.json`, 'utf8')
  const parsed = parseDescription(JSON.parse(text))
  if (!parsed.ok) throw new Error(`${name} is no description`)
  return new MemorySysroot({ kind: 'emulated', name }, new MemoryTree(emulateMachine(parsed.value)))
}

/** The archive that scripts/refresh-fixtures.mjs would write, before it is squeezed: zlib's bytes differ from one to the next. */
async function refreshed(name: string, sysroot: MemorySysroot): Promise<Uint8Array> {
  const { extras: beside } = await openBundle(bundleOf(name), name)
  const extras = new Map([...beside].filter(([file]) => file !== MANIFEST_NAME))
  return gunzipSync(await captureMachine(sysroot, probeMachine).bundle(extras))
}

const isBundled = (name: string) => existsSync(`${FIXTURES}/${name}.tar.gz`)
const descriptions = readdirSync(`${FIXTURES}/descriptions`).map((file) => file.replace(/\.json$/, ''))
const captures = captureNames().filter(isBundled)

/** A difference means that probes, redaction or emulator changed since: `node scripts/refresh-fixtures.mjs` writes them anew. */
describe('bundled machines are what would be bundled today', () => {
  it.each(descriptions.filter(isBundled))('of the description %s', async (name) => {
    expect(gunzipSync(bundleOf(name)).equals(await refreshed(name, described(name)))).toBe(true)
  })

  it.each(captures)('of the capture %s', async (name) => {
    const { sysroot } = await openCapture(name)
    expect(gunzipSync(bundleOf(name)).equals(await refreshed(name, sysroot))).toBe(true)
  })
})
