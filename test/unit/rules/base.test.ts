import { describe, expect, it } from 'vitest'
import { arm, card, closed, judged, type TestCase } from './metal.js'

const CARD = '0000:01:00.0'
/** Whether the function has a group cannot be read, nor which IOMMUs are driven. */
const unreadGroups: TestCase['edit'] = (files) => {
  for (const path of files.keys()) if (path.endsWith('/iommu_group')) files.set(path, closed)
  files.set('sys/kernel/iommu_groups', closed)
  files.set('sys/class/iommu', closed)
}
const cardOf = (testCase: TestCase) => judged(testCase).report.devices.find(({ address }) => address === CARD)

describe('a function of which nobody can tell whether it has a group', () => {
  it('has no IOMMU where firmware describes none for it', () => {
    const machine = arm({ iommus: [], rootComplexes: [{ msi: 'its', functions: [card(1, { group: null })] }] })
    expect(cardOf({ machine, edit: unreadGroups })).toMatchObject({ verdict: 'not-isolated', reason: 'no-iommu' })
  })

  it('may have one where firmware describes one', () => {
    expect(cardOf({ machine: arm(), edit: unreadGroups })).toMatchObject({ verdict: 'unknown', reason: 'unreadable' })
  })
})
