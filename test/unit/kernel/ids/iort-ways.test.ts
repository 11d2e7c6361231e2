import { describe, expect, it } from 'vitest'
import { IortFollower } from '../../../../src/kernel/ids/iort-ways.js'
import { newestIortRulesOf } from '../../../../src/kernel/iort/iort-rules.js'
import { parseRelease } from '../../../../src/kernel/release.js'
import type { IdMapping, IortNode } from '../../../../src/machine/iort.js'
import { group, mapping, rc, smmu, tableOf } from '../iort/iort-nodes.js'

const ITS = 2
const START = { first: 0, last: 0xffff, output: 0, collapsed: false, steps: [] }
const ITS_GROUPS = new Set<IortNode['type']>(['its-group'])
const each = (count: number, outputReference: number) =>
  Array.from({ length: count }, (_, at) => mapping({ inputBase: at * 0x100, idCount: 0xff, outputReference }))

function follow(node: IortNode, others: readonly IortNode[], limit?: number) {
  const follower = new IortFollower(
    tableOf(...[node, ...others].sort((one, two) => one.offset - two.offset)),
    newestIortRulesOf(undefined),
    limit,
  )
  const { reached, stuck } = follower.follow([{ ...START, node }], ITS_GROUPS)
  return { follower, reached, stuck }
}

// Each mapping on a way is a step, and those before it are counted again: so long is the list that is kept of them.
describe('the steps that one table may take', () => {
  const behind = smmu(1, { mappings: each(1, ITS), mappingCount: 1 })
  it.each<[string, IortNode, number, number, number, boolean]>([
    ['three of three and one over', rc(each(3, ITS)), 4, 3, 1, true],
    // Nothing is said of ids that were not followed, not even that they are lost.
    ['two of three', rc(each(3, ITS)), 3, 0, 0, false],
    ['three behind one another', rc(each(1, 1)), 4, 1, 1, true],
    ['the last of them too many', rc(each(1, 1)), 3, 0, 1, false],
  ])('are %s', (_, node, limit, count, lost, complete) => {
    const { follower, reached, stuck } = follow(node, [behind, group(ITS, [0])], limit)
    expect([reached.length, stuck.length, follower.complete]).toEqual([count, lost, complete])
  })
  it('are none any more once they were all taken', () => {
    const { follower } = follow(rc(each(3, ITS)), [group(ITS, [0])], 3)
    expect(follower.follow([{ ...START, node: group(ITS, [0]) }], ITS_GROUPS).reached).toEqual([])
    const one = follow(rc(each(2, ITS)), [group(ITS, [0])], 3).follower
    expect(one.follow([{ ...START, node: group(ITS, [0]) }], ITS_GROUPS).reached).toHaveLength(1)
  })
})

describe('ids on their way', () => {
  const said = (node: IortNode, ...others: readonly IortNode[]) => {
    const { reached, stuck } = follow(node, [...others, group(ITS, [0])])
    return [
      ...reached.map(({ first, last, output }) => `${first}-${last}: ${output}`),
      ...stuck.map(({ first, last, why }) => `${first}-${last}: ${why}`),
    ]
  }
  const whole = (over: Partial<IdMapping>) => mapping({ outputReference: ITS, ...over })
  // K: iort_match_type_callback and others test `1 << node->type` of 32 bits.
  it('end at a node whose type Linux cannot tell from another', () => {
    const at = (typeCode: number): IortNode => ({ ...rc([whole({})]), type: 'unknown', offset: 1, typeCode })
    expect(said(rc([whole({ outputReference: 1 })]), at(32))).toEqual(['0-65535: type-out-of-range'])
    expect(said(rc([whole({ outputReference: 1 })]), at(31))).toEqual(['0-65535: 0'])
  })
  it('end in a loop, at a reference to nothing, and with the last of a range where a release leaves it to nobody', () => {
    const round = (at: number, outputReference: number) =>
      smmu(at, { mappings: [whole({ outputReference })], mappingCount: 1 })
    expect(said(rc([whole({ outputReference: 1 })]), round(1, 3), round(3, 1))).toEqual(['0-65535: loop'])
    expect(said(rc([whole({ outputReference: 99 })]))).toEqual(['0-65535: dangling-reference'])
    const node = rc([whole({ idCount: 0xff })])
    const old = new IortFollower(tableOf(group(ITS, [0]), node), newestIortRulesOf(parseRelease('5.4.0')))
    const { stuck } = old.follow([{ ...START, node }], ITS_GROUPS)
    expect(stuck.map(({ first, last, why }) => [first, last, why])).toEqual([
      [0xff, 0xff, 'range-end'],
      [0x100, 0xffff, 'no-match'],
    ])
  })
  it('stay one where a step made them one, at the end of 32 bits too', () => {
    const last = { inputBase: 0xffff_fff0, idCount: 0xf, outputBase: 0xffff_fff0 }
    const behind = smmu(1, { mappings: [whole(last)], mappingCount: 1 })
    const single = mapping({ singleMapping: true, outputBase: 0xffff_fff8, outputReference: 1 })
    expect(said(rc([single]), behind)).toEqual(['0-65535: 4294967288'])
    expect(said(rc([whole({ outputBase: 0xffff_fff0 })]))).toEqual(['16-65535: 0', '0-15: 4294967280'])
  })
})
