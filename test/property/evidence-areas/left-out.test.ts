import { describe, expect, it } from 'vitest'
import { probeMachine } from '../../../src/probes/machine.js'
import { buildReport } from '../../../src/report/probe/build.js'
import type { Change } from '../../../src/sysroot/changed-sysroot.js'
import type { MemorySysroot } from '../../../src/sysroot/memory-sysroot.js'
import { bundledMachines } from '../../support/machines.js'
import { strengthenings } from '../../support/strengthening.js'

const OF_FUNCTIONS = 'sys/bus/pci/devices'

/** What collectors leave out as a whole; `*` stands for every function. */
const AREAS = {
  firmware: ['sys/firmware'],
  'ACPI tables': ['sys/firmware/acpi'],
  'device tree': ['sys/firmware/devicetree', 'sys/firmware/fdt'],
  groups: ['sys/kernel/iommu_groups'],
  'links to groups': ['*/iommu_group'],
  'IOMMU class': ['sys/class/iommu'],
  'links to IOMMUs': ['*/iommu'],
  interrupts: ['proc/interrupts', 'sys/kernel/irq', '*/msi_irqs'],
  'interrupt domains': ['sys/kernel/debug'],
  'configuration space': ['*/config'],
  log: ['var/log/dmesg'],
  configuration: ['proc/config.gz', 'boot', 'lib/modules'],
  modules: ['sys/module'],
  devices: ['dev'],
} as const
type Area = keyof typeof AREAS

/** Pairs whose halves bear witness for one another. */
const PAIRS: readonly (readonly Area[])[] = [
  ['firmware', 'groups'],
  ['firmware', 'interrupts'],
  ['firmware', 'IOMMU class'],
  ['groups', 'links to groups'],
  ['groups', 'IOMMU class'],
  ['IOMMU class', 'links to IOMMUs'],
  ['log', 'configuration'],
]
/** As much as anybody forgets: the tables, and all that shows an IOMMU in use. */
const LEFT_OUT: readonly (readonly Area[])[] = [
  ...Object.keys(AREAS)
    .filter((area): area is Area => area in AREAS)
    .map((area) => [area]),
  ...PAIRS,
  ['firmware', 'groups', 'links to groups', 'IOMMU class', 'links to IOMMUs', 'interrupts', 'log'],
]

function without(sysroot: MemorySysroot, areas: readonly Area[]): ReturnType<MemorySysroot['withChanges']> {
  const names = sysroot.list(OF_FUNCTIONS)
  const functions = names.state === 'known' ? names.value : []
  const changes: [string, Change][] = []
  for (const path of areas.flatMap((area) => [...AREAS[area]])) {
    const paths = path.startsWith('*/') ? functions.map((name) => `${OF_FUNCTIONS}/${name}${path.slice(1)}`) : [path]
    for (const each of paths) {
      const isThere = [sysroot.list(each), sysroot.bytes(each), sysroot.link(each)].some(
        ({ state }) => state !== 'absent',
      )
      if (isThere) changes.push([each, { kind: 'removed' }])
    }
  }
  return sysroot.withChanges(changes)
}

describe('an area that nobody collected', async () => {
  let count = 0
  it.each((await bundledMachines()).map(({ name, sysroot }) => [name, sysroot] as const))(
    'makes nothing of %s stronger, and takes no IOMMU away',
    (_, sysroot) => {
      const whole = buildReport(probeMachine(sysroot))
      const before = new Map(whole.devices.map(({ address, reason }) => [address, reason]))
      const violations: string[] = []
      for (const areas of LEFT_OUT) {
        count += 1
        const report = buildReport(probeMachine(without(sysroot, areas)))
        const at = areas.join(' and ')
        for (const { subject, what, before, after } of strengthenings(whole, report))
          violations.push(`${at}: ${subject} ${what} ${before} -> ${after}`)
        for (const { address, reason } of report.devices)
          if (reason === 'no-iommu' && before.get(address) !== 'no-iommu') violations.push(`${at}: ${address} no-iommu`)
      }
      expect(violations).toEqual([])
    },
  )
  it('was left out so many times', () => {
    console.log(`${count} machines with an area left out`)
    expect(count).toBeGreaterThan(LEFT_OUT.length)
  })
})
