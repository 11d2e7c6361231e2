import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openMachine } from '../../src/inputs/open-machine.js'
import { probeMachine } from '../../src/probes/machine.js'
import { openDirectorySysroot } from '../../src/sysroot/directory-sysroot.js'
import { buildReport } from '../../src/report/probe/build.js'
import { captureNames } from '../support/captures.js'
import { CAPTURES, hasLspci } from '../support/outside.js'
import { isDecidedByTexts, pasteTexts } from '../support/pasted-texts.js'
import { strengthenings } from '../support/strengthening.js'

/** One of each kind; all of them where the figures are asked for. */
const KINDS: ReadonlySet<string> = new Set([
  'x86-intel-ir-612',
  'x86-intel-topo-612',
  'x86-intel-noir-612',
  'S-x86-nosid-612',
  'x86-amd-ir-612',
  'S-x86-amd-off-612',
  'x86-viommu-612',
  'arm-v3its-smmu-acpi-612',
  'arm-v3its-smmu-dt-612',
  'arm-v3its-topo-dt-72',
  'arm-v3its-none-dt-612',
  'arm-v3its-pxb-bypass-acpi-lab',
  'arm-iort-smmu-its-partial-612',
  'arm-v2m-smmu-acpi-612',
  'arm-v3noits-smmu-dt-612',
  'rv-imsic-iommu-dt-lab',
])
const FIGURES = process.env['INTREMAP_FIGURES']
const MACHINES = captureNames().filter((name) => FIGURES !== undefined || KINDS.has(name))

let directory = ''
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'intremap-pasted-captures-'))
})
afterAll(() => {
  rmSync(directory, { recursive: true })
})

const figures = new Map<string, readonly [same: number, all: number]>()

/** Captures have the whole log of their machines, as people paste it. */
describe.skipIf(!hasLspci || MACHINES.length === 0)('what people would paste of a captured machine', () => {
  test.each(MACHINES)('%s is never judged better by its texts', { timeout: 60_000 }, async (name) => {
    const home = mkdtempSync(join(directory, 'machine-'))
    execFileSync('tar', ['-xzf', join(CAPTURES, `${name}.tar.gz`), '-C', home])
    const root = join(home, 'sysroot')
    const machine = buildReport(probeMachine((await openMachine({ sysroot: root })).sysroot))
    // Nobody redacts what he pastes.
    const whole = openDirectorySysroot(root, { kind: 'sysroot', name })
    const log = readFileSync(join(root, 'var/log/dmesg'), 'utf8')
    const { listing, others, firmware } = pasteTexts(root, whole, home, log)
    for (const files of [
      [listing, ...others],
      [listing, ...others, ...firmware],
    ]) {
      const pasted = buildReport(probeMachine((await openMachine({ evidence: files })).sysroot))
      const known = new Set(pasted.devices.map(({ address }) => address))
      const devices = machine.devices.filter(({ address }) => known.has(address))
      expect(strengthenings({ ...machine, devices }, pasted)).toEqual([])
      if (files.length < 1 + others.length + firmware.length) continue
      const verdicts = new Map(pasted.devices.map((device) => [device.address, device.verdict]))
      const endpoints = machine.devices.filter(({ role }) => role === 'endpoint')
      const isSame = ({ address, verdict }: (typeof endpoints)[number]) => verdicts.get(address) === verdict
      figures.set(name, [endpoints.filter(isSame).length, endpoints.length])
      expect(endpoints.filter((device) => isDecidedByTexts(device) && !isSame(device))).toEqual([])
    }
    rmSync(home, { recursive: true })
  })

  test('most functions get the verdict of their machine', () => {
    const sum = (index: 0 | 1) => [...figures.values()].reduce((total, figure) => total + figure[index], 0)
    const lines = [...figures].map(([name, [same, all]]) => `${name}: ${same} of ${all}`)
    if (FIGURES !== undefined) writeFileSync(FIGURES, `${lines.join('\n')}\nall: ${sum(0)} of ${sum(1)}\n`)
    expect(sum(0) / sum(1)).toBeGreaterThan(0.75)
  })
})
