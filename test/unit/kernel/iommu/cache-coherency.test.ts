import { describe, expect, it } from 'vitest'
import { isDmaCoherent, reportsCacheCoherency } from '../../../../src/kernel/iommu/cache-coherency.js'
import { smmu as smmuv3, tableOf } from '../iort/iort-nodes.js'
import type { IortNode } from '../../../../src/machine/iort.js'
import type { Answer } from '../../../../src/machine/kinds.js'
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

// K: 6.12 intel_iommu_capable, amd_iommu_capable, viommu_capable; riscv has no answer; arm_smmu_capable of both drivers.
describe('IOMMU_CAP_CACHE_COHERENCY', () => {
  const tree = deviceTree({ smmu: {}, walks: COHERENT, bridge: {}, coherent: COHERENT })
  const at = (path: string) => nodeAt(tree, path)
  it.each(['vt-d', 'amd-vi', 'virtio-iommu'] as const)('%s has it', (kind) => {
    expect(reportsCacheCoherency(kind, {})).toBe('yes')
  })
  it.each([
    ['riscv', 'no'],
    ['other', 'unknown'],
    ['none', 'unknown'],
    ['unknown', 'unknown'],
    ['smmuv2', 'unknown'],
    ['smmuv3', 'unknown'],
  ] as const)('%s without a description: %s', (kind, expected) => {
    expect(reportsCacheCoherency(kind, {})).toBe(expected)
  })
  it('an SMMUv2 has it where its walks or the function are coherent', () => {
    const ask = (node: string, bridge?: string) =>
      reportsCacheCoherency('smmuv2', { node: at(node), ...(bridge === undefined ? {} : { bridgeNode: at(bridge) }) })
    expect(ask('/walks')).toBe('yes')
    expect(ask('/smmu', '/coherent')).toBe('yes')
    expect(ask('/smmu', '/bridge')).toBe('no')
    expect(ask('/smmu')).toBe('unknown')
    expect(reportsCacheCoherency('smmuv2', { bridgeNode: at('/coherent') })).toBe('unknown')
  })
  it('an SMMUv2 of the IORT has it where its walks are coherent, bit 1 of its flags, or the function is', () => {
    const v2 = (flags: number): IortNode => ({
      type: 'smmu',
      typeCode: 3,
      offset: 72,
      length: 76,
      revision: 0,
      identifier: 0,
      mappings: [],
      mappingCount: 0,
      baseAddress: 0n,
      span: 0n,
      model: 0,
      flags,
    })
    const ask = (flags: number, rootComplexCoherent?: Answer, offset = 72) =>
      reportsCacheCoherency('smmuv2', {
        iort: { table: tableOf(v2(flags)), offset },
        ...(rootComplexCoherent && { rootComplexCoherent }),
      })
    expect([ask(2), ask(3), ask(2, 'no'), ask(0, 'yes')]).toEqual(['yes', 'yes', 'yes', 'yes'])
    expect([ask(0, 'no'), ask(1, 'no')]).toEqual(['no', 'no'])
    expect([ask(0), ask(0, 'unknown'), ask(2, 'no', 80)]).toEqual(['unknown', 'unknown', 'unknown'])
  })
  it('an SMMUv3 of the IORT has it by the COHACC override, bit 0 of its flags', () => {
    const ask = (flags: number, offset = 72) =>
      reportsCacheCoherency('smmuv3', { iort: { table: tableOf(smmuv3(72, { flags })), offset } })
    expect([ask(1), ask(3), ask(2), ask(0)]).toEqual(['yes', 'yes', 'no', 'no'])
    expect(ask(1, 80)).toBe('unknown')
  })
})
