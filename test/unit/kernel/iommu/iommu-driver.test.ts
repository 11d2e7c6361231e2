import { expect, it } from 'vitest'
import { iommuDriverOf } from '../../../../src/kernel/iommu/iommu-driver.js'
import { deviceTree, nodeAt } from '../devicetree/device-tree-nodes.js'

const bytes = (...names: readonly string[]) => new TextEncoder().encode(names.map((name) => `${name}\0`).join(''))
const tree = deviceTree({
  rockchip: { compatible: bytes('vendor,first', 'rockchip,rk3568-iommu') },
  apple: { compatible: 'apple,t8103-dart' },
  other: { compatible: 'vendor,iommu' },
  closed: { compatible: 'UNREADABLE' },
  bare: {},
})

// K: drivers/iommu/Kconfig and the match tables of rockchip-iommu.c and apple-dart.c: any of the names of a node.
it.each([
  ['/rockchip', 'CONFIG_ROCKCHIP_IOMMU'],
  ['/apple', 'CONFIG_APPLE_DART'],
  ['/other', undefined],
  ['/closed', undefined],
  ['/bare', undefined],
])('the driver of the IOMMU at %s: %s', (path, option) => {
  expect(iommuDriverOf('other', nodeAt(tree, path))?.option).toBe(option)
})

it('a kind that has one driver alone needs no node', () => {
  expect(iommuDriverOf('smmuv3', nodeAt(tree, '/apple'))?.option).toBe('CONFIG_ARM_SMMU_V3')
  expect(iommuDriverOf('other')).toBeUndefined()
})
