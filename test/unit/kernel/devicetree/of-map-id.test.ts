import { describe, expect, it } from 'vitest'
import { ofPciIommu, ofPlatformIommu, ofSupportsAts } from '../../../../src/kernel/devicetree/of-iommu.js'
import type { OfMapName } from '../../../../src/kernel/devicetree/of-map-cells.js'
import { MapReadings, ofMapId } from '../../../../src/kernel/devicetree/of-map-id.js'
import type { DeviceTreeNode } from '../../../../src/machine/devicetree.js'
import { parseRelease } from '../../../../src/kernel/release.js'
import { deviceTree, nodeAt, type NodeLiteral, type PropertyValue } from './device-tree-nodes.js'

const [ITS, V2M, SMMU, SMMU2] = [1, 2, 3, 4]
const controllers: NodeLiteral = {
  its: { phandle: [ITS], '#msi-cells': [1] },
  v2m: { phandle: [V2M] },
  smmu: { phandle: [SMMU], '#iommu-cells': [1] },
  smmu2: { phandle: [SMMU2], '#iommu-cells': [2] },
}
const OLD = '6.12.0'
const NEW = '7.2.0'

function map(name: OfMapName, pcie: NodeLiteral, id: number, release: string | undefined, over: NodeLiteral = {}) {
  const tree = deviceTree({ ...controllers, pcie, ...over })
  const result = ofMapId(
    tree,
    nodeAt(tree, '/pcie'),
    id,
    name,
    release === undefined ? undefined : parseRelease(release),
  )
  return result.kind === 'matched' ? { target: result.target.name, id: result.id } : result
}
const msi = (pcie: NodeLiteral, id: number, release = OLD) => map('msi-map', pcie, id, release)
const iommu = (pcie: NodeLiteral, id: number, release = OLD) => map('iommu-map', pcie, id, release)

