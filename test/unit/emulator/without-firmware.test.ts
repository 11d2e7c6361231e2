import { expect, it } from 'vitest'
import { emulateMachine } from '../../../src/emulator/emulate.js'
import { coverageOf } from '../../../src/probes/coverage.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { buildReport } from '../../../src/report/probe/build.js'
import { MemorySysroot, MemoryTree } from '../../../src/sysroot/memory-sysroot.js'

// A machine that is described without tables has none: that is another thing than tables that nobody collected.
it.each(['x86_64', 's390x'] as const)('a described machine of %s without firmware tables is whole', (architecture) => {
  const tree = emulateMachine({
    name: 'bare',
    architecture,
    firmware: 'none',
    kernel: { release: '6.12.95' },
    rootComplexes: [{ functions: [{ address: '00:02.0', id: '8086:10d3', driver: 'e1000e', msix: 1 }] }],
  })
  const sysroot = new MemorySysroot({ kind: 'emulated', name: 'bare' }, new MemoryTree(tree))
  expect([...coverageOf(sysroot).uncovered]).toEqual([])
  expect(buildReport(probeMachine(sysroot)).unread).toEqual([])
})

it('and on x86 no IOMMU stands before its devices', () => {
  const tree = emulateMachine({
    name: 'pc',
    architecture: 'x86_64',
    firmware: 'none',
    kernel: { release: '6.12.95' },
    rootComplexes: [{ functions: [{ address: '00:02.0', id: '8086:10d3', driver: 'e1000e', msix: 1 }] }],
  })
  const report = buildReport(probeMachine(new MemorySysroot({ kind: 'emulated', name: 'pc' }, new MemoryTree(tree))))
  expect(report.devices.map(({ verdict }) => verdict)).toEqual(['not-isolated'])
  expect(report.findings.map(({ rule }) => rule)).toContain('IR105')
})
