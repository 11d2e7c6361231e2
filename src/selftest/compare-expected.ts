import type { DeviceReport, GateReport, Report } from '../index.js'
import { compared, type Comparison } from './comparison.js'
import type { Expected, ExpectedDevice } from './machine-file.js'

const show = (gate: GateReport) => `${gate.outcome}/${gate.errno}`

function* compareDevice(expected: ExpectedDevice, actual: DeviceReport): Generator<Comparison> {
  const answers = [
    ['verdict', expected.verdict, actual.verdict],
    ['reason', expected.reason, actual.reason],
    ['isolatedMsi', expected.isolatedMsi, actual.kernel.isolatedMsi],
    ['vfioType1', expected.vfioType1, show(actual.kernel.vfioType1)],
    ['iommufd', expected.iommufd, show(actual.kernel.iommufd)],
  ] as const
  for (const [question, wanted, said] of answers) {
    if (wanted !== undefined) yield compared(question, expected.address, [wanted], said)
  }
}

/** Compares a report with what was written down for the machine; every expectation that is given is one comparison. */
export function compareWithExpected(report: Report, expected: Expected): readonly Comparison[] {
  const byName = new Map(report.devices.map((device) => [device.address, device]))
  const { verdict } = expected
  const comparisons = verdict === undefined ? [] : [compared('verdict', 'machine', [verdict], report.summary.verdict)]
  for (const device of expected.devices) {
    const actual = byName.get(device.address)
    comparisons.push(compared('present', device.address, ['yes'], actual ? 'yes' : 'no'))
    if (actual) for (const one of compareDevice(device, actual)) comparisons.push(one)
  }
  for (const rule of expected.findings ?? []) {
    const found = report.findings.some((finding) => finding.rule === rule)
    comparisons.push(compared('finding', rule, ['yes'], found ? 'yes' : 'no'))
  }
  return comparisons
}