describe.each([OLD, NEW])('of_map_id on %s', (release) => {
  it.each([
    ['D1', { 'msi-map': [0, ITS, 0, 0x10000] }, 0x108, { target: 'its', id: 0x108 }],
    ['D2', { 'msi-map': [0, ITS, 0x20000, 0x10000] }, 0x108, { target: 'its', id: 0x20108 }],
    ['D3', { 'msi-map': [0x100, ITS, 0x40, 0x100], 'msi-map-mask': [0xff00] }, 0x108, { target: 'its', id: 0x40 }],
    ['D3', { 'msi-map': [0x100, ITS, 0x40, 0x100], 'msi-map-mask': [0xff00] }, 0x110, { target: 'its', id: 0x40 }],
    ['D4', { 'msi-map': [0, ITS, 5, 1], 'msi-map-mask': [0] }, 0xffff, { target: 'its', id: 5 }],
    ['D5', { 'msi-map': [0x108, ITS, 0, 0x100], 'msi-map-mask': [0xff00] }, 0x108, { kind: 'error', error: 'EFAULT' }],
    ['D6', { 'msi-map': [0, ITS, 0, 0x100] }, 0x200, { kind: 'no-match', id: 0x200 }],
    ['D7', { 'msi-map': [0, ITS, 0, 0x100, 0x100, V2M, 0, 0x100] }, 0x108, { target: 'v2m', id: 8 }],
    ['no map', {}, 0x108, { kind: 'absent' }],
    ['unknown phandle', { 'msi-map': [0, 99, 0, 0x100] }, 8, { kind: 'error', error: 'ENODEV' }],
  ] as const)('%s', (_, pcie, id, expected) => {
    expect(msi(pcie, id, release)).toEqual(expected)
  })

  it('returns the unmasked id where nothing matches', () => {
    expect(msi({ 'msi-map': [0x100, ITS, 0, 1], 'msi-map-mask': [0xff00] }, 0x242, release)).toEqual({
      kind: 'no-match',
      id: 0x242,
    })
  })
  it('aborts at the entry whose base the mask hides, and not before', () => {
    const pcie = { 'msi-map': [0, ITS, 0, 0x100, 0x108, ITS, 0, 0x100], 'msi-map-mask': [0xff00] }
    expect(msi(pcie, 0x42, release)).toEqual({ target: 'its', id: 0 })
    expect(msi(pcie, 0x142, release)).toEqual({ kind: 'error', error: 'EFAULT' })
  })
  it('takes only entries of the wanted target', () => {
    const tree = deviceTree({ ...controllers, pcie: { 'msi-map': [0, V2M, 0x10, 0x100, 0, ITS, 0x20, 0x100] } })
    const readings = new MapReadings()
    const wanted = (path: string) =>
      ofMapId(tree, nodeAt(tree, '/pcie'), 3, 'msi-map', parseRelease(release), {
        filter: nodeAt(tree, path),
        readings,
      })
    expect(wanted('/its')).toMatchObject({ kind: 'matched', id: 0x23, entry: 1 })
    expect(wanted('/v2m')).toMatchObject({ kind: 'matched', id: 0x13, entry: 0 })
    expect(wanted('/smmu')).toEqual({ kind: 'no-match', id: 3 })
  })
  it('gives up at a target that is not there, whichever is wanted', () => {
    const tree = deviceTree({ ...controllers, pcie: { 'msi-map': [0, 99, 0, 0x100, 0, ITS, 0x20, 0x100] } })
    const filter = nodeAt(tree, '/its')
    expect(ofMapId(tree, nodeAt(tree, '/pcie'), 3, 'msi-map', parseRelease(release), { filter })).toEqual({
      kind: 'error',
      error: 'ENODEV',
    })
  })
  it.each([
    ['unreadable map', { 'msi-map': 'UNREADABLE' }, 'permission'],
    ['unreadable mask', { 'msi-map': [0, ITS, 0, 0x10000], 'msi-map-mask': 'UNREADABLE' }, 'permission'],
    ['map emptied', { 'msi-map': [] }, 'malformed'],
    ['mask emptied', { 'msi-map': [0, ITS, 0, 0x10000], 'msi-map-mask': [] }, 'malformed'],
    ['map cut by a byte', { 'msi-map': new Uint8Array(15) }, 'malformed'],
  ] satisfies [string, NodeLiteral, string][])('says so: %s', (_, pcie, reason) => {
    expect(msi(pcie, 8, release)).toEqual({ kind: 'unreadable', reason })
  })
  it('does not take a phandle for unknown in a tree that is not whole', () => {
    const tree = deviceTree({ ...controllers, pcie: { 'msi-map': [0, 99, 0, 0x100] } }, false)
    expect(ofMapId(tree, nodeAt(tree, '/pcie'), 8, 'msi-map', parseRelease(release))).toEqual({
      kind: 'unreadable',
      reason: 'tree-incomplete',
    })
  })
})

