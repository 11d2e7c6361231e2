import { describe, expect, it } from 'vitest'
import type { FunctionDescription, MachineDescription } from '../../../src/emulator/machine-description.js'
import { explainDevice } from '../../../src/report/explain/explain.js'
import { IDLE, drivenBy, judged, tree } from '../rules/metal.js'

/** Two functions of one card; the first is in group 4. */
const functions = (driver: string): FunctionDescription[] => [
  {
    address: '00:01.0',
    id: '1def:e100',
    type: 'root-port',
    driver: 'pcieport',
    functions: [
      { address: '01:00.0', id: '8086:1572', driver: 'i40e', msix: 2, group: 4 },
      { address: '01:00.1', id: '8086:1572', ...drivenBy(driver), msixCapable: 2, group: null },
    ],
  },
]

/** The mask leaves both functions one StreamID; their RequesterIDs and DeviceIDs differ. */
const masked = (release: string, driver = IDLE): MachineDescription =>
  tree({
    kernel: { release },
    rootComplexes: [{ iommu: 'smmu', iommuMapMask: 0xfff8, msi: 'its', functions: functions(driver) }],
  })

/** Below a PCIe-to-PCI bridge both cards are seen as 02:00.0. */
const bridged = (release: string): MachineDescription =>
  tree({
    kernel: { release },
    rootComplexes: [
      {
        iommu: 'smmu',
        msi: 'its',
        functions: [
          {
            address: '00:01.0',
            id: '1def:e100',
            type: 'root-port',
            driver: 'pcieport',
            functions: [
              {
                address: '01:00.0',
                id: '10b5:8111',
                type: 'pcie-to-pci-bridge',
                functions: [
                  { address: '02:01.0', id: '8086:100e', type: 'conventional', driver: 'e1000', msi: 1, group: 4 },
                  { address: '02:02.0', id: '8086:100e', type: 'conventional', msiCapable: 1, group: null },
                ],
              },
            ],
          },
        ],
      },
    ],
  })

const remedyOf = (found: ReturnType<typeof second>) =>
  typeof found?.cause === 'object' ? `${found.cause.summary} ${found.cause.remedy}` : ''
const second = (machine: MachineDescription, address: string) =>
  judged({ machine }).report.devices.find((device) => device.address === address)

// drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c, arm_smmu_insert_master: -EINVAL for a StreamID in the tree, from 5.13 on.
describe('a StreamID that another function has', () => {
  it.each([
    ['6.12.0', IDLE],
    ['6.12.0', 'i40e'],
    ['7.1.0', IDLE],
    ['7.1.0', 'i40e'],
  ])('because firmware maps it twice: the map is the cause (%s, driver %s)', (release, driver) => {
    const found = second(masked(release, driver), '0000:01:00.1')
    expect(found).toMatchObject({
      verdict: 'not-isolated',
      reason: 'stream-id-refused',
      iommuGroup: 'none',
      kernel: { vfioType1: { outcome: 'refuses', errno: 'EINVAL' } },
      cause: {
        id: 'stream-id-mapped-twice',
        actor: 'firmware',
      },
    })
    expect(remedyOf(found)).toContain('0000:01:00.0 has it now')
  })

  it.each(['6.12.0', '7.1.0'])('because both have one RequesterID: another slot is the cure (%s)', (release) => {
    const found = second(bridged(release), '0000:02:02.0')
    expect(found).toMatchObject({
      verdict: 'not-isolated',
      reason: 'stream-id-refused',
      cause: { id: 'stream-id-taken', actor: 'hardware' },
    })
    expect(remedyOf(found)).toContain('0000:02:01.0')
  })

  it.each([masked('6.12.0'), bridged('6.12.0')])('leaves it behind an IOMMU, and the sentences say so', (machine) => {
    const analysis = judged({ machine })
    const refused = analysis.report.devices.find(({ reason }) => reason === 'stream-id-refused')?.address ?? ''
    const finding = analysis.report.findings.find(({ rule, devices }) => rule === 'IR105' && devices.includes(refused))
    expect(finding?.summary).toMatch(/^The IOMMU in front of .* does not translate for it/)
    const { questions } = explainDevice(analysis, refused)
    const asked = questions.find(({ id }) => id === 'translation')
    expect([asked?.answer, asked?.because]).toEqual(['no', expect.stringMatching(/^The driver of SMMU.* refused it/i)])
  })

  it('does not stop the first', () => {
    expect(second(masked('6.12.0'), '0000:01:00.0')?.reason).not.toBe('stream-id-refused')
  })

  // Before 5.13 the driver keeps no table of StreamIDs.
  it('is not what an older driver refuses', () => {
    expect(second(masked('5.10.0'), '0000:01:00.1')?.verdict).toBe('unknown')
    expect(second(masked('5.10.0', 'i40e'), '0000:01:00.1')?.cause).toMatchObject({ id: 'refused-by-iommu-driver' })
  })
})
