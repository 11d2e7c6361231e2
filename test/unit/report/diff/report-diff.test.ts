import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { RedactingSysroot } from '../../../../src/capture/redacting-sysroot.js'
import { encodeDeviceTree } from '../../../../src/emulator/firmware/devicetree-source.js'
import { writeFdt } from '../../../../src/emulator/firmware/fdt-writer.js'
import type { MachineDescription } from '../../../../src/emulator/machine-description.js'
import { firmwareDocuments } from '../../../../src/probes/firmware-documents.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { decodeFirmware } from '../../../../src/report/decode/decode.js'
import { renderHumanDiff } from '../../../../src/render/diff/human-diff.js'
import { contentOf, machineSide } from '../../../../src/report/diff/machine-side.js'
import { diffReports } from '../../../../src/report/diff/report-diff.js'
import type { DiffReport, DiffSide } from '../../../../src/report/diff/diff-types.js'
import { buildReport } from '../../../../src/report/probe/build.js'
import type { DeviceReport } from '../../../../src/report/types.js'
import { openBundle } from '../../../../src/sysroot/bundle-sysroot.js'
import { CAPTURES, hasCaptures } from '../../../support/outside.js'
import { device, group, report } from '../../render/report-sample.js'
import { board, type BoardChange } from '../../rules/judged-tree.js'
import { arm, card, sysrootOf, type TestCase } from '../../rules/metal.js'

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

  test('in a field that an older version of the report lacks: nothing', () => {
    const unread = { source: '/proc/cmdline', area: 'other-files', reason: 'permission', extent: 'whole' } as const
    const { area: _, ...older } = unread
    const now = report([device(CARD)], { unread: [unread] })
    expect(diffReports(kept({ ...now, unread: [older] }), kept(now)).changes).toEqual([])
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
        kind: 'changed',
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
      kind: 'changed',
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
    // The structure that is gone is told once, and of the way only the kind: its ids and addresses follow from that.
    const madt = diff.changes.filter(({ subjects }) => subjects.includes('APIC'))
    expect(madt.map(({ before, after }) => [before, after])).toEqual([['gic-its', 'none']])
    const way = diff.changes.filter(({ field }) => field.startsWith('chain.msiController.'))
    expect(way.map(({ field }) => field)).toEqual(['chain.msiController.kind'])
    expect(diffReports(sideOf({ machine: arm({ msiControllers: [] }) }), sideOf({ machine: arm() })).exitCode).toBe(0)
  })

  test('in the override: the parameter, that a kernel accepts by it, and the finding', () => {
    const overridden = (unsafeInterrupts: boolean) =>
      arm({
        msiControllers: [{ name: 'v2m', type: 'gicv2m', address: '0x8020000' }],
        rootComplexes: [{ iommu: 'smmu', msi: 'v2m', functions: [card(1)] }],
        kernel: { parameters: { 'vfio_iommu_type1.allow_unsafe_interrupts': unsafeInterrupts ? 'Y' : 'N' } },
      })
    const diff = between(overridden(false), overridden(true))
    expect(diff.exitCode).toBe(0)
    expect(diff.changes).toContainEqual({
      area: 'settings',
      subjects: [],
      field: 'vfio_iommu_type1.allow_unsafe_interrupts',
      before: 'N',
      after: 'Y',
      kind: 'changed',
      direction: 'none',
    })
    expect(areas(diff).filter((area) => !['settings', 'kernel', 'platform', 'findings'].includes(area))).toEqual([])
    const outcomes = diff.changes.filter(({ area }) => area === 'kernel').map(({ field, after }) => [field, after])
    expect(outcomes).toEqual([['kernel.vfioType1.outcome', 'accepts-by-override']])
  })

  test('in one byte of a table: that field of that structure', () => {
    const plain = sysrootOf({ machine: arm() })
    const IORT = 'sys/firmware/acpi/tables/IORT'
    const read = plain.bytes(IORT)
    if (read.state !== 'known') throw new Error('the machine has no IORT')
    const bytes = Uint8Array.from(read.value)
    const view = new DataView(bytes.buffer)
    // ACPI IORT, DEN 0049: nodes from the offset at 40; type 4 is an SMMUv3, whose flags are at 24.
    let node = view.getUint32(40, true)
    while (view.getUint8(node) !== 4) node += view.getUint16(node + 1, true)
    const flags = view.getUint8(node + 24)
    view.setUint8(node + 24, flags ^ 0x08)
    view.setUint8(9, (view.getUint8(9) + flags - (flags ^ 0x08)) & 0xff)
    const changed = plain.withChanges([[IORT, { kind: 'bytes', bytes }]])
    const side = (sysroot: typeof changed) => {
      const machine = probeMachine(sysroot)
      return machineSide(machine, buildReport(machine), decodeFirmware(firmwareDocuments({ kind: 'machine', sysroot })))
    }
    const diff = diffReports(sideOf({ machine: arm() }), side(changed))
    expect(diff.changes).toEqual([
      {
        area: 'tables',
        subjects: ['IORT'],
        field: `0x${node.toString(16)} flags`,
        before: `0x${flags.toString(16)}`,
        after: `0x${(flags ^ 0x08).toString(16)}`,
        kind: 'changed',
        direction: 'none',
      },
    ])
  })
})

