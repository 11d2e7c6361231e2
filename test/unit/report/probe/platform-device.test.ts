import { describe, expect, it } from 'vitest'
import { probeMachine } from '../../../../src/probes/machine.js'
import { renderHumanCheck } from '../../../../src/render/probe/human-check.js'
import { buildReport } from '../../../../src/report/probe/build.js'
import { NotFoundError } from '../../../../src/report/not-found.js'
import { PLAIN } from '../../render/report-sample.js'
import { arm, card, link, sysrootOf, text, type TestCase } from '../../rules/metal.js'

const ENGINE = 'dma-engine.0'

/** The card's group holds a DMA engine of the platform bus as well. */
const withEngine = (driver?: string): TestCase => ({
  machine: arm({ rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [card(1, { group: 7 }, 'vfio-pci')] }] }),
  edit: (files) => {
    const directory = `sys/devices/platform/${ENGINE}`
    files.set(`${directory}/iommu_group`, link('../../../kernel/iommu_groups/7'))
    files.set(
      `${directory}/uevent`,
      text(`${driver === undefined ? '' : `DRIVER=${driver}\n`}MODALIAS=platform:${ENGINE}\n`),
    )
    if (driver !== undefined) files.set(`${directory}/driver`, link(`../../../bus/platform/drivers/${driver}`))
    files.set(`sys/bus/platform/devices/${ENGINE}`, link(`../../../devices/platform/${ENGINE}`))
    files.set(`sys/kernel/iommu_groups/7/devices/${ENGINE}`, link(`../../../../devices/platform/${ENGINE}`))
  },
})
const reportOf = (testCase: TestCase, ...devices: readonly string[]) =>
  buildReport(probeMachine(sysrootOf(testCase)), devices.length > 0 ? { devices } : {})

describe('a platform device in a group', () => {
  it('is named and counted in the answer of the group, and holds it by its driver', () => {
    const { groups, platformDevices } = reportOf(withEngine('dma-pl330'))
    expect(platformDevices).toEqual([{ name: ENGINE, driver: 'dma-pl330', iommuGroup: '7', iommu: 'none' }])
    expect(groups.find(({ id }) => id === '7')).toMatchObject({
      devices: ['0000:01:00.0', ENGINE],
      isolatedMsi: 'no',
      viable: 'no',
      holders: [{ device: ENGINE, driver: 'dma-pl330' }],
    })
  })

  it('without a driver, or with one of VFIO, holds nothing', () => {
    for (const driver of [undefined, 'vfio-platform'])
      expect(reportOf(withEngine(driver)).groups.find(({ id }) => id === '7')).toMatchObject({
        viable: 'yes',
        holders: [],
      })
  })

  it('is no endpoint: asked about, it gets what is known and exit code 3', () => {
    const report = reportOf(withEngine('vfio-platform'), ENGINE)
    expect(report.devices).toEqual([])
    expect(report.exitCode).toBe(3)
    const said = renderHumanCheck(report, PLAIN).replaceAll(/\s+/g, ' ')
    expect(said).toMatch(/^\?\? dma-engine\.0 is a platform device \(driver vfio-platform, group 7\)/)
    expect(said).toContain('6.12.0 calls its group not isolated')
  })

  it('is asked for by its name alone', () => {
    expect(() => reportOf(withEngine(), 'dma-engine')).toThrow(NotFoundError)
  })
})
