import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { InputError } from '../../../src/inputs/errors.js'
import { openBundledMachine, openSysroot } from '../../../src/inputs/open-machine.js'
import { recognise } from '../../../src/inputs/recognise.js'
import { probeMachine } from '../../../src/probes/machine.js'
import type { Sysroot } from '../../../src/sysroot/sysroot.js'
import { mangles } from '../../support/mangled-texts.js'
import { hasDtc } from '../../support/outside.js'

const decompiled = (blob: Uint8Array) =>
  execFileSync('dtc', ['-q', '-I', 'dtb', '-O', 'dts'], { input: blob, encoding: 'utf8' })

/** The blob of a bundled machine with a device tree. */
async function blobOf(name: string): Promise<Uint8Array> {
  const { sysroot } = await openBundledMachine(name)
  const read = sysroot.bytes('sys/firmware/fdt')
  if (read.state !== 'known') throw new Error(`${name} has no blob`)
  return read.value
}

describe.skipIf(!hasDtc).each(['rk3588-rock-5b', 'arm-v3its-smmu-dt-612'])('the source of %s (needs dtc)', (name) => {
  let text = ''
  let directory = ''
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'intremap-dts-'))
    text = decompiled(await blobOf(name))
  })
  afterAll(() => {
    rmSync(directory, { recursive: true })
  })

  const open = (bytes: Uint8Array): Promise<Sysroot> => {
    const path = join(directory, 'post')
    writeFileSync(path, bytes)
    return openSysroot({ evidence: [path] })
  }

  // A line of another program in the middle of a source is no source any more: dtc refuses it.
  const kept = mangles.filter(([how]) => how !== 'with lines of stderr among it')
  test.each(kept)('%s', async (how, mangle) => {
    const bytes = mangle(text)
    expect(recognise(bytes).kind, how).toBe('devicetree-source')
    const sysroot = await open(bytes)
    const read = sysroot.bytes('sys/firmware/fdt')
    if (read.state !== 'known') throw new Error(read.state)
    expect(decompiled(read.value)).toBe(text)
    expect(probeMachine(sysroot).deviceTree.state).toBe('known')
  })

  test('cut in the middle it is refused, with what dtc said of it', async () => {
    const refused = open(Buffer.from(text.slice(0, text.length / 2)))
    await expect(refused).rejects.toThrow(InputError)
    await expect(refused).rejects.toThrow(/dtc does not compile it/)
  })

  test('includes no files, however the word is hidden', async () => {
    for (const word of ['/include/', '/inc\u001b[0mlude/', '/incl\u200bude/']) {
      const including = text.replace(/^\/ \{/m, `${word} "/etc/hostname"\n/ {`)
      await expect(open(Buffer.from(`$ cat it\n${including}`)), word).rejects.toThrow(/includes other files/)
    }
  })
})
