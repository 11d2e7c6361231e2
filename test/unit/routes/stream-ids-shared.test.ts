import { describe, expect, it } from 'vitest'
import { decided, undecided, type Decision } from '../../../src/kernel/decision.js'
import type { DescribedIommu } from '../../../src/kernel/iommu/described-iommu.js'
import { absent, known, unreadable, type Fact } from '../../../src/machine/fact.js'
import type { PciFunction } from '../../../src/machine/pci.js'
import { streamIdSiblings, streamIdTable } from '../../../src/routes/stream-id-siblings.js'
import { pciFunction } from '../kernel/pci/pci-functions.js'

type Part = Parameters<typeof streamIdTable>[0][number]
const smmu: DescribedIommu = { kind: 'smmuv3', source: 'iort', address: 0x9050000n, streamIds: [8], from: [] }
const virtio: DescribedIommu = { ...smmu, kind: 'virtio-iommu', source: 'viot', ownFunction: '0000:00:02.0' }
const CLOSED = unreadable('permission')

function part(
  at: string,
  described: Decision<DescribedIommu | 'none'>,
  iommuGroup: Fact<string>,
  driver: Fact<string>,
): Part {
  const fn: PciFunction = { ...pciFunction({ at }), iommuGroup, driver }
  return { fn, described }
}
const asked = (
  described: Decision<DescribedIommu | 'none'>,
  group: Fact<string> = absent(),
  driver: Fact<string> = absent(),
) => part('01:00.0', described, group, driver)
const answer = (own: Part, ...others: readonly Part[]) => {
  const { streamIdTaken, owner, aliasRefused } = streamIdSiblings(
    own.fn,
    own.described,
    streamIdTable([own, ...others]),
  )
  return [streamIdTaken, ...(owner === undefined ? [] : [owner]), aliasRefused].join(' ')
}
const FREE = 'no no'

// K: arm_smmu_insert_master, -EINVAL for a StreamID that another master of the same SMMU has.
describe('a StreamID at an SMMUv3', () => {
  const beside = (described: Decision<DescribedIommu | 'none'>, group: Fact<string>, driver: Fact<string> = absent()) =>
    part('02:00.0', described, group, driver)
  it.each<[string, readonly Part[], string]>([
    ['that nobody shares', [], FREE],
    ['of a function in a group', [beside(decided(smmu), known('4'))], 'yes 0000:02:00.0 no'],
    [
      'among several of a function in a group',
      [beside(decided({ ...smmu, streamIds: [7, 8] }), known('4'))],
      'yes 0000:02:00.0 no',
    ],
    ['of a function without a group', [beside(decided(smmu), absent())], FREE],
    ['of a function whose group cannot be read', [beside(decided(smmu), CLOSED)], 'unknown no'],
    ['of another number', [beside(decided({ ...smmu, streamIds: [9] }), known('4'))], FREE],
    ['at another SMMU', [beside(decided({ ...smmu, address: 0x9060000n }), known('4'))], FREE],
    ['at another node', [beside(decided({ ...smmu, nodePath: '/smmu' }), known('4'))], FREE],
    ['at an IOMMU of another kind', [beside(decided(virtio), known('4'))], FREE],
    ['of a function behind no IOMMU', [beside(decided('none'), known('4'))], FREE],
    // It may be the same id at the same SMMU.
    ['of a function in a group whose id cannot be told', [beside(undecided('unreadable'), known('4'))], 'unknown no'],
    ['of a function of which nothing can be told', [beside(undecided('unreadable'), CLOSED)], 'unknown no'],
    ['of a function without a group whose id cannot be told', [beside(undecided('unreadable'), absent())], FREE],
    // The first of the machine is named, in the order of addresses.
    [
      'of two functions in groups',
      [beside(decided({ ...smmu, streamIds: [9] }), known('4')), part('03:00.0', decided(smmu), known('5'), absent())],
      'yes 0000:03:00.0 no',
    ],
  ])('%s', (_, others, expected) => {
    expect(answer(asked(decided(smmu)), ...others)).toBe(expected)
  })

  it('is that of the first who has any of them', () => {
    const two = decided({ ...smmu, streamIds: [8, 9] })
    const second = part('03:00.0', decided(smmu), known('5'), absent())
    const first = beside(decided({ ...smmu, streamIds: [9] }), known('4'))
    expect(answer(asked(two), first, second)).toBe('yes 0000:02:00.0 no')
  })

  it('is that of the first of the machine, whichever of the ids it has', () => {
    const three = decided({ ...smmu, streamIds: [8, 9, 10] })
    const others = [
      beside(decided({ ...smmu, streamIds: [9] }), known('4')),
      part('03:00.0', decided({ ...smmu, streamIds: [10] }), known('5'), absent()),
      part('04:00.0', decided(smmu), known('6'), absent()),
    ]
    expect(answer(asked(three), ...others)).toBe('yes 0000:02:00.0 no')
  })
  it('cannot be told where one of several is of a function whose group cannot be read', () => {
    const two = decided({ ...smmu, streamIds: [8, 9] })
    expect(answer(asked(two), beside(decided(smmu), CLOSED))).toBe('unknown no')
  })

  it.each<[string, Part]>([
    ['that is in a group', asked(decided(smmu), known('4'))],
    ['whose group cannot be read', asked(decided(smmu), CLOSED)],
    ['behind no IOMMU', asked(decided('none'))],
    ['of which nobody can tell', asked(undecided('unreadable'))],
    // The driver of SMMUv2 keeps no such table (K: arm_smmu_master_alloc_smes shares stream map entries).
    ['behind an SMMUv2', asked(decided({ ...smmu, kind: 'smmuv2' }))],
  ])('is nothing to a function %s', (_, own) => {
    const same = own.described.state === 'decided' ? own.described : decided(smmu)
    expect(answer(own, beside(same, known('9')), beside(undecided('unreadable'), CLOSED, known('nvme')))).toBe(FREE)
  })
})

