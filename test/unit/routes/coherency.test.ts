import { describe, expect, it } from 'vitest'
import { coherencyOf } from '../../../src/routes/coherency.js'
import { judged } from '../rules/metal.js'
import { s390 } from '../rules/vector-platforms.js'

describe('cache coherency', () => {
  // K: drivers/iommu/s390-iommu.c, s390_iommu_capable answers yes to IOMMU_CAP_CACHE_COHERENCY.
  it('is there on s390, whose IOMMU nothing describes', () => {
    const { routes } = judged(s390('6.8.0'))
    expect(routes.routes.map((route) => coherencyOf(routes, route))).toEqual(['yes'])
  })
})
