import { describe, expect, it } from 'vitest'
import { ofMapEntries } from '../../../../src/kernel/devicetree/of-map-entries.js'
import {
  clientMappings,
  filledEntries,
  heldBy,
  inputRangeOf,
  isTranslating,
  overlapsOf,
  ownMappingIndex,
  type Translation,
} from '../../../../src/kernel/ids/translations.js'
import { parseRelease } from '../../../../src/kernel/release.js'
import { deviceTree, nodeAt } from '../devicetree/device-tree-nodes.js'
import { group, mapping, rc, smmu } from '../iort/iort-nodes.js'

const TARGET = 7

/** A translation gives its ids as they are, unless said otherwise. */
type Row = readonly [first: number, last: number, output?: number, target?: number]
const translations = (...rows: readonly Row[]) =>
  rows.map(([first, last, output = first, target = TARGET], index): Translation<string> => ({
    of: `row ${index}`,
    index,
    first,
    last,
    output,
    target,
  }))

const said = (...rows: readonly Row[]) =>
  overlapsOf(translations(...rows)).map(({ earlier, later, ids, says, touching }) => [
    `${earlier.of}, ${later.of}`,
    ids.first,
    ids.last,
    says,
    touching ? 'touch' : 'overlap',
  ])

describe('ids that two translations of one array hold', () => {
  it('are none where ranges follow each other', () => {
    expect(said([0, 9], [10, 19], [30, 39])).toEqual([])
  })
  it('say the same, another id or another target', () => {
    expect(said([0, 9], [5, 14])).toEqual([['row 0, row 1', 5, 9, 'same', 'overlap']])
    expect(said([0, 9], [5, 14, 6])).toEqual([['row 0, row 1', 5, 9, 'other-output', 'overlap']])
    expect(said([0, 9], [5, 14, 5, 8])).toEqual([['row 0, row 1', 5, 9, 'other-target', 'overlap']])
  })
  it('belong to what stands first in the array, wherever it begins', () => {
    expect(said([5, 14], [0, 9])).toEqual([['row 0, row 1', 5, 9, 'same', 'overlap']])
  })
  it('are found in all that lie inside a wide one', () => {
    expect(said([0, 100], [10, 19], [30, 39]).map(([pair]) => pair)).toEqual(['row 0, row 1', 'row 0, row 2'])
  })
  it('are all of those with one range', () => {
    expect(said([3, 4], [3, 4])).toEqual([['row 0, row 1', 3, 4, 'same', 'overlap']])
  })
})

describe('a range that ends with the first id of another (off by one)', () => {
  it('touches it, and overlaps it in nothing else', () => {
    expect(said([0, 10], [10, 19])).toEqual([['row 0, row 1', 10, 10, 'same', 'touch']])
    expect(said([10, 19, 11], [0, 10])).toEqual([['row 0, row 1', 10, 10, 'other-output', 'touch']])
  })
  it('does so inside a wider one too, which both overlap', () => {
    const pairs = said([0, 10], [10, 19], [0, 99]).map(([pair, , , , how]) => [pair, how])
    expect(pairs).toContainEqual(['row 0, row 1', 'touch'])
    expect(pairs).toContainEqual(['row 0, row 2', 'overlap'])
    expect(pairs).toContainEqual(['row 1, row 2', 'overlap'])
  })
  it('has to hold more than that id', () => {
    expect(said([10, 10], [10, 19])).toEqual([['row 0, row 1', 10, 10, 'same', 'overlap']])
  })
})

describe('the ids of a mapping', () => {
  it('are those up to its last, if that is one of 32 bits', () => {
    const of = (inputBase: number, idCount: number) => inputRangeOf(mapping({ inputBase, idCount }))
    expect(of(0xffff_ff00, 0xff)).toEqual({ first: 0xffff_ff00, last: 0xffff_ffff })
    expect([of(0xffff_ff00, 0x100), of(0xffff_ff00, 0x1ff)]).toEqual([undefined, undefined])
  })
  it('are listed of nodes that translate, in their order and without what is no range of clients', () => {
    const [late, early, single, own, past] = [
      mapping({ inputBase: 8, idCount: 7, outputBase: 1, outputReference: 2 }),
      mapping({ inputBase: 0, idCount: 7, outputBase: 3, outputReference: 4 }),
      mapping({ singleMapping: true }),
      mapping({ inputBase: 4 }),
      mapping({ inputBase: 0xffff_ffff, idCount: 9 }),
    ]
    const mappings = [late, early, single, own, past, early]
    const node = smmu(1, { mappings, mappingCount: 6, revision: 1, deviceIdMappingIndex: 3 })
    const release = parseRelease('6.12.0')
    expect(ownMappingIndex(node, release)).toBe(3)
    expect(ownMappingIndex(smmu(1, { mappings, mappingCount: 6, revision: 1 }), release)).toBeUndefined()
    expect(clientMappings(node, release)).toEqual([
      { of: early, index: 1, first: 0, last: 7, output: 3, target: 4 },
      { of: early, index: 5, first: 0, last: 7, output: 3, target: 4 },
      { of: late, index: 0, first: 8, last: 15, output: 1, target: 2 },
    ])
    expect([rc([]), node, group(2, [0])].map(isTranslating)).toEqual([true, true, false])
    const second = { type: 'smmu', typeCode: 3, baseAddress: 0n, span: 0n, model: 0, flags: 0 } as const
    expect(isTranslating({ ...rc([]), ...second })).toBe(true)
    expect(isTranslating({ ...rc([]), type: 'unknown' })).toBe(false)
  })
})

describe('the ids of an entry of a map', () => {
  const entriesOf = (idBase: number, length: number) => {
    const tree = deviceTree({
      its: { phandle: [1], '#msi-cells': [1] },
      pcie: { 'msi-map': [idBase, 1, 0x10, length] },
    })
    const map = ofMapEntries(tree, nodeAt(tree, '/pcie'), 'msi-map', parseRelease('7.2.0'))
    if (map.state !== 'known') throw new Error('no map')
    return map.reading
  }
  // K: of_map_id of 6.12 compares with `id_base + id_len`, a sum of 32 bits; 7.2 compares `id - id_base` with the length.
  it.each<[number, number, number | undefined, number | undefined]>([
    [0, 0x100, 0xff, 0xff],
    [5, 1, 5, 5],
    [5, 0, undefined, undefined],
    [0x8000_0000, 0x100, 0x8000_00ff, 0x8000_00ff],
    [0xffff_ff00, 0x100, undefined, 0xffff_ffff],
    [0xffff_ff00, 0x200, undefined, 0xffff_ffff],
  ])('from %i, %i of them', (idBase, length, fourCells, anyCells) => {
    const [entry] = entriesOf(idBase, length).entries
    expect(entry && heldBy(entry, 'four-cells')?.last).toBe(fourCells)
    expect(entry && heldBy(entry, entriesOf(idBase, length).form)?.last).toBe(anyCells)
    const named = length === 0 ? [] : [{ index: 0, first: idBase, last: idBase + length - 1, output: 0x10, target: 1 }]
    expect(filledEntries(entriesOf(idBase, length))).toMatchObject(named)
  })
})