// Up to 6.14 a driver without a group shows that the IOMMU would not have the function, and so none that shares its id.
describe('an endpoint of a virtio-iommu', () => {
  const beside = (
    group: Fact<string>,
    driver: Fact<string>,
    described: Decision<DescribedIommu | 'none'> = decided(virtio),
  ) => part('02:00.0', described, group, driver)
  it.each<[string, readonly Part[], string]>([
    ['that nobody shares', [], FREE],
    ['that another in a group has', [beside(known('4'), known('nvme'))], FREE],
    ['that another has which was refused', [beside(absent(), known('nvme'))], 'no yes'],
    ['that another has which no driver asked for', [beside(absent(), absent())], FREE],
    ['that another has whose driver cannot be read', [beside(absent(), CLOSED)], 'no unknown'],
    ['that another has whose group cannot be read', [beside(CLOSED, known('nvme'))], 'no unknown'],
    ['that another has without a driver', [beside(CLOSED, absent())], FREE],
    [
      'at another virtio-iommu',
      [beside(absent(), known('nvme'), decided({ ...virtio, ownFunction: '0000:00:03.0' }))],
      FREE,
    ],
    [
      'beside a refused one of which nothing is told',
      [beside(absent(), known('nvme'), undecided('unreadable'))],
      'no unknown',
    ],
    ['beside one of which nothing at all is told', [beside(CLOSED, CLOSED, undecided('unreadable'))], 'no unknown'],
    [
      'beside one in a group of which nothing is told',
      [beside(known('4'), known('nvme'), undecided('unreadable'))],
      FREE,
    ],
  ])('%s', (_, others, expected) => {
    expect(answer(asked(decided(virtio)), ...others)).toBe(expected)
  })

  it('of two ids is refused, or may be, by one', () => {
    const two = decided({ ...virtio, streamIds: [8, 9] })
    expect(answer(asked(two), beside(absent(), known('nvme')))).toBe('no yes')
    expect(answer(asked(two), beside(absent(), CLOSED))).toBe('no unknown')
  })

  it('that was refused or may have been is not its own witness', () => {
    expect(answer(asked(decided(virtio), absent(), known('nvme')))).toBe(FREE)
    expect(answer(asked(decided(virtio), absent(), CLOSED))).toBe(FREE)
    expect(answer(asked(decided(virtio), absent(), known('nvme')), beside(absent(), known('xhci_hcd')))).toBe('no yes')
    expect(answer(asked(decided(virtio), absent(), CLOSED), beside(absent(), CLOSED))).toBe('no unknown')
    expect(answer(asked(decided(virtio), absent(), CLOSED), beside(absent(), known('nvme')))).toBe('no yes')
    expect(answer(asked(decided(virtio), absent(), known('nvme')), beside(absent(), CLOSED))).toBe('no unknown')
  })
})