describe('entries as wide as the target says (7.2)', () => {
  const wide = { 'iommu-map': [0, SMMU2, 0x1d80, 0, 1, 0x100, SMMU2, 0x1d81, 0, 1] }
  const old = { 'iommu-map': [0, SMMU2, 0x1d80, 1, 0x100, SMMU2, 0x1d81, 1] }
  it('D16: five cells are EINVAL up to 7.1', () => {
    expect(iommu(wide, 0x100, '7.1.0')).toEqual({ kind: 'error', error: 'EINVAL' })
    expect(iommu(wide, 0x100, NEW)).toEqual({ target: 'smmu2', id: 0x1d81 })
    expect(iommu(wide, 0, NEW)).toEqual({ target: 'smmu2', id: 0x1d80 })
  })
  it('D17: the old form of four cells works on all', () => {
    for (const release of [OLD, '7.1.0', NEW])
      expect(iommu(old, 0x100, release)).toEqual({ target: 'smmu2', id: 0x1d81 })
  })
  it('takes four cells for the old form only where all have one target and length 1 (K: 7.2 of_check_bad_map)', () => {
    const twoTargets = { 'iommu-map': [0, SMMU2, 0x1d80, 1, 0x100, SMMU, 0x1d81, 1] }
    expect(iommu(twoTargets, 0, NEW)).toEqual({ kind: 'error', error: 'EINVAL' })
    const aRange = { 'iommu-map': [0, SMMU2, 0x1d80, 1, 0x100, SMMU2, 0x1d81, 2] }
    expect(iommu(aRange, 0, NEW)).toEqual({ kind: 'error', error: 'EINVAL' })
  })
  it('has at most MAX_PHANDLE_ARGS output cells (K: include/linux/of.h: 16)', () => {
    const answer = (cells: number) =>
      map('iommu-map', { 'iommu-map': [0, SMMU, 0x10, ...Array.from({ length: cells - 1 }, () => 0), 1] }, 0, NEW, {
        smmu: { phandle: [SMMU], '#iommu-cells': [cells] },
      })
    expect(answer(16)).toEqual({ target: 'smmu', id: 0x10 })
    expect(answer(17)).toEqual({ kind: 'error', error: 'EINVAL' })
  })
  it('D14: a length that is no whole number of entries is EINVAL', () => {
    expect(msi({ 'msi-map': [0, ITS, 0] }, 8, OLD)).toEqual({ kind: 'error', error: 'EINVAL' })
    expect(msi({ 'msi-map': [0, ITS, 0] }, 8, NEW)).toEqual({ kind: 'error', error: 'EINVAL' })
    // 7.2 walks entry by entry, so that only what is behind the bad one is lost.
    const tail = { 'msi-map': [0, ITS, 0, 0x100, 0x100] }
    expect(msi(tail, 8, OLD)).toEqual({ kind: 'error', error: 'EINVAL' })
    expect(msi(tail, 8, NEW)).toEqual({ target: 'its', id: 8 })
    expect(msi(tail, 0x108, NEW)).toEqual({ kind: 'error', error: 'EINVAL' })
  })
  it('refuses a range of more than one id for more than one output cell, to the ids inside it alone', () => {
    const pcie = { 'iommu-map': [0, SMMU2, 0x10, 0, 2, 8, SMMU2, 0x20, 0, 1] }
    for (const id of [0, 1]) expect(iommu(pcie, id, NEW)).toEqual({ kind: 'error', error: 'EINVAL' })
    expect(iommu(pcie, 2, NEW)).toEqual({ kind: 'no-match', id: 2 })
    expect(iommu(pcie, 8, NEW)).toEqual({ target: 'smmu2', id: 0x20 })
  })
  it('leaves the id alone for a target of width 0 (K: 7.2.13 drivers/of/irq.c, of_msi_xlate)', () => {
    const its0: NodeLiteral = { its: { phandle: [ITS], '#msi-cells': [0] } }
    expect(map('msi-map', { 'msi-map': [0x100, ITS, 0x100] }, 0x108, NEW, its0)).toEqual({ target: 'its', id: 0x108 })
  })
  it('looks up phandles of entries that do not match as well', () => {
    const pcie = { 'msi-map': [0, 99, 0, 0x100, 0x100, ITS, 0, 0x100] }
    expect(msi(pcie, 0x108, OLD)).toEqual({ target: 'its', id: 8 })
    expect(msi(pcie, 0x108, NEW)).toEqual({ kind: 'error', error: 'ENODEV' })
  })
  it.each(['UNREADABLE', []] satisfies PropertyValue[])('cannot do without the width (%j)', (cells) => {
    const its: NodeLiteral = { its: { phandle: [ITS], '#msi-cells': cells } }
    expect(map('msi-map', { 'msi-map': [0, ITS, 0, 0x100] }, 8, NEW, its)).toMatchObject({ kind: 'unreadable' })
    expect(map('msi-map', { 'msi-map': [0, ITS, 0, 0x100] }, 8, OLD, its)).toEqual({ target: 'its', id: 8 })
  })
  it('is not decided without a release where the two forms disagree', () => {
    expect(map('iommu-map', wide, 0x100, undefined)).toEqual({ kind: 'unreadable', reason: 'release-undetermined' })
    expect(map('iommu-map', old, 0x100, undefined)).toEqual({ target: 'smmu2', id: 0x1d81 })
  })
})

