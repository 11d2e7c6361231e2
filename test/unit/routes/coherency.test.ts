import { describe, expect, it } from 'vitest'
import { coherencyOf } from '../../../src/routes/coherency.js'
import { arm, judged } from '../rules/metal.js'
import { s390 } from '../rules/vector-platforms.js'

describe('cache coherency', () => {
  // K: drivers/iommu/s390-iommu.c, s390_iommu_capable answers yes to IOMMU_CAP_CACHE_COHERENCY.
  it('is there on s390, whose IOMMU nothing describes', () => {
    const { routes } = judged(s390('6.8.0'))
    expect(routes.routes.map((route) => coherencyOf(routes, route))).toEqual(['yes'])
  })

  // Either the walks of the SMMU or the accesses of the root complex have to be coherent: iort-walk.md section 6.
  it.each([
    [0, 0, 'no'],
    [0, 1, 'yes'],
    [2, 0, 'yes'],
  ])('of an SMMUv2 with flags %i behind a root complex with attribute %i: %s', (flags, cacheCoherency, expected) => {
    const machine = arm({
      iommus: [{ name: 'smmu', type: 'smmuv2', address: '0x9050000' }],
      acpi: {
        iort: {
          nodes: [
            { type: 'its-group', name: 'its', itsIds: [0] },
            { type: 'smmu', name: 'smmu', base: 0x9050000, flags, mappings: [{ output: 'its' }] },
            { type: 'root-complex', segment: 0, cacheCoherency, mappings: [{ output: 'smmu' }] },
          ],
        },
      },
    })
    const { routes } = judged({ machine })
    const card = routes.byName.get('0000:01:00.0')
    expect(card && coherencyOf(routes, card)).toBe(expected)
  })
})
