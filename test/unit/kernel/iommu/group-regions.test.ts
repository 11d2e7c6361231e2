import { describe, expect, it } from 'vitest'
import { regionsByGroup } from '../../../../src/kernel/iommu/group-regions.js'
import { absent, known, unreadable, type Fact } from '../../../../src/machine/fact.js'
import type { IommuGroup, ReservedRegion } from '../../../../src/machine/iommu.js'

const region = (type: ReservedRegion['type'], start: bigint, end: bigint): ReservedRegion => ({ type, start, end })
/** K: drivers/iommu/arm/arm-smmu-v3, MSI_IOVA_BASE 0x8000000 and MSI_IOVA_LENGTH 0x100000. */
const SOFTWARE = region('msi', 0x8000000n, 0x80fffffn)
const X86 = region('msi', 0xfee00000n, 0xfeefffffn)
const DIRECT = region('direct', 0x1000n, 0x1fffn)
const RESERVED = region('reserved', 0x8000000n, 0x80fffffn)

const groupOf = (reservedRegions: Fact<readonly ReservedRegion[]>): IommuGroup => ({
  id: '1',
  name: absent(),
  type: absent(),
  devices: known([]),
  reservedRegions,
})
const ofRegions = (...regions: readonly ReservedRegion[]) => regionsByGroup()(groupOf(known(regions)))

/** The hardware's window counts where there are both (K: vfio_iommu_has_sw_msi). */
const BOUNDS = { start: 0x8000000n, end: 0x80fffffn }
const X86_BOUNDS = { start: 0xfee00000n, end: 0xfeefffffn }

describe('regions of a group', () => {
  it.each([
    [
      'none',
      [],
      { isEmpty: true, software: undefined, hardware: undefined, hasDirect: false, window: { kind: 'none' } },
    ],
    [
      'that of drivers',
      [SOFTWARE],
      {
        isEmpty: false,
        software: SOFTWARE,
        hardware: undefined,
        hasDirect: false,
        window: { kind: 'software', ...BOUNDS },
      },
    ],
    [
      'that of hardware',
      [DIRECT, X86],
      {
        isEmpty: false,
        software: undefined,
        hardware: X86,
        hasDirect: true,
        window: { kind: 'hardware', ...X86_BOUNDS },
      },
    ],
    [
      'both',
      [X86, SOFTWARE],
      {
        isEmpty: false,
        software: SOFTWARE,
        hardware: X86,
        hasDirect: false,
        window: { kind: 'hardware', ...X86_BOUNDS },
      },
    ],
    [
      'others alone',
      [RESERVED],
      { isEmpty: false, software: undefined, hardware: undefined, hasDirect: false, window: { kind: 'none' } },
    ],
  ])('%s', (_, regions, expected) => {
    expect(ofRegions(...regions)).toEqual(expected)
  })
  it.each([
    ['begins as that of drivers and is longer', region('msi', 0x8000000n, 0x81fffffn)],
    ['ends as that of drivers and is longer', region('msi', 0x7000000n, 0x80fffffn)],
  ])('a window that %s is of hardware', (_, window) => {
    expect(ofRegions(window)).toMatchObject({ software: undefined, hardware: window })
  })
  it('are not known where they cannot be read', () => {
    for (const unread of [absent(), unreadable('io')] as const)
      expect(regionsByGroup()(groupOf(unread))).toBeUndefined()
  })
  it('are looked through once, those of each group for itself', () => {
    const [one, other] = [groupOf(known([X86])), groupOf(known([SOFTWARE]))]
    const regionsOf = regionsByGroup()
    expect(regionsOf(one)).toMatchObject({ hardware: X86 })
    expect(regionsOf(other)).toMatchObject({ software: SOFTWARE })
    expect(regionsOf(one)).toBe(regionsOf(one))
  })
})
