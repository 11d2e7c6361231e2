import { describe, expect, it } from 'vitest'
import { ofMapEntries, type OfMap } from '../../../../src/kernel/devicetree/of-map-entries.js'
import { parseRelease } from '../../../../src/kernel/release.js'
import { deviceTree, nodeAt, type NodeLiteral, type PropertyValue } from './device-tree-nodes.js'

const [ITS, SMMU, SMMU2] = [1, 3, 4]
const OLD = '6.12.0'
const NEW = '7.2.0'

function read(
  release: string | undefined,
  map: PropertyValue,
  mask?: PropertyValue,
  over: NodeLiteral = {},
  complete = true,
): OfMap {
  const literal = {
    its: { phandle: [ITS] },
    smmu: { phandle: [SMMU], '#iommu-cells': [1] },
    smmu2: { phandle: [SMMU2], '#iommu-cells': [2] },
    pcie: { 'iommu-map': map, ...(mask === undefined ? {} : { 'iommu-map-mask': mask }) },
    ...over,
  }
  const tree = deviceTree(literal, complete)
  const known = release === undefined ? undefined : parseRelease(release)
  return ofMapEntries(tree, nodeAt(tree, '/pcie'), 'iommu-map', known)
}

/** The reading in short: entries as `cell: base phandle out length`, faults with their size or entry, and where Linux ends. */
function said(...words: Parameters<typeof read>) {
  const map = read(...words)
  if (map.state !== 'known') return map.state
  const { form, entries, faults, tried, rest } = map.reading
  return {
    form,
    entries: entries.map((at) => `${at.index}@${at.cell}: ${at.idBase} ${at.phandle} ${at.outBase} ${at.length}`),
    faults: faults.map((at) => `${at.kind} ${'entry' in at ? at.entry.index : at.size}`),
    tried,
    rest,
  }
}

const four = { form: 'four-cells', entries: ['0@0: 0 3 0 8', '1@4: 8 3 16 8'], faults: [], tried: 2, rest: 'no-match' }
const target = { ...four, form: 'target-cells' }
const EMPTY = { entries: [], tried: 0 }

// K: 7.2 drivers/of/base.c: an entry whose width nobody knows is taken for one of a cell, and Linux does not come past it.
it('an entry whose width cannot be told is shown as one of a cell', () => {
  const entries = ['0@0: 0 99 0 8']
  const gone = { ...target, entries, tried: 0 }
  expect(said(NEW, [0, 99, 0, 8], undefined, {}, false)).toMatchObject({ ...gone, rest: 'tree-incomplete' })
  const closed = { smmu: { phandle: [99], '#iommu-cells': 'UNREADABLE' } }
  expect(said(NEW, [0, 99, 0, 8], undefined, closed)).toMatchObject({ ...gone, rest: 'permission' })
  const three = { smmu: { phandle: [99], '#iommu-cells': [3] } }
  expect(said(NEW, [0, 99, 0, 1], undefined, three)).toMatchObject({
    entries: [],
    faults: ['length 16'],
    rest: 'EINVAL',
  })
})
it('the other form of a map is kept beside the one that Linux reads', () => {
  const forms = (release: string) => {
    const map = read(release, [0, SMMU, 0, 8])
    return map.state === 'known' ? [map.reading.form, map.other.form] : []
  }
  expect([OLD, NEW].map(forms)).toEqual([
    ['four-cells', 'target-cells'],
    ['target-cells', 'four-cells'],
  ])
})
it('a node without a map has none', () => {
  const tree = deviceTree({ pcie: {} })
  expect(ofMapEntries(tree, nodeAt(tree, '/pcie'), 'msi-map', undefined)).toEqual({ state: 'absent' })
})
it('what is no list of cells is read in neither form', () => {
  const map = read(NEW, new Uint8Array(15))
  expect(map.state === 'known' && [map.reading.form, map.other.form]).toEqual(['four-cells', 'target-cells'])
})

