import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBundledMachine, openMachine } from '../../src/inputs/open-machine.js'
import { probeMachine } from '../../src/probes/machine.js'
import { buildReport } from '../../src/report/probe/build.js'
import type { Report } from '../../src/report/types.js'
import { hasLspci } from '../support/outside.js'
import { isDecidedByTexts, pasteTexts, unredactedLog, type PastedTexts } from '../support/pasted-texts.js'
import { strengthenings } from '../support/strengthening.js'

/** Machines of every kind that the package brings. */
const MACHINES = [
  'x86-intel-ir-612',
  'x86-intel-noir-612',
  'x86-intel-topo-612',
  'x86-amd-ir-612',
  'x86-viommu-612',
  'arm-v3its-smmu-acpi-612',
  'arm-v3its-topo-acpi-612',
  'arm-v2m-smmu-acpi-612',
  'arm-v3its-none-dt-612',
  'arm-v3noits-smmu-dt-612',
] as const
let directory = ''
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'intremap-pasted-'))
})
afterAll(() => {
  rmSync(directory, { recursive: true })
})

/** A bundled machine, and what a person would paste of it. */
async function pastedFrom(name: string): Promise<PastedTexts & { readonly machine: Report }> {
  const home = mkdtempSync(join(directory, `${name}-`))
  execFileSync('tar', ['-xzf', new URL(`../fixtures/${name}.tar.gz`, import.meta.url).pathname, '-C', home])
  const { sysroot } = await openBundledMachine(name)
  const probed = probeMachine(sysroot)
  const texts = pasteTexts(join(home, 'sysroot'), sysroot, home, unredactedLog(sysroot, probed))
  return { machine: buildReport(probed), ...texts }
}

const reportOf = async (evidence: readonly string[]): Promise<Report> =>
  buildReport(probeMachine((await openMachine({ evidence })).sysroot))

const figures: string[] = []

describe.skipIf(!hasLspci)('what people would paste of a bundled machine (needs lspci)', () => {
  test.each(MACHINES)('%s is never judged better by its texts', { timeout: 60_000 }, async (name) => {
    const { machine, listing, others, firmware } = await pastedFrom(name)
    for (const files of [[listing], [listing, ...others], [listing, ...others, ...firmware]]) {
      const pasted = await reportOf(files)
      expect(pasted.devices.map(({ address }) => address)).toEqual(machine.devices.map(({ address }) => address))
      expect(strengthenings(machine, pasted)).toEqual([])
      const verdicts = new Map(pasted.devices.map((device) => [device.address, device.verdict]))
      const endpoints = machine.devices.filter(({ role }) => role === 'endpoint')
      const other = endpoints.filter(({ address, verdict }) => verdicts.get(address) !== verdict)
      figures.push(
        `${name} ${files.length} files: ${endpoints.length - other.length} of ${endpoints.length} as the machine (${machine.summary.verdict} -> ${pasted.summary.verdict})`,
      )
      if (files.length === 1 + others.length + firmware.length)
        expect(other.filter((device) => isDecidedByTexts(device))).toEqual([])
    }
  })

  test('groups, drivers and ids are those of the machine', async () => {
    const { machine, listing, others } = await pastedFrom('x86-intel-topo-612')
    const pasted = await reportOf([listing, ...others])
    const shown = ({ devices }: Report) =>
      devices.map(({ address, vendorId, deviceId, classCode, driver, iommuGroup }) => [
        address,
        vendorId,
        deviceId,
        classCode,
        driver,
        iommuGroup,
      ])
    expect(shown(pasted)).toEqual(shown(machine))
    expect(pasted.groups.map(({ id, devices }) => [id, devices])).toEqual(
      machine.groups.map(({ id, devices }) => [id, devices]),
    )
  })

  test.runIf(process.env['INTREMAP_FIGURES'] !== undefined)('tells its figures', () => {
    writeFileSync(process.env['INTREMAP_FIGURES'] ?? '', `${figures.join('\n')}\n`)
    expect(readFileSync(process.env['INTREMAP_FIGURES'] ?? '', 'utf8')).not.toBe('')
  })
})