/** Captures of a kernel in two machines that differ in one option of QEMU or of the command line. */
describe.skipIf(!hasCaptures)('captures that differ in one thing', () => {
  const captured = async (name: string): Promise<DiffSide> => {
    const bundle = await openBundle(readFileSync(join(CAPTURES, `${name}.tar.gz`)), name)
    // As every run sees it: what differs from boot to boot and tells nothing is taken away.
    const sysroot = new RedactingSysroot(bundle.sysroot)
    const machine = probeMachine(sysroot)
    return machineSide(machine, buildReport(machine), decodeFirmware(firmwareDocuments({ kind: 'machine', sysroot })))
  }
  /** Of the functions that both have; the second machines of some pairs have fewer. */
  const told = async (before: string, after: string) => {
    const diff = diffReports(await captured(before), await captured(after))
    const came = ({ before: was, after: is }: DiffReport['changes'][number]) => was === 'none' || is === 'none'
    const changes = diff.changes.filter((change) => !(['verdicts', 'groups'].includes(change.area) && came(change)))
    return {
      exitCode: diff.exitCode,
      fields: [...new Set(changes.map(({ area, field }) => `${area} ${field}`))].sort(),
    }
  }

  test.each<readonly [string, string, string, number, readonly string[]]>([
    [
      'the kernel',
      'arm-v2m-smmu-acpi-612',
      'arm-v2m-smmu-acpi-61',
      0,
      ['platform platform.gateRule', 'platform platform.kernelRelease', 'settings arm_smmu_v3.disable_bypass'],
    ],
    [
      'the type of groups',
      'arm-v3its-smmu-dt-612',
      'arm-v3its-passthrough-dt-612',
      0,
      [
        'devices chain.iommu.hostDomain',
        'findings severity',
        'groups type',
        'settings kernel command line: iommu.passthrough=1',
      ],
    ],
    [
      'lazy invalidation',
      'arm-v3its-smmu-dt-612',
      'arm-v3its-lazy-dt-612',
      0,
      ['devices chain.iommu.hostDomain', 'groups type', 'settings kernel command line: iommu.strict=0'],
    ],
    [
      'an ITS that the MADT does not list',
      'arm-v3its-smmu-acpi-612',
      'arm-madt-noits-612',
      1,
      [
        'components kind',
        'devices chain.msiController.kind',
        'devices hardware.msix.enabled',
        'findings severity',
        'groups isolatedMsi',
        'groups verdict',
        'kernel kernel.isolatedMsi',
        'kernel kernel.vfioType1.outcome',
        'tables 0xf4',
        'tables oemRevision',
        'verdicts effectiveVerdict',
        'verdicts reason',
      ],
    ],
  ])('%s', async (_, before, after, exitCode, fields) => {
    expect(await told(before, after)).toEqual({ exitCode, fields })
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

describe('two trees', () => {
  const treeSide = (change: BoardChange): DiffSide => {
    const files = [{ path: 'board.dtb', bytes: writeFdt(encodeDeviceTree(board(change))) }]
    const { documents } = decodeFirmware(firmwareDocuments({ kind: 'files', files }))
    return { report: {}, settings: new Map(), tables: new Map(documents.map(contentOf)) }
  }
  const BRIDGE = '/pcie@10000000'
  /** Field, before and after of what differs from the sound board. */
  const told = (change: BoardChange) =>
    diffReports(treeSide({}), treeSide(change)).changes.map(({ field, before, after }) => [field, before, after])

  test.each<readonly [string, BoardChange, readonly (readonly string[])[]]>([
    [
      'a map that reaches fewer ids',
      { bridge: { 'msi-map': [0, '&its', 0, 0x100] } },
      [
        [
          `${BRIDGE} msi-map`,
          '0x0 /interrupt-controller@8000000/msi-controller@8080000 0x0 0x10000',
          '0x0 /interrupt-controller@8000000/msi-controller@8080000 0x0 0x100',
        ],
      ],
    ],
    [
      'one more entry of a map',
      { bridge: { 'iommu-map': [0, '&smmu', 0, 0x10000, 0x10000, '&smmu', 0x10000, 1] } },
      [[`${BRIDGE} iommu-map[1]`, 'none', '0x10000 /iommu@9050000 0x10000 0x1']],
    ],
    [
      'a property without bytes that is gone',
      { smmu: { 'dma-coherent': null } },
      [['/iommu@9050000 dma-coherent', 'there', 'none']],
    ],
    ['text', { bridge: { status: 'disabled' } }, [[`${BRIDGE} status`, 'none', 'disabled']]],
    [
      'a node that came with others below it, of a name with brackets',
      { nodes: { 'soc].x[@1': { properties: {}, children: { 'child@2': { properties: { reg: [1] } } } } } },
      [['/soc].x[@1', 'none', 'there']],
    ],
    [
      'a property with a long name',
      { bridge: { [`acme,${'x'.repeat(80)}`]: 'text' } },
      [[`${BRIDGE} acme,${'x'.repeat(80)}`, 'none', 'text']],
    ],
  ])('%s', (_, change, changes) => {
    expect(told(change)).toEqual(changes)
  })
})

describe('what is inside of a device', () => {
  const of = (more: Partial<DeviceReport>) => kept(report([device(CARD, more)]))
  const obstacle = { code: 'no-group', interface: 'both', errno: 'ENODEV' } as const

  test('an obstacle that came is told by its name', () => {
    const { changes } = diffReports(of({ obstacles: [] }), of({ obstacles: [obstacle] }))
    expect(changes).toEqual([
      {
        area: 'kernel',
        subjects: [CARD],
        field: 'obstacles',
        before: 'none',
        after: obstacle.code,
        kind: 'changed',
        direction: 'none',
      },
    ])
  })

  test('a driver where there was none makes no new device', () => {
    const diff = diffReports(of({ driver: 'none' }), of({ driver: 'vfio-pci' }))
    expect(diff.changes).toMatchObject([{ field: 'driver', before: 'none', after: 'vfio-pci', kind: 'changed' }])
    expect(renderHumanDiff(diff, { columns: 100, colorLevel: 0, all: false })).toContain(
      `${CARD}: driver: none -> vfio-pci`,
    )
  })

  test('what came or went as a whole is told once', () => {
    const both = kept(report([device(CARD), device('0000:02:00.0')]))
    expect(diffReports(both, of({})).changes).toMatchObject([{ subjects: ['0000:02:00.0'], kind: 'gone' }])
    expect(diffReports(of({}), both).changes).toMatchObject([{ subjects: ['0000:02:00.0'], kind: 'came' }])
  })
})
