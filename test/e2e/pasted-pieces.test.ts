import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBundledMachine, openMachine } from '../../src/inputs/open-machine.js'
import { probeMachine } from '../../src/probes/machine.js'
import { buildReport } from '../../src/report/probe/build.js'
import type { Report } from '../../src/report/types.js'
import { hasLspci } from '../support/outside.js'
import { pasteTexts, unredactedLog } from '../support/pasted-texts.js'
import { strengthenings } from '../support/strengthening.js'

let directory = ''
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'intremap-pieces-'))
})
afterAll(() => {
  rmSync(directory, { recursive: true })
})

/** The texts of a bundled machine, its list of functions apart. */
async function piecesOf(name: string): Promise<{ readonly listing: string; readonly pieces: readonly string[] }> {
  const home = mkdtempSync(join(directory, `${name}-`))
  execFileSync('tar', ['-xzf', new URL(`../fixtures/${name}.tar.gz`, import.meta.url).pathname, '-C', home])
  const { sysroot } = await openBundledMachine(name)
  const log = unredactedLog(sysroot, probeMachine(sysroot))
  const { listing, others, firmware } = pasteTexts(join(home, 'sysroot'), sysroot, home, log)
  const deciding = firmware.filter((file) => /^(?:APIC|DMAR|IVRS|IORT|tree)\./.test(basename(file)))
  return { listing, pieces: [...others, ...deciding] }
}

const reportOf = async (evidence: readonly string[]): Promise<Report> =>
  buildReport(probeMachine((await openMachine({ evidence })).sysroot))

describe.skipIf(!hasLspci)('of whatever texts of a machine (needs lspci)', () => {
  test.each(['x86-intel-ir-612', 'x86-amd-ir-612', 'x86-intel-nosid-612', 'arm-v3its-smmu-acpi-612'])(
    '%s is judged no better where one is missing',
    { timeout: 60_000 },
    async (name) => {
      const { listing, pieces } = await piecesOf(name)
      expect(pieces.length).toBeGreaterThan(4)
      const reports: Report[] = []
      for (let set = 0; set < 1 << pieces.length; set++)
        reports.push(await reportOf([listing, ...pieces.filter((_, at) => (set & (1 << at)) !== 0)]))
      for (const [set, report] of reports.entries()) {
        for (let at = 0; at < pieces.length; at++) {
          const less = reports[set & ~(1 << at)]
          if (!less || less === report) continue
          const given = pieces.filter((_, one) => (set & (1 << one)) !== 0).map((file) => basename(file))
          expect([given, basename(pieces[at] ?? ''), strengthenings(report, less)]).toEqual([
            given,
            basename(pieces[at] ?? ''),
            [],
          ])
        }
      }
      // Otherwise nothing could have become stronger.
      expect(reports.some(({ devices }) => devices.some(({ verdict }) => verdict.startsWith('isolated')))).toBe(
        name !== 'x86-intel-nosid-612',
      )
    },
  )
})
