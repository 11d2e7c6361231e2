import { expect, it } from 'vitest'
import { directStreams } from '../../../../src/kernel/iort/iort-regions.js'
import { rangeOf } from '../../../../src/kernel/ids/id-ranges.js'
import { absent, known } from '../../../../src/machine/fact.js'
import type { IdMapping, IortNode } from '../../../../src/machine/iort.js'
import { mapping, rc, smmu, tableOf } from './iort-nodes.js'

const SMMU = smmu(100, {})
const rmr = (length: bigint, flags: number, ...mappings: readonly Partial<IdMapping>[]): IortNode => ({
  type: 'rmr',
  typeCode: 6,
  offset: 300,
  length: 48,
  revision: 3,
  identifier: 0,
  mappingCount: 1,
  flags,
  mappings: (mappings.length > 0 ? mappings : [{}]).map((over) =>
    mapping({ outputBase: 0x10, idCount: 2, outputReference: 100, ...over }),
  ),
  descriptors: [
    { base: 0x8000_0000n, length: 0n },
    { base: 0x8000_0000n, length },
  ],
})

const RANGE = [0x10, 0x11, 0x12]
it.each<[string, IortNode, readonly number[], number?]>([
  ['of the range, both ends included', rmr(0x1_0000n, 0), RANGE],
  ['of one byte', rmr(1n, 2), RANGE],
  ['none of a table that knows no such node', rmr(0x1_0000n, 0), [], 4],
  ['none where a range has no length', rmr(0n, 0), []],
  ['none where it may be let go', rmr(0x1_0000n, 1), []],
  ['none at another SMMU', rmr(0x1_0000n, 0, { outputReference: 200 }), []],
  ['of several ranges', rmr(0x1_0000n, 0, { outputReference: 200 }, {}, { outputBase: 0x98 }), [...RANGE, 0x98, 0x99]],
  ['of ranges that overlap', rmr(0x1_0000n, 0, { outputBase: 0xf }, {}), [0xf, ...RANGE]],
  ['none of a range that leaves 32 bits', rmr(0x1_0000n, 0, { outputBase: 0x10, idCount: 0xffff_fff0 }), []],
  [
    'of others beside such a one',
    rmr(1n, 0, {}, { outputBase: 0x20, idCount: 0xffff_fff0 }, { outputBase: 0x98 }),
    [...RANGE, 0x98, 0x99],
  ],
  ['in 32 bits', rmr(0x1_0000n, 0, { outputBase: 0xffff_fffe, idCount: 1 }), [0xffff_fffe, 0xffff_ffff]],
  ['none of other nodes that lead to the SMMU', rc([mapping({ outputReference: 100 })]), []],
])('StreamIDs with memory that stays: %s', (_, node, expected, revision = 5) => {
  const iort = tableOf(SMMU, node)
  const ranges = directStreams(known({ ...iort, header: { ...iort.header, revision } })).get(100) ?? []
  const ids = [0xf, ...RANGE, 0x13, 0x97, 0x98, 0x99, 0x9b, 0xffff_fffd, 0xffff_fffe, 0xffff_ffff]
  expect(ids.filter((id) => rangeOf(ranges, id))).toEqual(expected)
})

it('there are none without an IORT', () => {
  expect(directStreams(absent()).size).toBe(0)
})
