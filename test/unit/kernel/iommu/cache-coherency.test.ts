import { describe, expect, it } from 'vitest'
import { isDmaCoherent, reportsCacheCoherency } from '../../../../src/kernel/iommu/cache-coherency.js'
import { deviceTree, nodeAt, type NodeLiteral } from '../devicetree/device-tree-nodes.js'

const COHERENT: NodeLiteral = { 'dma-coherent': [] }
const NONCOHERENT: NodeLiteral = { 'dma-noncoherent': [] }

/** What `/bus/smmu` says, with these properties on root, bus and SMMU. */
function coherent(root: NodeLiteral, bus: NodeLiteral, smmu: NodeLiteral) {
  return isDmaCoherent(nodeAt(deviceTree({ ...root, bus: { ...bus, smmu } }), '/bus/smmu'))
}

// Linux 6.12 in a device tree with the one property or the other on the SMMU's node or above it: where its driver does
// not report cache coherency vfio-pci refuses every device behind it, EINVAL.
describe('of_dma_is_coherent', () => {
  it.each([
    ['neither', {}, {}, {}, 'no'],
    ['coherent on the node', {}, {}, COHERENT, 'yes'],
    ['coherent above', COHERENT, {}, {}, 'yes'],
    ['noncoherent on the node, coherent above', COHERENT, {}, NONCOHERENT, 'no'],
    ['noncoherent between them', COHERENT, NONCOHERENT, {}, 'no'],
    ['coherent on the node, noncoherent above', COHERENT, NONCOHERENT, COHERENT, 'yes'],
    ['both on the node', {}, {}, { ...COHERENT, ...NONCOHERENT }, 'yes'],
  ] as const)('%s', (_, root, bus, smmu, expected) => {
    expect(coherent(root, bus, smmu)).toBe(expected)
    const node = nodeAt(deviceTree({ ...root, bus: { ...bus, smmu } }), '/bus/smmu')
    expect(reportsCacheCoherency('smmuv3', { node })).toBe(expected)
  })

  const lost = (name: string): NodeLiteral => ({ [name]: 'UNREADABLE' })
  it.each([
    ['noncoherent, coherent above', COHERENT, lost('dma-noncoherent'), 'unknown'],
    ['noncoherent, nothing above', {}, lost('dma-noncoherent'), 'no'],
    ['coherent, nothing above', {}, lost('dma-coherent'), 'unknown'],
    ['coherent, coherent above', COHERENT, lost('dma-coherent'), 'yes'],
    ['coherent, noncoherent beside it', COHERENT, { ...lost('dma-coherent'), ...NONCOHERENT }, 'unknown'],
  ] as const)('unreadable on the node: %s', (_, root, smmu, expected) => {
    expect(coherent(root, {}, smmu)).toBe(expected)
  })
})
