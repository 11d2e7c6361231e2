import { describe, expect, it } from 'vitest'
import { arm, card, closed, judged, type TestCase } from '../rules/metal.js'
import { CARD, routeOf } from './one-route.js'

const IORT = 'sys/firmware/acpi/tables/IORT'
const MADT = 'sys/firmware/acpi/tables/APIC'
const idle = card(1, { msix: 0, msixCapable: 2 })

/** The contract: the best witness behind the verdict. The emulated log has a line of each ITS that was brought up. */
describe('the best witness', () => {
  const behind = (change: Parameters<typeof arm>[0], edit?: TestCase['edit']) => {
    const machine = arm({ rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [idle] }], ...change })
    return routeOf({ machine, ...(edit ? { edit } : {}) }).route.strength
  }
  it.each<[string, string, Parameters<typeof arm>[0], TestCase['edit']?]>([
    ['interrupts', 'in-use', { rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [card(1)] }] }],
    ['drivers of both', 'probed', {}],
    ['firmware, where the log is not there', 'described', { kernel: { log: false } }],
    [
      'firmware, where nobody drives the SMMU',
      'described',
      { iommus: [{ name: 'smmu', type: 'smmuv3', address: '0x9050000', driver: false }] },
    ],
    ['firmware, where the ITS alone cannot be told', 'described', {}, (files) => files.set(MADT, closed)],
    [
      'firmware, where the SMMU alone cannot be told',
      'described',
      { firmware: 'devicetree' },
      (files) => {
        for (const path of files.keys()) if (path.endsWith('/iommu-map')) files.set(path, closed)
        files.set('sys/class/iommu', closed)
      },
    ],
    ['nobody, where the table of both cannot be read', 'none', {}, (files) => files.set(IORT, closed)],
  ])('is %s: %s', (_, expected, change, edit) => {
    expect(behind(change, edit)).toBe(expected)
  })
})

// K: drivers/pci/search.c, pci_for_each_dma_alias: a bridge that cannot be read may put its own number in place of others.
it('the RequesterIDs of a function below a bridge that cannot be read are not told', () => {
  const closedPort: TestCase['edit'] = (files) => {
    for (const path of files.keys()) if (path.endsWith('/0000:00:01.0/config')) files.set(path, closed)
  }
  const { route } = routeOf({ machine: arm(), edit: closedPort })
  expect(route.requesterIds).toBe('unknown')
  expect(route.iommu.described).toMatchObject({ state: 'undecided', doubt: 'unreadable' })
  expect(route.msi.described).toMatchObject({ state: 'undecided', doubt: 'unreadable' })
  expect(routeOf({ machine: arm() }).route.requesterIds).toEqual([0x100])
})

describe('the members of a group on the map of routes', () => {
  it('are its functions, in the order of their addresses', () => {
    const functions = [card(2, { group: 7 }), card(1, { group: 7 }), card(3)]
    const { routes } = judged({ machine: arm({ rootComplexes: [{ iommu: 'smmu', msi: 'its', functions }] }) })
    expect(routes.byGroup.get('7')?.map(({ fn }) => fn.name)).toEqual([CARD, '0000:02:00.0'])
    expect([...routes.byGroup.values()].flat()).toHaveLength(routes.routes.filter(({ iommu }) => iommu.group).length)
  })
})
