import { expect, test } from 'vitest'
import { renderHumanCheck } from '../../../../src/render/probe/human-check.js'
import type { DeviceReport, Report } from '../../../../src/report/types.js'
import { withoutExpansions } from '../terms/without-expansions.js'
import { device, finding, group, PLAIN, refused, report } from '../report-sample.js'

const ADDRESS = '0000:01:00.0'
const one = (item: DeviceReport, changes: Partial<Report> = {}) =>
  withoutExpansions(
    renderHumanCheck(
      report([item], { findings: [finding('IR101', { effect: 'caveat', devices: [ADDRESS] })], ...changes }),
      PLAIN,
    ),
  )
const WHO = '0000:01:00.0 (Ethernet 8086:10d3, driver e1000e, group 4)'

test.each<readonly [string, DeviceReport, string]>([
  [
    'isolated',
    device(ADDRESS, { iommuGroup: '4' }),
    `ok ${WHO} is isolated: an SMMU confines its writes and the ITS looks its interrupts up under its own DeviceID.`,
  ],
  [
    'described only',
    device(ADDRESS, { iommuGroup: '4', strength: 'described' }),
    `ok ${WHO} is isolated: an SMMU confines its writes and the ITS looks its interrupts up under its own DeviceID (firmware alone says so).`,
  ],
  [
    'caveats',
    device(ADDRESS, { iommuGroup: '4', verdict: 'isolated-with-caveats', findings: ['IR101'] }),
    `~~ ${WHO} is isolated with caveats: an SMMU confines its writes and the ITS looks its interrupts up under its own DeviceID, but see IR101.`,
  ],
  [
    'not isolated',
    refused(ADDRESS, { iommuGroup: '4' }),
    `!! ${WHO} is not isolated because its MSIs go to a GICv2m frame, which raises whatever number is written to it, by whichever device.`,
  ],
  [
    'unknown',
    device(ADDRESS, { iommuGroup: '4', verdict: 'unknown', reason: 'unreadable' }),
    `?? ${WHO} cannot be judged because a file that decides it could not be read; this kernel would accept it all the same.`,
  ],
  [
    'bridge',
    device(ADDRESS, { iommuGroup: '4', role: 'bridge', verdict: 'unknown' }),
    `-- ${WHO} gets no verdict: it is a bridge, and only endpoints are handed out.`,
  ],
])('%s', (_, item, expected) => {
  expect(one(item)).toBe(expected)
})

test('the group decides where it is weaker, and the kernel where it is surprising', () => {
  const { kernel } = refused(ADDRESS)
  const shared = { groups: [group('4', [ADDRESS, '0000:01:00.1'], { verdict: 'not-isolated' })] }
  expect(one(device(ADDRESS, { iommuGroup: '4', effectiveVerdict: 'not-isolated', kernel }), shared)).toBe(
    `!! ${WHO} is isolated: an SMMU confines its writes and the ITS looks its interrupts up under its own DeviceID; but its group 4 is not isolated, which decides.`,
  )
  expect(one(device(ADDRESS, { iommuGroup: '4', kernel }))).toContain('; this kernel would refuse it all the same.')
})
