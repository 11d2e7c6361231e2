import { describe, expect, it } from 'vitest'
import type { FindingReport, Report } from '../../../src/report/types.js'
import { arm, card, intel, judged, tree, type TestCase } from './metal.js'
import { its, smmuV2, two, v2m, wiredSmmu } from './vector.js'
import { mbi, oneDeviceId, switched } from './vector-machines.js'

const CARD = '0000:01:00.0'
const findingsOf = (report: Report, rule: string): FindingReport[] =>
  report.findings.filter((finding) => finding.rule === rule)
const of = (machine: TestCase['machine'], rule: string) => findingsOf(judged({ machine }).report, rule)
const verdictOf = (machine: TestCase['machine']) =>
  judged({ machine }).report.devices.find(({ address }) => address === CARD)?.verdict

const UNSAFE = 'vfio_iommu_type1.allow_unsafe_interrupts'

describe('IR001: in force, needed here, removable', () => {
  const on = { kernel: { parameters: { [UNSAFE]: 'Y' } } }

  it('is needed where the kernel refuses an endpoint', () => {
    const machine = arm({
      ...on,
      msiControllers: [v2m],
      rootComplexes: [{ iommu: 'smmu', msi: 'v2m', functions: [card(1)] }],
    })
    expect(of(machine, 'IR001').map(({ summary }) => summary)).toEqual([
      `${UNSAFE} is on: VFIO type1 accepts devices whose interrupts are not isolated, and would refuse ${CARD} without it.`,
    ])
  })

  it('is removable where everything is isolated', () => {
    expect(of(arm(on), 'IR001').map(({ summary }) => summary)).toEqual([
      `${UNSAFE} is on, and nothing here needs it: every endpoint has isolated interrupts. It can be removed.`,
    ])
  })

  it('counts before the module is loaded, from modprobe.d', () => {
    const machine = arm({
      kernel: { deviceNodes: [], modprobe: { 'vfio.conf': 'options vfio_iommu_type1 allow_unsafe_interrupts=1\n' } },
    })
    expect(of(machine, 'IR001').map(({ summary }) => summary.split(',')[0])).toEqual([
      `${UNSAFE} will be on when its module is loaded`,
    ])
  })
})

describe('IR108: where the doorbell is and who can act', () => {
  it('a GICv2m frame', () => {
    const machine = arm({ msiControllers: [v2m], rootComplexes: [{ iommu: 'smmu', msi: 'v2m', functions: [card(1)] }] })
    const [finding] = of(machine, 'IR108')
    expect(finding?.actor).toBe('hardware')
    // Frame base plus 0x40, MSI_SETSPI_NS.
    expect(finding?.summary).toContain('doorbell 0x8020040')
  })

  it('the distributor: its page is exposed, unless an alias page takes the writes', () => {
    expect(of(mbi(false), 'IR108')[0]?.summary).toMatch(/doorbell 0x8000040\): the page that is written also holds/)
    expect(of(mbi(true), 'IR108')[0]?.summary).toMatch(/the alias page .* \(doorbell 0x8100040\)/)
  })

  it('x86: firmware, chipset or command line', () => {
    const dmar0 = { name: 'dmar0', type: 'vt-d', address: '0xfed90000' } as const
    const off = of(intel({ kernel: { commandLine: 'intremap=off' } }), 'IR108')[0]
    expect([off?.actor, off?.summary.includes('intremap=off')]).toEqual(['configuration', true])
    expect(
      of(intel({ iommus: [{ ...dmar0, interruptRemapping: false, extendedCapability: 'f020da' }] }), 'IR108')[0]?.actor,
    ).toBe('firmware')
  })
})

// K: drivers/iommu/arm-smmu-v3.c of 4.15, 4.18, 5.0 and 5.4: off by default in the first two, on in the others.
describe('IR005: unmatched streams of an SMMUv3 whose driver does not say', () => {
  it.each<[string, readonly unknown[]]>([
    ['4.15.0', ['unknown']],
    ['4.18.0', ['unknown']],
    ['5.0.0', []],
    ['6.8.0', []],
    ['6.12.0', []],
  ])('%s', (release, expected) => {
    const { report } = judged({
      machine: arm({ kernel: { release } }),
      edit: (files) => files.delete('sys/module/arm_smmu_v3/parameters/disable_bypass'),
    })
    expect(findingsOf(report, 'IR005').map(({ outcome }) => outcome)).toEqual(expected)
  })
})

