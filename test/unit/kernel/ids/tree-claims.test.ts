import { describe, expect, it } from 'vitest'
import { treeIds } from '../../../../src/kernel/ids/tree-ids.js'
import { parseRelease } from '../../../../src/kernel/release.js'
import { deviceTree, nodeAt, type NodeLiteral } from '../devicetree/device-tree-nodes.js'

const SMMU = 1
const ITS = 2
const V2M = 3
const SMMU_NODE: NodeLiteral = { compatible: 'arm,smmu-v3', phandle: [SMMU], '#iommu-cells': [1] }
const BOARD: NodeLiteral = {
  smmu: SMMU_NODE,
  its: { compatible: 'arm,gic-v3-its', phandle: [ITS], 'msi-controller': [], '#msi-cells': [1] },
  v2m: { compatible: 'arm,gic-v2m-frame', phandle: [V2M], 'msi-controller': [] },
}

function idsOf(nodes: NodeLiteral, ...inUse: readonly string[]) {
  const tree = deviceTree({ ...BOARD, ...nodes })
  return treeIds(tree, {
    release: parseRelease('6.12.0'),
    inUse: new Set(inUse.map((path) => nodeAt(tree, path))),
    deviceTableOf: ({ path }) => `table of ${path}`,
  })
}
const claims = (nodes: NodeLiteral, ...inUse: readonly string[]) =>
  idsOf(nodes, ...inUse).claims.map(
    ({ owner, space, first, last, output }) =>
      `${owner.kind} ${owner.name}: ${first}-${last} ${space.kind} ${output} in ${space.key}`,
  )

// devicetree.md sections 2 to 4; K: of_iommu_configure, of_msi_get_domain, of_map_id.
describe('ids that a device of a tree has', () => {
  const dma: NodeLiteral = { iommus: [SMMU, 5, SMMU, 6], 'msi-parent': [ITS, 9] }
  const STREAMS = ['device /dma: 5-5 StreamID 5 in /smmu', 'device /dma: 6-6 StreamID 6 in /smmu']
  it('are those of its properties', () => {
    expect(claims({ dma })).toEqual(['device /dma: 9-9 DeviceID 9 in table of /its', ...STREAMS])
    expect(claims({ dma: { iommus: [SMMU, 5, SMMU, 6] } })).toEqual(STREAMS)
    expect(claims({ dma: { 'msi-parent': [ITS, 9] } })).toEqual(['device /dma: 9-9 DeviceID 9 in table of /its'])
  })
  it('are none of a disabled one, of a controller that tells nobody apart, or of a reference to nothing', () => {
    expect(claims({ dma: { ...dma, status: 'disabled' } })).toEqual([])
    expect(claims({ dma: { 'msi-parent': [V2M] } })).toEqual([])
    expect(claims({ dma: { iommus: [9, 5] } })).toEqual([])
    expect(claims({ dma, smmu: { ...SMMU_NODE, status: 'disabled' } })).toHaveLength(1)
  })
})

describe('ids that a host bridge of a tree has', () => {
  const bridge: NodeLiteral = {
    compatible: 'pci-host-ecam-generic',
    device_type: 'pci',
    'iommu-map': [0, SMMU, 0x1000, 0x100],
    'msi-map': [0, ITS, 0x2000, 0x100],
  }
  const BOTH = ['pci /pcie: 0-255 StreamID 4096 in /smmu', 'pci /pcie: 0-255 DeviceID 8192 in table of /its']
  it('are those of its maps', () => {
    expect(claims({ pcie: bridge })).toEqual(BOTH)
    expect(claims({ pcie: { ...bridge, status: 'disabled' } })).toEqual([])
    expect(claims({ pcie: { ...bridge, status: 'disabled' } }, '/pcie')).toEqual(BOTH)
  })
  it('arrive as they are at its parent, which a map stands before', () => {
    const parent = { compatible: 'pci-host-ecam-generic', device_type: 'pci', 'msi-parent': [ITS, 0] }
    expect(claims({ pcie: parent })).toEqual(['pci /pcie: 0-65535 DeviceID 0 in table of /its'])
    expect(claims({ pcie: { ...bridge, 'msi-parent': [ITS, 0] } })).toEqual(BOTH)
  })
  it('that cannot be read are said to be unread', () => {
    const { claims: known, unread } = idsOf({ pcie: { ...bridge, 'msi-map': 'UNREADABLE' } })
    expect(known.map(({ space }) => space.kind)).toEqual(['StreamID'])
    expect(unread).toHaveLength(1)
  })
})