// K: 6.12 and 7.2 drivers/of/base.c, of_map_id; of_check_bad_map.
describe('the entries of a map', () => {
  it.each<[string, string, PropertyValue, object, PropertyValue?]>([
    ['two ranges', OLD, [0, SMMU, 0, 8, 8, SMMU, 16, 8], four],
    ['two ranges', NEW, [0, SMMU, 0, 8, 8, SMMU, 16, 8], target],
    ['no entry', OLD, [], { ...EMPTY, faults: ['empty 0'], rest: 'malformed' }],
    ['no entry', NEW, [], { ...EMPTY, faults: ['empty 0'], rest: 'malformed' }],
    ['15 bytes', OLD, new Uint8Array(15), { ...EMPTY, faults: ['bytes 15'], rest: 'malformed' }],
    // No multiple of 16 bytes: nothing is read up to 7.1, and what stands before the cut from 7.2 on.
    ['five cells', OLD, [0, SMMU, 0, 8, 8], { ...EMPTY, faults: ['length 20'], rest: 'EINVAL' }],
    [
      'five cells',
      NEW,
      [0, SMMU, 0, 8, 8],
      { entries: ['0@0: 0 3 0 8'], faults: ['length 20'], tried: 1, rest: 'EINVAL' },
    ],
    [
      'seven cells',
      NEW,
      [0, SMMU, 0, 8, 8, SMMU, 16],
      { entries: ['0@0: 0 3 0 8'], faults: ['length 28'], tried: 1, rest: 'EINVAL' },
    ],
    // Linux ends at a base that the mask hides; entries before it hold, and the first end counts.
    [
      'a hidden base',
      OLD,
      [0, SMMU, 0, 8, 8, SMMU, 16, 8],
      { ...four, faults: ['masked-base 1'], tried: 1, rest: 'EFAULT' },
      [7],
    ],
    [
      'a hidden base',
      NEW,
      [0, SMMU, 0, 8, 8, SMMU, 16, 8],
      { ...target, faults: ['masked-base 1'], tried: 1, rest: 'EFAULT' },
      [7],
    ],
    [
      'an unknown target before a hidden base',
      NEW,
      [0, 99, 0, 8, 8, SMMU, 16, 8],
      { entries: ['0@0: 0 99 0 8', '1@4: 8 3 16 8'], faults: ['masked-base 1'], tried: 0, rest: 'ENODEV' },
      [7],
    ],
    [
      'a target without #iommu-cells',
      NEW,
      [0, ITS, 5, 8],
      { entries: ['0@0: 0 1 5 8'], faults: [], tried: 1, rest: 'no-match' },
    ],
    ['two output cells for one id', NEW, [0, SMMU2, 5, 0, 1], { entries: ['0@0: 0 4 5 1'], faults: [], tried: 1 }],
    ['two output cells for two ids', NEW, [0, SMMU2, 5, 0, 2], { entries: ['0@0: 0 4 5 2'], faults: ['wide-range 0'] }],
    [
      'entries of one output cell for a target of two',
      NEW,
      [0, SMMU2, 5, 1, 8, SMMU2, 6, 1],
      { entries: ['0@0: 0 4 5 1', '1@4: 8 4 6 1'], faults: [], rest: 'no-match' },
    ],
  ])('%s on %s', (_, release, map, expected, mask) => {
    expect(said(release, map, mask)).toMatchObject(expected)
  })

  it('are at most as wide as a phandle may have arguments (K: include/linux/of.h, MAX_PHANDLE_ARGS)', () => {
    const wide = (cells: number) =>
      said(NEW, [0, 5, ...Array.from({ length: cells }, () => 7), 1], undefined, {
        wide: { phandle: [5], '#iommu-cells': [cells] },
      })
    expect(wide(16)).toMatchObject({ entries: ['0@0: 0 5 7 1'], faults: [], rest: 'no-match' })
    expect(wide(17)).toMatchObject({ tried: 0, rest: 'EINVAL' })
  })

  it('of no output cell give the id as it is', () => {
    const none = { smmu: { phandle: [SMMU], '#iommu-cells': [0] } }
    expect(said(NEW, [8, SMMU, 4], undefined, none)).toMatchObject({ entries: ['0@0: 8 3 8 4'], rest: 'no-match' })
  })

  it('of a release that is not known are read as their author meant them, the old way if either will do', () => {
    expect(said(undefined, [0, SMMU, 0, 8])).toMatchObject({ form: 'four-cells' })
    expect(said(undefined, [0, SMMU2, 5, 0, 1])).toMatchObject({ form: 'target-cells', faults: [] })
    expect(said(undefined, [0, SMMU, 0])).toMatchObject({ form: 'four-cells', faults: ['length 12'] })
    const other = read(undefined, [0, SMMU2, 5, 0, 1])
    expect(other).toMatchObject({ reading: { form: 'target-cells' }, other: { form: 'four-cells' } })
    // Four entries of five cells, or five of four whose targets are not there: the first were meant.
    const five = [0, 1, 2, 3].flatMap((id) => [id, SMMU2, id, 0, 1])
    expect(said(undefined, five)).toMatchObject({ form: 'target-cells' })
  })

  it('are not told where the map, its mask or a width could not be read', () => {
    expect(read(NEW, 'UNREADABLE')).toMatchObject({ state: 'unreadable', reason: 'permission' })
    expect(read(OLD, [0, SMMU, 0, 8], 'UNREADABLE')).toMatchObject({ state: 'unreadable', reason: 'permission' })
    const closed = { smmu: { phandle: [SMMU], '#iommu-cells': 'UNREADABLE' } }
    expect(said(NEW, [0, SMMU, 0, 8], undefined, closed)).toMatchObject({ tried: 0, rest: 'permission' })
  })
})