describe('IR112: a doorbell that checks nothing beside the ITS', () => {
  const frames = { gic: { version: 3 as const }, msiControllers: [its, { ...v2m, usable: false }] }

  it('is only told of where the SMMU translates everything', () => {
    const [finding] = of(arm(frames), 'IR112')
    expect([finding?.severity, finding?.effect]).toEqual(['low', 'none'])
    expect(verdictOf(arm(frames))).toBe('isolated')
  })

  it('is a caveat where unmatched streams pass', () => {
    const machine = arm({ ...frames, iommus: [smmuV2], kernel: { parameters: { 'arm_smmu.disable_bypass': 'N' } } })
    const [finding] = of(machine, 'IR112')
    expect([finding?.severity, finding?.effect]).toEqual(['high', 'caveat'])
  })

  it('is a caveat for the function with ATS alone', () => {
    const machine = arm({
      ...frames,
      rootComplexes: [{ iommu: 'smmu', msi: 'its', atsSupported: true, functions: two({ ats: 'enabled' }, {}) }],
    })
    expect(of(machine, 'IR112').map(({ effect, devices }) => [effect, devices.includes(CARD)])).toEqual([
      ['caveat', true],
      ['none', false],
    ])
  })
})

describe('IR110: ATS', () => {
  const ats = (more: { atsSupported?: boolean; acs?: number }) =>
    arm({
      rootComplexes: [
        {
          iommu: 'smmu',
          msi: 'its',
          atsSupported: more.atsSupported ?? true,
          functions: [{ ...card(1, { ats: 'enabled' }), acs: more.acs ?? true }],
        },
      ],
    })

  it('counts where the root complex takes translated requests', () => {
    expect(verdictOf(ats({}))).toBe('isolated-with-caveats')
    expect(verdictOf(ats({ atsSupported: false }))).toBe('isolated')
  })

  it('does not count below a port that blocks them', () => {
    // SV, TB, RR, CR, UF.
    expect(verdictOf(ats({ acs: 0x1f }))).toBe('isolated')
  })

  it('may be there where extended configuration space is closed', () => {
    const machine = arm({
      rootComplexes: [{ iommu: 'smmu', msi: 'its', atsSupported: true, functions: [card(1, { configSize: 64 })] }],
    })
    expect(of(machine, 'IR110').map(({ outcome, devices }) => [outcome, devices])).toEqual([['unknown', [CARD]]])
  })
})

describe('IR115: room in the device table', () => {
  // The card's DeviceID is 0x100.
  const logged = (count: number) => ({
    kernel: {
      log: [`ITS@0x0000000008080000: allocated ${count} Devices @100000000 (flat, esz 8, psz 64K, shr 1)`],
    },
  })
  it('the first DeviceID past the end has none', () => {
    expect(of(arm(logged(0x100)), 'IR115').map(({ summary }) => summary)).toEqual([
      `DeviceID 0x100 of ${CARD} is beyond what ITS 0 has room for (0x100).`,
    ])
    expect(of(arm(logged(0x101)), 'IR115')).toEqual([])
  })
  it('a pre-ITS has a word of four bytes for each', () => {
    const window = (bytes: string) =>
      tree({ msiControllers: [{ ...its, preIts: { base: '0x58000000', size: bytes } }] })
    expect(of(window('0x400'), 'IR115')).toHaveLength(1)
    expect(of(window('0x404'), 'IR115')).toEqual([])
  })
})

