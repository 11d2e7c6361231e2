import { describe, expect, it } from 'vitest'
import { iortReservedRegions } from '../../../../src/kernel/iort/iort-regions.js'
import type { IdMapping, IortNode } from '../../../../src/machine/iort.js'
import { mapping, rc, smmu, tableOf } from './iort-nodes.js'

describe('reserved regions', () => {
  const owner = smmu(100, {})
  const rmr = (flags: number, base: bigint, length: bigint, over: Partial<IdMapping> = {}): IortNode => ({
    type: 'rmr',
    typeCode: 6,
    offset: 300,
    length: 48,
    revision: 3,
    identifier: 0,
    mappingCount: 1,
    flags,
    mappings: [mapping({ outputBase: 0x10, idCount: 2, outputReference: 100, ...over })],
    descriptors: [{ base, length }],
  })
  const regions = (node: IortNode, streamIds: readonly number[], revision = 5) => {
    const iort = tableOf(owner, node)
    return iortReservedRegions({ ...iort, header: { ...iort.header, revision } }, owner, streamIds).map(
      ({ start, end, type }) => [start, end, type],
    )
  }
  it('apply to StreamIDs inside the range, both ends included', () => {
    const node = rmr(0, 0x8000_0000n, 0x2_0000n)
    const expected = [[0x8000_0000n, 0x8001_ffffn, 'direct']]
    expect([0xf, 0x10, 0x12, 0x13].map((id) => regions(node, [id]))).toEqual([[], expected, expected, []])
    expect(regions(node, [0x10], 4)).toEqual([])
    expect(regions(rmr(0, 0n, 0x1_0000n, { outputReference: 200 }), [0x10])).toEqual([])
  })
  it('are none where a range has no length', () => {
    expect(regions(rmr(0, 0x8000_0000n, 0n), [0x10])).toEqual([])
  })
  it('apply where one StreamID is inside, and one of the ranges, in 32 bits', () => {
    const node = rmr(0, 0x8000_0000n, 0x1_0000n)
    expect(regions(node, [0x99, 0x10])).toHaveLength(1)
    expect(regions({ ...node, mappings: [mapping({ outputReference: 200 }), ...node.mappings] }, [0x10])).toHaveLength(
      1,
    )
    expect(regions(rmr(0, 0n, 0x1_0000n, { outputBase: 0x8000_0000 }), [0x8000_0001])).toHaveLength(1)
  })
  it('are none of other nodes that lead to the SMMU', () => {
    const iort = tableOf(owner, rc([mapping({ outputReference: 100 })]))
    expect(iortReservedRegions({ ...iort, header: { ...iort.header, revision: 5 } }, owner, [8])).toEqual([])
  })
  // K: iort_rmr_alloc: PAGE_MASK for the base, PAGE_ALIGN for the size.
  it.each([
    ['both ends', 1, 0x1234n, 0x1000n, [0x1000n, 0x2fffn, 'direct-relaxable']],
    ['one byte', 0, 0x5000n, 1n, [0x5000n, 0x5fffn, 'direct']],
    ['the beginning', 0, 0x1_0800n, 0x800n, [0x1_0000n, 0x1_0fffn, 'direct']],
    ['neither', 2, 0x3000n, 0x2000n, [0x3000n, 0x4fffn, 'direct']],
  ] as const)('are widened to pages, relaxable by bit 0: %s', (_, flags, base, length, expected) => {
    expect(regions(rmr(flags, base, length), [0x11])).toEqual([expected])
  })
})
