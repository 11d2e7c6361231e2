import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  writeDmar,
  type DmarDescription,
  type DmarStructureDescription,
} from '../../../src/emulator/firmware/dmar-writer.js'
import { writeIvrs, type IvrsBlockDescription } from '../../../src/emulator/firmware/ivrs-writer.js'
import { writeMadt } from '../../../src/emulator/firmware/madt-writer.js'
import { writeMcfg } from '../../../src/emulator/firmware/mcfg-writer.js'
import { machineFromFiles } from '../../../src/probes/firmware-files.js'
import { probeFirmware } from '../../../src/probes/firmware-machine.js'
import { lintFirmware } from '../../../src/report/lint/lint.js'
import type { LintReport } from '../../../src/report/lint/lint-report.js'
import { acpiRules } from '../../../src/rules/acpi-rules.js'
import { CORPUS } from '../../support/outside.js'
import { card, intel, judged, sysrootOf } from './metal.js'
import { amd, ioApicEntry } from './x86-machines.js'

const ioApicScope = (enumerationId: number) =>
  ({ type: 'io-apic', enumerationId, startBus: 0xf0, path: [[0x1f, 0]] }) as const
const unit = (more: Partial<Extract<DmarStructureDescription, { type: 'drhd' }>> = {}) =>
  ({ type: 'drhd', flags: 1, base: '0xfed91000', scopes: [ioApicScope(2)], ...more }) as const
const rmrr = (base: number | string, end: number | string) =>
  ({ type: 'rmrr', base, end, scopes: [{ type: 'endpoint', path: [[0x14, 0]] }] }) as const

const madt = (...ids: readonly number[]) => ({
  path: 'APIC',
  bytes: writeMadt({ entries: ids.map((id, index) => ioApicEntry(id, index * 24)) }),
})
const dmar = (structures: readonly DmarStructureDescription[], more: Partial<DmarDescription> = {}) => ({
  path: 'DMAR',
  bytes: writeDmar({ flags: 1, structures, ...more }),
})
const special = (handle: number, usedDeviceId: number) =>
  ({ type: 'special', handle, usedDeviceId, variety: 'io-apic' }) as const
const ivrs = (...blocks: readonly IvrsBlockDescription[]) => ({ path: 'IVRS', bytes: writeIvrs({ blocks }) })
const ivhd = (...entries: readonly ReturnType<typeof special>[]): IvrsBlockDescription => ({
  type: 'ivhd',
  code: 17,
  deviceId: 2,
  base: 0xfeb80000,
  entries,
})
const ivmd = (start: number, length: number, code: 32 | 33 | 34 = 33, deviceId = 0xa0, auxiliaryData = 0) => {
  const bytes = new DataView(new ArrayBuffer(32))
  bytes.setUint8(0, code)
  bytes.setUint8(1, 8)
  bytes.setUint16(2, 32, true)
  bytes.setUint16(4, deviceId, true)
  bytes.setUint16(6, auxiliaryData, true)
  bytes.setBigUint64(16, BigInt(start), true)
  bytes.setBigUint64(24, BigInt(length), true)
  return new Uint8Array(bytes.buffer)
}
/** An IVRS with memory blocks behind a sound unit; the checksum is made right. */
const withIvmds = (...blocks: readonly Uint8Array[]) => {
  const head = writeIvrs({ blocks: [ivhd(special(0, 0xa0))] })
  const bytes = new Uint8Array([...head, ...blocks.flatMap((block) => [...block])])
  new DataView(bytes.buffer).setUint32(4, bytes.length, true)
  bytes[9] = 0
  bytes[9] = (256 - (bytes.reduce((sum, byte) => sum + byte, 0) & 255)) & 255
  return { path: 'IVRS', bytes }
}
type Files = readonly { readonly path: string; readonly bytes: Uint8Array }[]

const lint = (files: Files): LintReport => lintFirmware(machineFromFiles(files))
const failed = (report: LintReport) =>
  report.findings.filter(({ outcome }) => outcome === 'fail').map(({ rule, severity }) => `${rule} ${severity}`)
const outcome = (report: LintReport, rule: string) => report.rules.find((one) => one.rule === rule)?.outcome

const SOUND_INTEL: Files = [
  madt(2),
  dmar([unit({ flags: 0, base: '0xfed90000', scopes: [] }), unit(), rmrr('0xad800000', '0xaf9fffff')]),
]
const SOUND_AMD: Files = [madt(4, 5), ivrs(ivhd(special(4, 0xa0), special(5, 1)))]

