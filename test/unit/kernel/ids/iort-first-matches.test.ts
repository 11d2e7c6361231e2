import { describe, expect, it } from 'vitest'
import { nodeMatches } from '../../../../src/kernel/ids/iort-first-matches.js'
import { newestIortRulesOf } from '../../../../src/kernel/iort/iort-rules.js'
import { parseRelease } from '../../../../src/kernel/release.js'
import type { IdMapping } from '../../../../src/machine/iort.js'
import { group, mapping, rc, smmu, tableOf } from '../iort/iort-nodes.js'

const ITS = group(100, [0])
const to = (over: Partial<IdMapping>) => mapping({ outputReference: 100, ...over })

function said(release: string, mappings: readonly IdMapping[], count?: number) {
  const node = rc(mappings, count)
  const { matches, rest, rangeEnds } = nodeMatches(tableOf(node, ITS), node, newestIortRulesOf(parseRelease(release)))
  return {
    matches: matches.map(({ first, last, index }) => `${first}-${last}: ${index}`),
    rest,
    rangeEnds: rangeEnds.map(({ first }) => first),
  }
}

// K: drivers/acpi/arm64/iort.c, iort_id_map and iort_node_map_id of 5.4, 5.6, 6.12; iort-walk.md sections 2 to 4.
describe('which mapping of a node takes which ids', () => {
  const eight = to({ idCount: 7 })
  it.each<[string, string, readonly IdMapping[], ReturnType<typeof said>]>([
    ['both ends included', '6.12.0', [eight], { matches: ['0-7: 0'], rest: 'no-match', rangeEnds: [] }],
    ['the last id lost', '5.4.0', [eight], { matches: ['0-6: 0'], rest: 'no-match', rangeEnds: [7] }],
    ['one id and no more lost', '5.4.0', [to({ idCount: 0 })], { matches: [], rest: 'no-match', rangeEnds: [0] }],
    ['one id', '6.12.0', [to({ inputBase: 5, idCount: 0 })], { matches: ['5-5: 0'], rest: 'no-match', rangeEnds: [] }],
    // Ids are unsigned numbers of 32 bits.
    [
      'ids of the upper half',
      '6.12.0',
      [to({ inputBase: 0x80000000, idCount: 0xff })],
      { matches: ['2147483648-2147483903: 0'], rest: 'no-match', rangeEnds: [] },
    ],
    // A single mapping of a root complex does not look at the id.
    [
      'a single mapping',
      '6.12.0',
      [to({ singleMapping: true, outputBase: 5 })],
      { matches: ['0-4294967295: 0'], rest: 'no-match', rangeEnds: [] },
    ],
    ['no mapping', '6.12.0', [], { matches: [], rest: 'no-mappings', rangeEnds: [] }],
    [
      'a first one without a reference',
      '6.12.0',
      [mapping({}), eight],
      { matches: [], rest: 'null-reference', rangeEnds: [] },
    ],
    // A provisional match at the end of a range is remembered by its reference, and a zero one is none.
    [
      'a later one without a reference',
      '6.12.0',
      [to({ inputBase: 0x100, idCount: 7 }), mapping({ idCount: 7 })],
      { matches: ['0-6: 1', '256-263: 0'], rest: 'no-match', rangeEnds: [] },
    ],
    // A count where the count minus one belongs: the range that begins with the shared id has it from 5.8 on.
    [
      'two that share an id',
      '6.12.0',
      [to({ idCount: 8 }), to({ inputBase: 8, idCount: 8 })],
      { matches: ['0-7: 0', '8-16: 1'], rest: 'no-match', rangeEnds: [] },
    ],
    [
      'two that share an id, the later range first',
      '6.12.0',
      [to({ inputBase: 8, idCount: 8 }), to({ idCount: 8 })],
      { matches: ['0-7: 1', '8-16: 0'], rest: 'no-match', rangeEnds: [] },
    ],
    [
      'a later one of two ids without a reference',
      '6.12.0',
      [to({ inputBase: 0x100, idCount: 7 }), mapping({ idCount: 1 })],
      { matches: ['0-0: 1', '256-263: 0'], rest: 'no-match', rangeEnds: [] },
    ],
    [
      'both ends included, in a table like any other',
      '5.7.0',
      [eight],
      { matches: ['0-7: 0'], rest: 'no-match', rangeEnds: [7] },
    ],
    [
      'two that begin with the last id of another',
      '6.12.0',
      [to({ idCount: 8 }), to({ inputBase: 8, idCount: 4 }), to({ inputBase: 8, idCount: 8 })],
      { matches: ['0-7: 0', '8-12: 1', '13-16: 2'], rest: 'no-match', rangeEnds: [] },
    ],
    [
      'two that end together',
      '6.12.0',
      [eight, to({ inputBase: 4, idCount: 3 })],
      { matches: ['0-7: 0'], rest: 'no-match', rangeEnds: [] },
    ],
    [
      'two of two ids that share one',
      '6.12.0',
      [to({ idCount: 1 }), to({ inputBase: 1, idCount: 1 })],
      { matches: ['0-0: 0', '1-2: 1'], rest: 'no-match', rangeEnds: [] },
    ],
    [
      'one that shares its last id with a range and with one id behind it',
      '6.12.0',
      [to({ idCount: 8 }), to({ inputBase: 4, idCount: 8 }), to({ inputBase: 8, idCount: 0 })],
      { matches: ['0-7: 0', '8-8: 2', '9-12: 1'], rest: 'no-match', rangeEnds: [] },
    ],
    [
      'a range in front of a single mapping',
      '6.12.0',
      [to({ idCount: 8 }), to({ singleMapping: true })],
      { matches: ['0-7: 0', '8-4294967295: 1'], rest: 'no-match', rangeEnds: [] },
    ],
    [
      'a single mapping, which leaves no last id',
      '5.4.0',
      [to({ singleMapping: true })],
      { matches: ['0-4294967295: 0'], rest: 'no-match', rangeEnds: [] },
    ],
    [
      'ids up to the last there is',
      '6.12.0',
      [to({ inputBase: 0xffffff00, idCount: 0xff })],
      { matches: ['4294967040-4294967295: 0'], rest: 'no-match', rangeEnds: [] },
    ],
    // The end wraps around, and no id is below it and above the base.
    [
      'ids up to one past the last',
      '6.12.0',
      [to({ inputBase: 0xffffff00, idCount: 0x100 })],
      { matches: [], rest: 'no-match', rangeEnds: [] },
    ],
    [
      'ids far past the last',
      '6.12.0',
      [to({ inputBase: 0xffffff00, idCount: 0x1ff })],
      { matches: [], rest: 'no-match', rangeEnds: [] },
    ],
    [
      'two that share more than one id',
      '6.12.0',
      [to({ idCount: 8 }), to({ inputBase: 7, idCount: 8 })],
      { matches: ['0-8: 0', '9-15: 1'], rest: 'no-match', rangeEnds: [] },
    ],
  ])('%s on %s', (_, release, mappings, expected) => {
    expect(said(release, mappings)).toEqual(expected)
  })

  // K: 5.6 iort.c, wa_info: tables that have the count itself. An SMMU takes no single mapping in the place of a range.
  it('depends on the maker of the table, and on the node', () => {
    const node = rc([eight])
    const table = tableOf(node, ITS)
    const header = { ...table.header, oemId: 'HISI  ', oemTableId: 'HIP08   ', oemRevision: 0 }
    const of = (release: string) =>
      nodeMatches({ ...table, header }, node, newestIortRulesOf(parseRelease(release))).matches
    expect(of('5.7.0')).toEqual([{ first: 0, last: 6, index: 0 }])
    expect(of('6.12.0')).toEqual([{ first: 0, last: 7, index: 0 }])
    const alone = (release: string, over: Partial<IdMapping>) => {
      const root = rc([to(over)])
      const rules = newestIortRulesOf(parseRelease(release))
      return nodeMatches({ ...tableOf(root, ITS), header }, root, rules).matches.map(({ first, last }) => [first, last])
    }
    expect(alone('6.12.0', { inputBase: 5, idCount: 0 })).toEqual([[5, 5]])
    expect(alone('5.7.0', { inputBase: 0x8000_0000, idCount: 0xff })).toEqual([[0x8000_0000, 0x8000_00fe]])
    const maps = [to({ singleMapping: true }), eight]
    const behind = smmu(1, { mappings: maps, mappingCount: 2 })
    expect(nodeMatches(tableOf(behind, ITS), behind, newestIortRulesOf(parseRelease('5.4.0')))).toEqual({
      matches: [{ first: 0, last: 6, index: 1 }],
      rest: 'no-match',
      rangeEnds: [{ first: 7, last: 7, index: 1 }],
    })
  })
  // K: iort_get_id_mapping_index: the mapping of an SMMU's own MSIs is for nobody else, whatever it looks like.
  it('leaves out what is the own mapping of an SMMU, and says where that cannot be told', () => {
    const rules = newestIortRulesOf(parseRelease('6.12.0'))
    const of = (mappings: readonly IdMapping[], deviceIdMappingIndex?: number) => {
      const index = deviceIdMappingIndex === undefined ? {} : { deviceIdMappingIndex }
      const node = smmu(1, { mappings, mappingCount: mappings.length, revision: 1, ...index })
      const { matches, rest } = nodeMatches(tableOf(node, ITS), node, rules)
      return [...matches.map(({ first, last, index: place }) => `${first}-${last}: ${place}`), rest]
    }
    const range = to({ inputBase: 8, idCount: 7 })
    expect(of([eight, range], 0)).toEqual(['8-15: 1', 'no-match'])
    expect(of([to({ singleMapping: true }), range], 1)).toEqual(['no-match'])
    expect(of([eight, range])).toEqual(['node-too-short'])
  })
  it('is not told of the rest where the array is cut', () => {
    expect(said('6.12.0', [eight], 2)).toEqual({ matches: ['0-6: 0'], rest: 'mappings-incomplete', rangeEnds: [] })
    expect(said('5.4.0', [eight], 2)).toEqual({ matches: ['0-6: 0'], rest: 'mappings-incomplete', rangeEnds: [] })
    // What an earlier one holds, or a later one begins with, is settled.
    const inside = to({ inputBase: 4, idCount: 2 })
    const next = to({ inputBase: 7, idCount: 3 })
    expect(said('6.12.0', [eight, inside, next], 4).matches).toEqual(['0-6: 0', '7-9: 2'])
  })
})
