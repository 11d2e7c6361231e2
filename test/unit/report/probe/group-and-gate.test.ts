import { describe, expect, it } from 'vitest'
import { probeMachine } from '../../../../src/probes/machine.js'
import { analyse, buildReport } from '../../../../src/report/probe/build.js'
import { explainDevice } from '../../../../src/report/explain/explain.js'
import type { Report } from '../../../../src/report/types.js'
import { arm, card, link, sysrootOf, type TestCase } from '../../rules/metal.js'
import { its, v2m } from '../../rules/vector.js'

const CARD = '0000:01:00.0'
const reportOf = (testCase: TestCase, options: Parameters<typeof buildReport>[1] = {}) =>
  buildReport(probeMachine(sysrootOf(testCase)), options)
const obstaclesOf = (report: Report) =>
  report.devices.find(({ address }) => address === CARD)?.obstacles.map(({ code }) => code)

describe('a group', () => {
  it('with a member that is no function here is unknown at best', () => {
    const edit: TestCase['edit'] = (files) => {
      const own = [...files.keys()].find((path) => path.endsWith(`/devices/${CARD}`) && path.includes('iommu_groups'))
      if (own !== undefined) files.set(own.replace(CARD, '0000:09:00.0'), link('../../../../devices/nowhere'))
    }
    const verdicts = ({ devices, groups }: Report) => {
      const device = devices.find(({ address }) => address === CARD)
      return [device?.verdict, groups.find(({ id }) => id === device?.iommuGroup)?.verdict]
    }
    expect(verdicts(reportOf({ machine: arm() }))).toEqual(['isolated', 'isolated'])
    expect(verdicts(reportOf({ machine: arm(), edit }))).toEqual(['isolated', 'unknown'])
  })

  it('weaker than the one device asked about decides the exit code', () => {
    const functions = [card(1, { group: 7 }), card(2, { group: 7 })]
    const msiMap = [
      { from: 0, count: 0x200, to: 'its' },
      { from: 0x200, count: 0x100, to: 'v2m' },
    ]
    const machine = arm({
      firmware: 'devicetree',
      msiControllers: [its, v2m],
      rootComplexes: [{ iommu: 'smmu', msiMap, functions }],
    })
    const report = reportOf({ machine }, { devices: [CARD] })
    expect(report.devices.map(({ address, verdict }) => [address, verdict])).toEqual([[CARD, 'isolated']])
    expect(report.groups.find(({ id }) => id === '7')?.verdict).toBe('not-isolated')
    expect(report.exitCode).toBe(1)
  })
})

describe('obstacles', () => {
  it('a driver of its own holds a function, and not its group besides', () => {
    expect(obstaclesOf(reportOf({ machine: arm() }))).toEqual(['bound-elsewhere'])
  })
  it('both kinds of MSI region stop iommufd', () => {
    const reservedRegions = [{ start: '0x8090000', end: '0x80affff', type: 'msi' }]
    const functions = [card(1, { driver: 'vfio-pci', reservedRegions })]
    const machine = arm({ rootComplexes: [{ iommu: 'smmu', msi: 'its', functions }] })
    expect(obstaclesOf(reportOf({ machine }))).toEqual(['mixed-msi-regions'])
  })
})

// kernel-decision.md section 2; the driver core's words changed between 6.8 and 6.12.
describe('the log line of a bind that fails', () => {
  const OLD = `vfio-pci: probe of ${CARD} failed with error -22`
  const NEW = `vfio-pci ${CARD}: probe with driver vfio-pci failed with error -22`
  it.each([
    ['6.1.0', OLD],
    ['6.8.0', OLD],
    ['6.9.0', 'unknown'],
    ['6.11.0', 'unknown'],
    ['6.12.0', NEW],
  ])('%s: %s', (release, line) => {
    const machine = arm({ kernel: { release }, iommus: [], rootComplexes: [{ msi: 'its', functions: [card(1)] }] })
    const explanation = explainDevice(analyse(probeMachine(sysrootOf({ machine }))), CARD)
    const running = explanation.releases.find((answer) => answer.release === release)
    expect(running?.vfioType1).toMatchObject({ outcome: 'refuses', errno: 'EINVAL', logLine: line })
  })
})
