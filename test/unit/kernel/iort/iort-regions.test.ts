import { describe, expect, it } from 'vitest'
import { iortReservedRegions } from '../../../../src/kernel/iort/iort-regions.js'
import type { IdMapping, IortNode } from '../../../../src/machine/iort.js'
import { mapping, smmu, tableOf } from './iort-nodes.js'

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
  it('are widened to pages when not 64 KiB aligned, relaxable by bit 0', () => {
    expect(regions(rmr(1, 0x1234n, 0x1000n), [0x11])).toEqual([[0x1000n, 0x2fffn, 'direct-relaxable']])
  })
})