describe('IOMMU of a device', () => {
  const pci = (pcie: NodeLiteral, ids: readonly number[], over: NodeLiteral = {}) => {
    const tree = deviceTree({ ...controllers, pcie, ...over })
    return ofPciIommu(tree, nodeAt(tree, '/pcie'), ids, parseRelease(OLD))
  }
  it('D15: an id outside the map has none, though its neighbours have', () => {
    const pcie = { 'iommu-map': [0, SMMU, 0, 8] }
    expect(pci(pcie, [0x100])).toEqual({ kind: 'none', why: 'no-match', requesterId: 0x100 })
    expect(pci(pcie, [7])).toMatchObject({ kind: 'iommu', streamIds: [7] })
    expect(pci(pcie, [7, 0x100])).toMatchObject({ kind: 'none', requesterId: 0x100 })
    expect(pci(pcie, [])).toEqual({ kind: 'none', why: 'no-map', requesterId: undefined })
  })
  // K: of_pci_iommu_init: the first alias that fails, whatever the others do.
  it('has none where one alias has none, and another nobody can tell', () => {
    const over = { smmu: { phandle: [SMMU], '#iommu-cells': [1], status: 'UNREADABLE' } }
    const pcie = { 'iommu-map': [0, SMMU, 0, 8] }
    expect(pci(pcie, [7, 0x100], over)).toEqual({ kind: 'none', why: 'no-match', requesterId: 0x100 })
    expect(pci(pcie, [7, 6], over)).toEqual({ kind: 'unreadable', reason: 'permission', requesterId: 7 })
  })
  it('gives every alias its StreamID, each once', () => {
    expect(pci({ 'iommu-map': [0, SMMU, 0x1000, 0x10000] }, [0x500, 0x501, 0x500])).toMatchObject({
      kind: 'iommu',
      streamIds: [0x1500, 0x1501],
    })
  })
  it.each([
    ['disabled', { kind: 'none', why: 'disabled' }],
    ['okay', { kind: 'iommu' }],
    ['ok', { kind: 'iommu' }],
    ['reserved', { kind: 'none', why: 'disabled' }],
    ['UNREADABLE', { kind: 'unreadable', reason: 'permission' }],
  ])('target with status %s', (status, expected) => {
    const over = { smmu: { phandle: [SMMU], '#iommu-cells': [1], status } }
    expect(pci({ 'iommu-map': [0, SMMU, 0, 0x10000] }, [8], over)).toMatchObject(expected)
  })
  it('has none by a map that does not parse, and nobody knows which by one that cannot be read', () => {
    expect(pci({ 'iommu-map': [0, SMMU, 0, 8, 9] }, [5])).toEqual({ kind: 'none', why: 'EINVAL', requesterId: 5 })
    expect(pci({ 'iommu-map': 'UNREADABLE' }, [5])).toEqual({
      kind: 'unreadable',
      reason: 'permission',
      requesterId: 5,
    })
  })
  it('refuses aliases with different IOMMUs', () => {
    const pcie = { 'iommu-map': [0, SMMU, 0, 0x100, 0x100, V2M, 0, 0x100] }
    expect(pci(pcie, [8, 0x108])).toEqual({ kind: 'none', why: 'several-iommus', requesterId: 0x108 })
  })
  it('has none without a map; `iommus` of the bridge is not looked at', () => {
    expect(pci({ iommus: [SMMU, 5] }, [8])).toEqual({ kind: 'none', why: 'no-map', requesterId: 8 })
  })
  it('reads `iommus` of a platform device with the width of each target', () => {
    const platform = (iommus: PropertyValue | undefined, over: NodeLiteral = {}, complete = true) => {
      const tree = deviceTree({ ...controllers, dev: iommus === undefined ? {} : { iommus }, ...over }, complete)
      return ofPlatformIommu(tree, nodeAt(tree, '/dev'))
    }
    expect(platform([SMMU2, 0x40, 0x3f, SMMU2, 0x80, 0])).toMatchObject({ kind: 'iommu', streamIds: [0x40, 0x80] })
    expect(platform([SMMU2, 0x40])).toMatchObject({ kind: 'none', why: 'no-map' })
    expect(platform([SMMU, 1, SMMU2, 2, 0])).toMatchObject({ kind: 'none', why: 'several-iommus' })
    // What does not parse ends the list: K of_iommu_configure_dev takes any end of of_parse_phandle_with_args alike.
    expect(platform([SMMU, 1, 99, 0])).toMatchObject({ kind: 'iommu', streamIds: [1] })
    expect(platform([99, 0])).toMatchObject({ kind: 'none', why: 'no-map' })
    expect(platform([SMMU2, 0x40, 0x3f, SMMU2, 0x80, 0])).toMatchObject({
      streams: [{ specifier: [0x40, 0x3f] }, { specifier: [0x80, 0] }],
    })
    expect(platform(undefined)).toEqual({ kind: 'none', why: 'no-map', requesterId: undefined })
    expect(platform('UNREADABLE')).toEqual({ kind: 'unreadable', reason: 'permission', requesterId: undefined })
    // A tree in part may have the node of a phandle, but nothing behind the end of the list.
    expect(platform([SMMU, 1, 99, 0], {}, false)).toMatchObject({ kind: 'unreadable', reason: 'tree-incomplete' })
    expect(platform([SMMU, 1], {}, false)).toMatchObject({ kind: 'iommu', streamIds: [1] })
    // Without #iommu-cells the entry does not parse; with 0 of them there is one StreamID.
    expect(platform([SMMU, 1], { smmu: { phandle: [SMMU] } })).toMatchObject({ kind: 'none', why: 'no-map' })
    expect(platform([SMMU], { smmu: { phandle: [SMMU], '#iommu-cells': [0] } })).toMatchObject({
      kind: 'iommu',
      streamIds: [0],
      streams: [{ specifier: [] }],
    })
    const closed = { smmu: { phandle: [SMMU], '#iommu-cells': 'UNREADABLE' } }
    expect(platform([SMMU, 1], closed)).toEqual({ kind: 'unreadable', reason: 'permission', requesterId: undefined })
  })
  it('reads `ats-supported`', () => {
    const tree = deviceTree({ a: { 'ats-supported': new Uint8Array() }, b: {}, c: { 'ats-supported': 'UNREADABLE' } })
    expect(ofSupportsAts(nodeAt(tree, '/a'))).toMatchObject({ state: 'known', value: true })
    expect(ofSupportsAts(nodeAt(tree, '/b'))).toMatchObject({ state: 'known', value: false })
    expect(ofSupportsAts(nodeAt(tree, '/c'))).toMatchObject({ state: 'unreadable' })
  })
})

