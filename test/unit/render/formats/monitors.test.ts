import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { nagiosCode, renderNagios } from '../../../../src/render/formats/nagios.js'
import { renderNfd } from '../../../../src/render/formats/nfd.js'
import { renderPrometheus } from '../../../../src/render/formats/prometheus.js'
import { buildReport } from '../../../../src/report/probe/build.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import type { Report } from '../../../../src/report/types.js'
import { bundledMachines } from '../../../support/machines.js'
import { hasPromtool } from '../../../support/outside.js'
import { device, refused, report } from '../report-sample.js'

const ADDRESS = '0000:01:00.0'
const caveats = device(ADDRESS, { verdict: 'isolated-with-caveats' })
const unknown = device('0000:02:00.0', { verdict: 'unknown' })
const machines = await bundledMachines()
const reports: readonly Report[] = machines.map(({ sysroot }) => buildReport(probeMachine(sysroot)))

describe('a monitoring plug-in', () => {
  test.each<readonly [string, Report, number, string]>([
    ['isolated', report([device(ADDRESS)]), 0, 'OK'],
    ['caveats', report([device('0000:02:00.0'), caveats]), 1, 'WARNING'],
    ['not isolated', report([unknown, refused(ADDRESS)]), 2, 'CRITICAL'],
    ['unknown, not outweighed by caveats', report([caveats, unknown]), 3, 'UNKNOWN'],
    ['nothing to judge', report([]), 3, 'UNKNOWN'],
    ['a group that is weaker', report([device(ADDRESS, { effectiveVerdict: 'not-isolated' })]), 2, 'CRITICAL'],
  ])('%s', (_, machine, code, state) => {
    expect(nagiosCode(machine)).toBe(code)
    expect(renderNagios(machine)).toMatch(new RegExp(`^INTREMAP ${state} - [^|\\n]+ \\| `))
  })

  // Monitoring Plugins Development Guidelines: 'label'=value[UOM];[warn];[crit];[min];[max]
  test('performance data is what the guidelines parse, on one line, for every bundled machine', () => {
    for (const machine of reports) {
      const line = renderNagios(machine)
      expect(line.match(/\n/g)).toHaveLength(1)
      const [text, data] = line.trimEnd().split(' | ')
      expect(text).not.toContain('|')
      const counts = data?.split(' ').map((part) => /^[a-z_]+=(\d+);;;0$/.exec(part)?.[1])
      expect(counts?.map(Number)).toEqual([
        machine.summary.devices.isolated,
        machine.summary.devices['isolated-with-caveats'],
        machine.summary.devices['not-isolated'],
        machine.summary.devices.unknown,
      ])
    }
  })
})

describe('Prometheus', () => {
  test.skipIf(!hasPromtool)('its own checker takes the metrics of every bundled machine', () => {
    for (const machine of reports) {
      const checked = spawnSync('promtool', ['check', 'metrics'], {
        input: renderPrometheus(machine),
        encoding: 'utf8',
      })
      expect(`${checked.stdout}${checked.stderr}`).toBe('')
      expect(checked.status).toBe(0)
    }
  })

  test('a group counts for its members, and every series is there also where it is nought', () => {
    const text = renderPrometheus(report([device(ADDRESS, { effectiveVerdict: 'not-isolated' })]))
    expect(text).toContain('\nintremap_devices{verdict="isolated"} 0\n')
    expect(text).toContain('\nintremap_devices{verdict="not-isolated"} 1\n')
    expect(text).toContain('\nintremap_findings{severity="critical"} 0\n')
  })

  test('labels have no free text: what a vendor adds to a release is left out', () => {
    const sample = report([device(ADDRESS)])
    const platform = { ...sample.platform, kernelRelease: '6.12.95"\n+my-host' }
    expect(renderPrometheus({ ...sample, platform })).toContain('kernel="6.12.95"}')
  })
})

describe('Node Feature Discovery', () => {
  const now = new Date('2026-03-01T12:00:00Z')

  // https://kubernetes.io/docs/concepts/overview/working-with-objects/labels: syntax of label values.
  test('names and values are labels of Kubernetes, for every bundled machine', () => {
    for (const machine of reports) {
      const [expiry, ...labels] = renderNfd(machine, { now }).trimEnd().split('\n')
      expect(expiry).toBe('# +expiry-time=2026-03-02T13:00:00Z')
      for (const label of labels) {
        expect(label).toMatch(
          /^intremap\.feature\.node\.kubernetes\.io\/[a-z-]{1,63}=[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/,
        )
      }
    }
  })

  test('the weakest verdict is the label of the node', () => {
    const text = renderNfd(report([device(ADDRESS), caveats, refused('0000:03:00.0')]), { now })
    expect(text).toContain('/verdict=not-isolated\n')
    expect(text).toContain('/isolated=1\n')
    expect(text).toContain('/iommu=smmuv3\n')
  })
})
