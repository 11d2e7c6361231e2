import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openMachine, type InputSelection } from '../../src/inputs/open-machine.js'
import { probeMachine } from '../../src/probes/machine.js'
import { buildReport } from '../../src/report/probe/build.js'

const FIXTURES = fileURLToPath(new URL('../fixtures/', import.meta.url))

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'intremap-unpacked-'))
})
afterAll(() => {
  rmSync(directory, { recursive: true, force: true })
})

async function report(selection: InputSelection): Promise<object> {
  const { sysroot } = await openMachine(selection)
  // What was recognised is said of evidence only.
  return { ...buildReport(probeMachine(sysroot)), source: '', inputs: [], nextPiece: '', refusals: [] }
}

/** `manifest` beside a `sysroot` with one file. */
function capture(name: string, manifest: string): string {
  const path = join(directory, name)
  mkdirSync(join(path, 'sysroot/proc'), { recursive: true })
  writeFileSync(join(path, 'sysroot/proc/cmdline'), 'quiet\n')
  writeFileSync(join(path, 'manifest.json'), manifest)
  return path
}

const MANIFEST = { schema: 'intremap/bundle', schemaVersion: '1.0.0', unreadable: {}, absent: [], listings: {} }

describe('one capture, one answer', () => {
  it.each(['x86-intel-ir-612', 'x86-amd-ir-612', 'arm-v3its-smmu-acpi-612', 'rk3588-rock-5b', 's390x-zpci'])(
    '%s as bundle, unpacked and its sysroot alone',
    async (name) => {
      const bundle = join(FIXTURES, `${name}.tar.gz`)
      const unpacked = join(directory, name)
      mkdirSync(unpacked)
      execFileSync('tar', ['-xzf', bundle, '-C', unpacked])
      const expected = await report({ bundle })
      for (const place of [unpacked, join(unpacked, 'sysroot')]) {
        expect(await report({ sysroot: place })).toEqual(expected)
        expect(await report({ evidence: [place] })).toEqual(expected)
      }
      symlinkSync(join(unpacked, 'sysroot'), join(directory, `${name}-link`))
      expect(await report({ sysroot: join(directory, `${name}-link`) })).toEqual(expected)
    },
  )

  it('takes what the manifest does not name as not collected', async () => {
    const path = capture('little', JSON.stringify(MANIFEST))
    for (const sysroot of [path, join(path, 'sysroot')]) {
      const opened = await openMachine({ sysroot })
      expect(opened.sysroot.list('sys')).toEqual({ state: 'unreadable', reason: 'not-collected' })
      expect(opened.sysroot.text('proc/cmdline').state).toBe('known')
    }
  })

  it('refuses a manifest that it cannot understand, in both places', async () => {
    for (const [name, manifest] of [
      ['cut', '{"schema":"intremap/bun'],
      ['empty', ''],
      ['later', JSON.stringify({ ...MANIFEST, schemaVersion: '2.0.0' })],
    ] as const) {
      const path = capture(name, manifest)
      for (const sysroot of [path, join(path, 'sysroot')])
        await expect(openMachine({ sysroot })).rejects.toThrow(/manifest\.json (?:is not JSON|has an unknown)/)
    }
  })

  it('leaves a manifest of something else alone', async () => {
    const path = capture('build', '{"name":"image","packages":[]}')
    const { sysroot } = await openMachine({ sysroot: join(path, 'sysroot') })
    expect(sysroot.list('sys')).toEqual({ state: 'absent' })
  })

  it('reads no manifest through a link that leads out, and no file of the tree', async () => {
    const path = capture('links', JSON.stringify({ ...MANIFEST, absent: undefined }))
    writeFileSync(join(directory, 'secret'), 'secret\n')
    symlinkSync(join(directory, 'secret'), join(path, 'sysroot/proc/version'))
    symlinkSync('../../../secret', join(path, 'sysroot/proc/modules'))
    const { sysroot } = await openMachine({ sysroot: path })
    expect(sysroot.text('proc/version').state).toBe('absent')
    expect(sysroot.text('proc/modules').state).toBe('absent')
  })
})