it('of a release that is not known an id counts only where both forms of the map give the same', () => {
  const answer = (cells: number, text?: string) => {
    const tree = deviceTree({ its: { phandle: [1], '#msi-cells': [cells] }, pcie: { 'msi-map': [0, 1, 0x100, 0x10] } })
    return ofMapId(tree, nodeAt(tree, '/pcie'), 5, 'msi-map', text === undefined ? undefined : parseRelease(text))
  }
  // Without output cells 7.2 takes 0x100 for the length, and the id as it is.
  expect(answer(0, '6.12.0')).toMatchObject({ kind: 'matched', id: 0x105 })
  expect(answer(0, '7.2.0')).toMatchObject({ kind: 'matched', id: 5 })
  expect(answer(0)).toEqual({ kind: 'unreadable', reason: 'release-undetermined' })
  expect(answer(1)).toMatchObject({ kind: 'matched', id: 0x105 })
})

it('an id below the base of an entry is not in it', () => {
  const tree = deviceTree({ its: { phandle: [1], '#msi-cells': [1] }, pcie: { 'msi-map': [0x100, 1, 0, 0x100] } })
  for (const release of [OLD, NEW])
    expect(ofMapId(tree, nodeAt(tree, '/pcie'), 0xff, 'msi-map', parseRelease(release))).toEqual({
      kind: 'no-match',
      id: 0xff,
    })
})

