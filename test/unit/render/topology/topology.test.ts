import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { probeMachine } from '../../../../src/probes/machine.js'
import { renderTopologyDot } from '../../../../src/render/topology/dot.js'
import { topologyOf, type TopologyNode } from '../../../../src/render/topology/graph.js'
import { renderTopologyMermaid } from '../../../../src/render/topology/mermaid.js'
import { renderTopologySvg } from '../../../../src/render/topology/svg.js'
import { renderTopologyTree } from '../../../../src/render/topology/tree.js'
import { buildReport } from '../../../../src/report/probe/build.js'
import type { DeviceReport, Report } from '../../../../src/report/types.js'
import { bundledMachines } from '../../../support/machines.js'
import { hasGraphviz } from '../../../support/outside.js'
import { device, PLAIN, refused, report } from '../report-sample.js'

const machines = await bundledMachines()
const reports = machines.map(({ name, sysroot }) => ({ name, machine: buildReport(probeMachine(sysroot)) }))

const below = (port: string, address: string, changes: Partial<DeviceReport> = {}) => {
  const sample = device(address, changes)
  return { ...sample, hardware: { ...sample.hardware, upstream: [port] } }
}
const labels = (node: TopologyNode): readonly string[] => [node.label, ...node.children.flatMap(labels)]
/** Ports of a switch, each with the same drive; one has another. */
function large(): Report {
  const drives = Array.from({ length: 300 }, (_, index) => {
    const bus = (index + 1).toString(16).padStart(4, '0')
    return below(`${bus}:00:00.0`, `${bus}:01:00.0`, index === 7 ? { deviceId: '0xffff' } : {})
  })
  return report(drives)
}

describe('the tree of ways', () => {
  test('every endpoint is in it once, below its IOMMU and its MSI controller, with its verdict', () => {
    for (const { name, machine } of reports) {
      const shown = labels(topologyOf(machine)).join('\n')
      const endpoints = machine.devices.filter(({ role }) => role === 'endpoint')
      const total = [...shown.matchAll(/^(\d+) functions /gm)].reduce((sum, [, count]) => sum + Number(count) - 1, 0)
      const single = shown.match(/(?:^|\n)(?:\d+ functions )?(?:[0-9a-f]{4}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7] /g) ?? []
      const ports = [...shown.matchAll(/^(\d+) ports /gm)]
      if (ports.length === 0) expect(single.length + total, name).toBe(endpoints.length)
    }
  })

  test('a branch has the weakest verdict below it', () => {
    const tree = topologyOf(report([below('0000:00:01.0', '0000:01:00.0'), refused('0000:02:00.0')]))
    expect(tree.verdict).toBe('not-isolated')
    expect(tree.children.map(({ verdict }) => verdict)).toEqual(['not-isolated'])
  })

  test('what has all in common is told once, what differs by itself', () => {
    const shown = labels(topologyOf(large()))
    expect(shown.length).toBeLessThan(12)
    expect(shown.filter((label) => label.includes('299 ports'))).toHaveLength(1)
    expect(shown.filter((label) => label.includes('8086:ffff'))).toHaveLength(1)
  })
})

describe('as text', () => {
  test('fits the width, with a sign before every line', () => {
    for (const { name, machine } of reports) {
      const [, ...lines] = renderTopologyTree(machine, PLAIN).trimEnd().split('\n')
      for (const line of lines) {
        expect(line.length, name).toBeLessThanOrEqual(80)
        expect(line, name).toMatch(/^(?:ok|~~|\?\?|!!|--) /)
      }
    }
  })
})

describe('for Graphviz', () => {
  test.skipIf(!hasGraphviz)('dot takes every bundled machine, and one of 300 devices', () => {
    for (const machine of [...reports.map((each) => each.machine), large()]) {
      const run = spawnSync('dot', ['-Tplain'], { input: renderTopologyDot(machine), encoding: 'utf8' })
      expect(run.stderr).toBe('')
      expect(run.status).toBe(0)
    }
  })
})

describe('what a machine says is no markup', () => {
  const hostile = '"];a->b[x="<script>alert(1)</script>\\n\\" #35; \u001b[2J'
  const machine = report([device('0000:01:00.0', { driver: hostile, iommuGroup: hostile })])

  test('in SVG', () => {
    const svg = renderTopologySvg(machine)
    expect(svg).not.toContain('<script')
    expect(svg).not.toContain('\u001b')
    // Every tag that is opened is closed, and nothing else looks like one.
    const open: string[] = []
    for (const [tag, closing, name] of svg.matchAll(/<(\/?)(\w+)[^<>]*>/g)) {
      if (closing === '/') expect(open.pop()).toBe(name)
      else if (!tag.endsWith('/>')) open.push(name ?? '')
    }
    expect(open).toEqual([])
  })

  test('in Mermaid', () => {
    const label = /n\d+\["(.*)"\]/.exec(
      renderTopologyMermaid(machine)
        .split('\n')
        .find((line) => line.includes('alert')) ?? '',
    )
    expect(label?.[1]).not.toMatch(/["<>\\]/)
  })

  test.skipIf(!hasGraphviz)('in DOT', () => {
    const run = spawnSync('dot', ['-Tplain'], { input: renderTopologyDot(machine), encoding: 'utf8' })
    expect(run.stderr).toBe('')
    expect(run.stdout.split('\n').filter((line) => line.startsWith('node '))).toHaveLength(3)
  })
})