describe('tables of x86', () => {
  it.each<readonly [string, Files, readonly string[]]>([
    ['sound Intel tables', SOUND_INTEL, []],
    ['sound AMD tables', SOUND_AMD, []],
    ['INTR_REMAP 0', [madt(2), dmar([unit()], { flags: 0 })], ['IR224 medium']],
    ['x2APIC opt-out is none', [madt(2), dmar([unit()], { flags: 3 })], []],
    ['an IO-APIC in no scope', [madt(0, 2), dmar([unit()])], ['IR225 high']],
    ['id 255 in no scope', [madt(2, 255), dmar([unit()])], ['IR225 high']],
    ['an IO-APIC in no special entry', [madt(4, 5), ivrs(ivhd(special(4, 0xa0)))], ['IR226 high']],
    ['all of them', [madt(7, 8), ivrs(ivhd(special(0, 0xa0), special(255, 1)))], ['IR226 high', 'IR226 high']],
    ['the southbridge elsewhere', [madt(4), ivrs(ivhd(special(4, 0xa2)))], ['IR227 high']],
    [
      'entries in a block that Linux passes over',
      [madt(4), ivrs({ type: 'ivhd', code: 16, deviceId: 2, base: 1, entries: [special(4, 0xa0)] }, ivhd())],
      ['IR226 high'],
    ],
    // Seen on a machine on which Xen gave the IOMMU up: start 0, length 1.
    ['an IVMD of one byte', [madt(0), withIvmds(ivmd(0, 1))], ['IR228 medium']],
    ['an IVMD of length 0', [madt(0), withIvmds(ivmd(0x1000, 0))], ['IR228 medium']],
    ['an IVMD beside a page', [madt(0), withIvmds(ivmd(0x1800, 0x1000))], ['IR228 medium']],
    [
      'an IVMD whose range is turned round',
      [madt(0), withIvmds(ivmd(0x1000, 0x1000, 34, 0x100, 0x80))],
      ['IR228 medium'],
    ],
    ['sound IVMDs', [madt(0), withIvmds(ivmd(0x1000, 0x1000), ivmd(0x2000, 0x3000, 34, 0x80, 0x100))], []],
    ['an RMRR beside a page', [madt(2), dmar([unit(), rmrr('0xad800800', '0xaf9fffff')])], ['IR229 medium']],
    ['an RMRR that ends inside a page', [madt(2), dmar([unit(), rmrr('0xad800000', '0xaf9ffff0')])], ['IR229 medium']],
    [
      'an RMRR that ends before it begins',
      [madt(2), dmar([unit(), rmrr('0xad800000', '0xad7fffff')])],
      ['IR229 medium'],
    ],
    [
      'a scope without a path',
      [madt(2), dmar([unit({ scopes: [ioApicScope(2), { type: 'endpoint', path: [] }] })])],
      ['IR230 medium'],
    ],
    [
      'an ACPI device without ANDD',
      [madt(2), dmar([unit({ scopes: [ioApicScope(2), { type: 'namespace', enumerationId: 1, path: [[0x15, 0]] }] })])],
      ['IR230 low'],
    ],
    [
      'with its ANDD',
      [
        madt(2),
        dmar([
          unit({ scopes: [ioApicScope(2), { type: 'namespace', enumerationId: 1, path: [[0x15, 0]] }] }),
          { type: 'andd', deviceNumber: 1, objectName: '\\_SB.I2C0' },
        ]),
      ],
      [],
    ],
    [
      'two units with one set of registers',
      [madt(2), dmar([unit({ flags: 0, scopes: [] }), unit()])],
      ['IR231 medium'],
    ],
    ['two that include all', [madt(2), dmar([unit(), unit({ base: '0xfed92000', scopes: [] })])], ['IR231 medium']],
    ['a unit at address 0', [madt(2), dmar([unit({ base: 0 })])], ['IR231 high']],
    ['no unit', [madt(), dmar([])], ['IR231 medium']],
    [
      'a segment without a unit',
      [
        madt(2),
        dmar([unit()]),
        { path: 'MCFG', bytes: writeMcfg({ allocations: [{ base: 0xe0000000 }, { base: 0xd0000000, segment: 1 }] }) },
      ],
      ['IR231 low'],
    ],
  ])('%s', (_, files, expected) => {
    expect(failed(lint(files))).toEqual(expected)
  })

  const X86_RULES = acpiRules.filter(({ id }) => id >= 'IR224' && id <= 'IR231')

  it('are judged by every rule: passed, not to be told without the MADT, about nothing elsewhere', () => {
    const reports = [lint(SOUND_INTEL), lint([madt(0), withIvmds(ivmd(0x1000, 0x1000))])]
    for (const { id } of X86_RULES) expect(reports.map((report) => outcome(report, id))).toContain('pass')
    const alone = [lint(SOUND_INTEL.slice(1)), lint(SOUND_AMD.slice(1))]
    for (const id of ['IR225', 'IR226', 'IR227'])
      expect(alone.map((report) => outcome(report, id))).toContain('unknown')
    for (const { id } of X86_RULES) expect(outcome(lint([madt(0)]), id)).toBe('not-applicable')
  })

  it('name their devices on a machine, and mended faults are low', () => {
    const network: DmarStructureDescription = {
      type: 'rmrr',
      base: '0xad800000',
      end: '0xaf9fffff',
      scopes: [
        {
          type: 'endpoint',
          path: [
            [1, 0],
            [0, 0],
          ],
        },
      ],
    }
    const held = lintFirmware(
      probeFirmware(
        sysrootOf({
          machine: intel({ acpi: { dmar: { flags: 1, structures: [unit({ scopes: [ioApicScope(0)] }), network] } } }),
        }),
      ),
    )
    expect(held.findings.map(({ rule, severity, devices }) => [rule, severity, devices])).toEqual([
      ['IR229', 'medium', ['0000:01:00.0']],
    ])
    const usb = intel({
      acpi: { dmar: { flags: 1, structures: [unit({ scopes: [ioApicScope(0)] }), network] } },
      rootComplexes: [{ iommu: 'dmar0', functions: [card(1, { class: '0c0330' })] }],
    })
    expect(failed(lintFirmware(probeFirmware(sysrootOf({ machine: usb }))))).toEqual([])
    const mended = amd({
      kernel: { release: '6.2.0', commandLine: 'ivrs_ioapic=7@0000:00:14.0' },
      acpi: { madt: { entries: [ioApicEntry(7)] } },
    })
    expect(failed(lintFirmware(probeFirmware(sysrootOf({ machine: mended }))))).toEqual(['IR226 low'])
  })

  it('ask for one step together with the rules about devices', () => {
    const { report } = judged({
      machine: amd({ kernel: { release: '3.16.0' }, acpi: { madt: { entries: [ioApicEntry(7)] } } }),
    })
    const steps = report.findings
      .filter(({ rule, severity }) => severity !== 'info' && (rule === 'IR108' || rule === 'IR226'))
      .map(({ remedy }) => remedy)
    expect(steps.length).toBeGreaterThan(1)
    expect(new Set(steps).size).toBe(1)
  })
})