it('ids, bases and outputs have 32 bits, and an entry gives its own cells alone', () => {
  const tree = deviceTree({
    its: { phandle: [1], '#msi-cells': [1] },
    wide: { phandle: [2], '#msi-cells': [2] },
    high: { 'msi-map': [0x8000_0000, 1, 0x9000_0000, 0x100] },
    two: { 'msi-map': [0, 2, 0x10, 0x20, 1, 1, 2, 0x30, 0x40, 1] },
  })
  const at = (path: string, id: number, release: string) =>
    ofMapId(tree, nodeAt(tree, path), id, 'msi-map', parseRelease(release))
  for (const release of [OLD, NEW])
    expect(at('/high', 0x8000_0008, release)).toMatchObject({
      id: 0x9000_0008,
      maskedId: 0x8000_0008,
      outCells: [0x9000_0000],
      entry: 0,
    })
  expect(at('/two', 1, NEW)).toMatchObject({ id: 0x30, outCells: [0x30, 0x40], entry: 1 })
})

describe('of a release that is not known', () => {
  const tree = deviceTree({
    one: { phandle: [1], '#msi-cells': [1] },
    none: { phandle: [2], '#msi-cells': [0] },
    three: { phandle: [3], '#msi-cells': [3] },
    other: { phandle: [5], '#msi-cells': [1] },
    // By entries of four cells the second, from 1 on to /other; by those of their targets the second, from 2 on to /one.
    both: { 'msi-map': [0, 2, 1, 2, 1, 5, 4, 16] },
    wide: { 'msi-map': [0, 3, 0x100, 1] },
  })
  const at = (path: string, id: number, release?: string) => {
    const result = ofMapId(
      tree,
      nodeAt(tree, path),
      id,
      'msi-map',
      release === undefined ? undefined : parseRelease(release),
    )
    return result.kind === 'matched' ? `${result.target.path} ${result.id}` : Object.values(result).join(' ')
  }
  it('both forms have to lead to one target', () => {
    expect([at('/both', 5, OLD), at('/both', 5, NEW), at('/both', 5)]).toEqual([
      '/other 8',
      '/one 8',
      'unreadable release-undetermined',
    ])
  })
  // devicetree.md section 2a: four cells are the old form of a target of two cells alone.
  it('both have to match', () => {
    expect([at('/wide', 0, OLD), at('/wide', 0, NEW), at('/wide', 0)]).toEqual([
      '/three 256',
      'error EINVAL',
      'unreadable release-undetermined',
    ])
  })
})

it('a map of 1,000 entries is read once, whoever asks for its ids, in both forms', () => {
  const cells = Array.from({ length: 1000 }, (_, entry) => [entry * 2, ITS, 0x1000 + entry, 1]).flat()
  const tree = deviceTree({ ...controllers, pcie: { 'msi-map': cells } })
  let asked = 0
  class Counted extends Map<number, DeviceTreeNode> {
    override get(phandle: number): DeviceTreeNode | undefined {
      asked += 1
      return super.get(phandle)
    }
  }
  const counted = { ...tree, byPhandle: new Counted(tree.byPhandle) }
  const readings = new MapReadings()
  for (let id = 0; id < 2000; id += 1)
    expect(ofMapId(counted, nodeAt(tree, '/pcie'), id, 'msi-map', undefined, { readings })).toMatchObject(
      id % 2 === 0 ? { kind: 'matched', id: 0x1000 + id / 2, entry: id / 2 } : { kind: 'no-match', id },
    )
  expect(asked).toBe(2000)
})