describe('IR111: source validation', () => {
  it('is no matter where the port has only its own group around it', () => {
    const machine = arm({ rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [switched(0, undefined)] }] })
    expect(of(machine, 'IR111')).toEqual([])
  })

  it('is a caveat where an endpoint of another group is in the segment, whatever its bus number', () => {
    for (const bus of [2, 7]) {
      const machine = arm({
        rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [{ ...card(1), acs: 0x1c }, card(bus)] }],
      })
      const [finding] = of(machine, 'IR111')
      expect([finding?.effect, finding?.devices]).toEqual(['caveat', [CARD]])
      expect(finding?.evidence[0]?.value).toBe('ACS control 0x1c')
    }
  })

  it('is on all devices behind ports of one kind, or on none', () => {
    const functions = [1, 2, 3].map((bus) => ({ ...card(bus, { group: bus }), acs: 0x1c, group: bus + 10 }))
    const machine = arm({ rootComplexes: [{ iommu: 'smmu', msi: 'its', functions }] })
    expect(of(machine, 'IR111').flatMap(({ devices }) => devices)).toEqual([1, 2, 3].map((bus) => `0000:0${bus}:00.0`))
  })
})

describe('IR113: DeviceIDs given out twice', () => {
  it('to a device outside PCI that is there: not isolated, as rule IR101 tells', () => {
    const machine = tree({
      deviceTree: {
        nodes: { 'dma@1000': { properties: { reg: [0, 0x1000, 0, 0x1000], 'msi-parent': ['&its', 0x100] } } },
      },
    })
    const [finding] = of(machine, 'IR101')
    expect([finding?.effect, finding?.devices]).toEqual(['not-isolated', [CARD]])
    expect(verdictOf(machine)).toBe('not-isolated')
  })

  it('to a virtual function that can still be made: a caveat for who has it', () => {
    const sriov = { total: 2, firstOffset: 0x100, stride: 1, device: '154c' }
    const map = (inputBase: number, outputBase: number) => ({ inputBase, ids: 0x100, outputBase, output: 'its' })
    const machine = arm({
      acpi: {
        iort: {
          nodes: [
            { type: 'its-group', name: 'its', itsIds: [0] },
            // StreamIDs 0x200 on become the DeviceIDs of 0x0 on: VF 02:00.0 gets that of the root bus.
            wiredSmmu([map(0, 0), map(0x100, 0x100), map(0x200, 0)]),
            { type: 'root-complex', segment: 0, mappings: [{ output: 'smmu' }] },
          ],
        },
      },
      rootComplexes: [
        {
          iommu: 'smmu',
          msi: 'its',
          functions: [
            { address: '00:00.0', id: '8086:1572', driver: 'i40e', msix: 1, type: 'rc-integrated-endpoint' },
            { ...card(1, { sriov }), subordinateBus: 2 },
          ],
        },
      ],
    })
    const [finding] = of(machine, 'IR113')
    expect([finding?.effect, finding?.devices]).toEqual(['caveat', ['0000:00:00.0']])
    expect(finding?.summary).toContain(CARD)
  })

  it('in ranges that nobody is in: told of the table alone', () => {
    const machine = arm({
      rootComplexes: [0, 1].map((segment) => ({
        segment,
        iommuMap: [{ to: 'smmu', outputBase: segment * 0x10000 }],
        msiMap: segment === 0 ? [{ to: 'its' }] : [{ to: 'its', outputBase: 0x8000 }],
        functions: segment === 0 ? [card(1)] : [],
      })),
    })
    expect(of(machine, 'IR113')).toEqual([])
    expect(of(machine, 'IR214').map(({ devices }) => devices)).toEqual([[]])
  })
})

describe('IR116: back doors', () => {
  const realtek = (change: Parameters<typeof arm>[0]) => of(arm(change), 'IR116')[0]

  it('are nothing to fear where the payload is checked, and are where it is not', () => {
    const functions = [card(1, { id: '10ec:8168' })]
    expect(realtek({ rootComplexes: [{ iommu: 'smmu', msi: 'its', functions }] })?.severity).toBe('info')
    expect(
      realtek({ msiControllers: [v2m], rootComplexes: [{ iommu: 'smmu', msi: 'v2m', functions }] })?.severity,
    ).toBe('high')
  })
})

describe('IR101', () => {
  it('is the reason where an SMMU gives two groups one DeviceID', () => {
    const { report } = judged({ machine: oneDeviceId('smmu') })
    expect(report.devices.find(({ address }) => address === CARD)?.reason).toBe('shared-device-id')
  })
})
