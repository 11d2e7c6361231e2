import { describe, expect, test } from 'vitest'
import type { MachineDescription } from '../../../../src/emulator/machine-description.js'
import { firmwareDocuments } from '../../../../src/probes/firmware-documents.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { decodeFirmware } from '../../../../src/report/decode/decode.js'
import { machineSide } from '../../../../src/report/diff/machine-side.js'
import { diffReports } from '../../../../src/report/diff/report-diff.js'
import type { DiffReport, DiffSide } from '../../../../src/report/diff/diff-types.js'
import { buildReport } from '../../../../src/report/probe/build.js'
import type { DeviceReport } from '../../../../src/report/types.js'
import { device, group, report } from '../../render/report-sample.js'
import { arm, sysrootOf, type TestCase } from '../../rules/metal.js'

function sideOf(testCase: TestCase): DiffSide {
  const sysroot = sysrootOf(testCase)
  const machine = probeMachine(sysroot)
  return machineSide(machine, buildReport(machine), decodeFirmware(firmwareDocuments({ kind: 'machine', sysroot })))
}
const between = (before: MachineDescription, after: MachineDescription): DiffReport =>
  diffReports(sideOf({ machine: before }), sideOf({ machine: after }))
const kept = (machine: object): DiffSide => ({ report: { ...machine }, settings: new Map(), tables: new Map() })
const CARD = '0000:01:00.0'
const areas = ({ changes }: DiffReport) => [...new Set(changes.map(({ area }) => area))]

describe('two machines that differ in one thing', () => {
  test('in nothing: nothing is said', () => {
    expect(between(arm(), arm())).toMatchObject({ changes: [], exitCode: 0 })
  })

  test('in the kernel: the release, and nothing of tables or verdicts', () => {
    const older = arm()
    const release = (text: string) => ({ ...older, kernel: { ...older.kernel, release: text } })
    const diff = between(release('6.11.0'), release('6.12.0'))
    expect(diff.exitCode).toBe(0)
    expect(diff.changes).toEqual([
      {
        area: 'platform',
        subjects: [],
        field: 'platform.kernelRelease',
        before: '6.11.0',
        after: '6.12.0',
        direction: 'none',
      },
    ])
  })

  test('in a word of the command line: the word', () => {
    const machine = arm()
    const diff = between(machine, { ...machine, kernel: { ...machine.kernel, commandLine: 'pci=nocrs' } })
    expect(areas(diff)).toEqual(['settings'])
    expect(diff.changes).toMatchObject([{ field: 'kernel command line: pci=nocrs', before: 'none', after: 'given' }])
  })

  test('in the type of a group: the group, the domain of its functions, the finding', () => {
    const typed = (groupType: 'DMA' | 'identity') =>
      arm({ iommus: [{ name: 'smmu', type: 'smmuv3', address: '0x9050000', groupType }] })
    const diff = between(typed('DMA'), typed('identity'))
    expect(diff.exitCode).toBe(0)
    expect(diff.changes).toContainEqual({
      area: 'groups',
      subjects: ['of 0000:00:01.0', `of ${CARD}`],
      field: 'type',
      before: 'DMA',
      after: 'identity',
      direction: 'none',
    })
    expect(areas(diff).filter((area) => !['groups', 'devices', 'findings'].includes(area))).toEqual([])
  })

  test('in an ITS that is gone: what was isolated is weaker, and the table says why', () => {
    const diff = between(arm(), arm({ msiControllers: [] }))
    expect(diff.exitCode).toBe(1)
    expect(diff.changes).toContainEqual(
      expect.objectContaining({
        field: 'effectiveVerdict',
        before: 'isolated',
        after: 'not-isolated',
        direction: 'weaker',
      }),
    )
    expect(areas(diff)).toContain('tables')
    expect(diffReports(sideOf({ machine: arm({ msiControllers: [] }) }), sideOf({ machine: arm() })).exitCode).toBe(0)
  })
})

describe('two reports', () => {
  const isolated = report([device(CARD, { iommuGroup: '4' })], { groups: [group('4', [CARD])] })

  test('a group that is only numbered anew is no change', () => {
    const renumbered = report([device(CARD, { iommuGroup: '9' })], { groups: [group('9', [CARD])] })
    expect(diffReports(kept(isolated), kept(renumbered)).changes).toEqual([])
  })

  test('what an older version did not report is no change', () => {
    const old = (item: DeviceReport) =>
      Object.fromEntries(Object.entries(item).filter(([key]) => key !== 'hardware' && key !== 'assignable'))
    const older = { ...isolated, devices: isolated.devices.map(old) }
    expect(diffReports(kept(older), kept(isolated)).changes).toEqual([])
  })

  test.each([
    ['isolated', 0],
    ['isolated-with-caveats', 0],
    ['unknown', 1],
    ['not-isolated', 1],
  ] as const)('a device that came and is %s ends with %s', (verdict, exitCode) => {
    const more = report([...isolated.devices, device('0000:02:00.0', { verdict })], { groups: isolated.groups })
    const diff = diffReports(kept(isolated), kept(more))
    expect(diff.exitCode).toBe(exitCode)
    expect(diff.changes).toMatchObject([{ subjects: ['0000:02:00.0'], field: 'effectiveVerdict', after: verdict }])
    expect(diffReports(kept(more), kept(isolated)).exitCode).toBe(0)
  })

  test('a bridge weakens nothing', () => {
    const bridge = (verdict: 'isolated' | 'not-isolated') => report([device(CARD, { role: 'bridge', verdict })])
    expect(diffReports(kept(bridge('isolated')), kept(bridge('not-isolated'))).exitCode).toBe(0)
  })
})