describe('what no rule is about', () => {
  const header = (signature: string, length: number, total: number) => {
    const bytes = new Uint8Array(total)
    bytes.set(new TextEncoder().encode(signature))
    new DataView(bytes.buffer).setUint32(4, length, true)
    return bytes
  }

  it('is named as not judged, and nothing is said to be well', () => {
    const report = lint([{ path: 'ssdt.dat', bytes: header('SSDT', 40, 40) }])
    expect(report.exitCode).toBe(3)
    expect(report.notJudged).toEqual([{ path: 'ssdt.dat', table: 'SSDT' }])
  })

  it('beside a table that is judged does not change the answer', () => {
    const report = lint([...SOUND_INTEL, { path: 'ssdt.dat', bytes: header('SSDT', 40, 40) }])
    expect(report.exitCode).toBe(0)
    expect(report.notJudged).toEqual([{ path: 'ssdt.dat', table: 'SSDT' }])
  })

  it.each([
    ['four letters', header('ABCD', 0, 8)],
    [
      'an image',
      Uint8Array.from([
        ...new TextEncoder().encode('GIF89a'),
        1,
        0,
        1,
        0,
        0xf7,
        0xff,
        ...Array.from({ length: 40 }, () => 0x80),
      ]),
    ],
  ])('%s are no table', (_, bytes) => {
    expect(lint([{ path: 'input', bytes }]).files).toEqual([{ path: 'input', table: 'unrecognised' }])
  })
})

describe.skipIf(!existsSync(`${CORPUS}/linuxhw-acpi`))('tables of real boards', () => {
  // Byte 37 of the one DMAR is 0; the IVRS of the other names both IO-APICs of its MADT, one at 00:14.0.
  it.each([
    ['intel-t3500-dmar', ['IR224 medium']],
    ['amd-990xa-ivrs', []],
  ])('%s', (name, expected) => {
    const path = `${CORPUS}/linuxhw-acpi/${name}/acpidump.txt`
    const found = failed(lint([{ path, bytes: readFileSync(path) }])).filter((one) => !/ (?:low|info)$/.test(one))
    expect(found).toEqual(expected)
  })
})
