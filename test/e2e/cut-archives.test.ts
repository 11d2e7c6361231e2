import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openMachine } from '../../src/inputs/open-machine.js'
import { probeMachine } from '../../src/probes/machine.js'
import { buildReport } from '../../src/report/probe/build.js'
import type { Report } from '../../src/report/types.js'
import { BundleError } from '../../src/sysroot/bundle-error.js'
import { strengthenings } from '../support/strengthening.js'

const FIXTURE = new URL('../fixtures/x86-intel-ir-612.tar.gz', import.meta.url).pathname
const CUTS = 16

let home = ''
let forms: ReadonlyMap<string, Uint8Array> = new Map()
let whole: Report | undefined
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'intremap-cut-'))
  execFileSync('tar', ['-xzf', FIXTURE, '-C', home, '--one-top-level=host'])
  const pack = (...words: readonly string[]) => execFileSync('tar', ['-cf', '-', ...words], { maxBuffer: 1 << 26 })
  const topDirectory = pack('-C', home, 'host/sysroot')
  const plain = pack('-C', join(home, 'host/sysroot'), '.')
  forms = new Map([
    ['a capture', readFileSync(FIXTURE)],
    ['a capture without gzip', gunzipSync(readFileSync(FIXTURE))],
    ['a tree', plain],
    ['a tree below one directory, with gzip', gzipSync(topDirectory)],
  ])
  whole = buildReport(probeMachine((await openMachine({ bundle: FIXTURE })).sysroot))
})
afterAll(() => {
  rmSync(home, { recursive: true })
})

/** The report of an archive, or undefined where it is refused with words of ours. */
async function reportOf(bytes: Uint8Array): Promise<Report | undefined> {
  const file = join(home, 'cut')
  writeFileSync(file, bytes)
  try {
    return buildReport(probeMachine((await openMachine({ evidence: [file] })).sysroot))
  } catch (error) {
    expect(error).toBeInstanceOf(BundleError)
    return undefined
  }
}

describe('an archive that was cut', () => {
  test.each(['a capture', 'a capture without gzip', 'a tree', 'a tree below one directory, with gzip'])(
    '%s is refused, or judged no better than the whole',
    async (form) => {
      const bytes = forms.get(form)
      if (!bytes || !whole) throw new Error(`${form} is not there`)
      let refused = 0
      for (let cut = 1; cut < CUTS; cut++) {
        const report = await reportOf(bytes.subarray(0, Math.floor((bytes.length * cut) / CUTS)))
        if (!report) refused++
        else {
          const known = new Set(report.devices.map(({ address }) => address))
          const devices = whole.devices.filter(({ address }) => known.has(address))
          expect(strengthenings({ ...whole, devices }, report)).toEqual([])
        }
      }
      expect(refused).toBeGreaterThan(0)
    },
  )
})
