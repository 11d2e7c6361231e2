import { describe, expect, it } from 'vitest'
import { treeIds } from '../../../../src/kernel/ids/tree-ids.js'
import { parseRelease } from '../../../../src/kernel/release.js'
import type { DeviceTree } from '../../../../src/machine/devicetree.js'
import { deviceTree, nodeAt, type NodeLiteral } from '../devicetree/device-tree-nodes.js'

const SMMU = 1
const ITS = 2
const V2M = 3
const MMU_500 = 4
const MASKED_MMU_500 = 5
const OTHER_IOMMU = 6
const NO_IOMMU = 7
const UNCOUNTED_ITS = 8
const UNNAMED = 9
const FRAME = 10
const NO_NODE = 99
const SMMU_NODE: NodeLiteral = { compatible: 'arm,smmu-v3', phandle: [SMMU], '#iommu-cells': [1] }
const BOARD: NodeLiteral = {
  smmu: SMMU_NODE,
  its: { compatible: 'arm,gic-v3-its', phandle: [ITS], 'msi-controller': [], '#msi-cells': [1] },
  v2m: { compatible: 'arm,gic-v2m-frame', phandle: [V2M], 'msi-controller': [] },
  mmu500: { compatible: 'arm,mmu-500', phandle: [MMU_500], '#iommu-cells': [1] },
  masked: { compatible: 'arm,mmu-500', phandle: [MASKED_MMU_500], '#iommu-cells': [2] },
  other: { compatible: 'example,iommu', phandle: [OTHER_IOMMU], '#iommu-cells': [1] },
  uart: { compatible: 'arm,pl011', phandle: [NO_IOMMU] },
  its5: {
    compatible: 'arm,gic-v5-its',
    frame: { phandle: [FRAME], 'msi-controller': [], '#msi-cells': [1], 'reg-names': 'ns-translate' },
  },
  uncounted: { compatible: 'arm,gic-v3-its', phandle: [UNCOUNTED_ITS], 'msi-controller': [] },
  unnamed: {
    compatible: 'UNREADABLE',
    phandle: [UNNAMED],
    'msi-controller': [],
    '#msi-cells': [1],
    '#iommu-cells': [1],
  },
}

function idsIn(tree: DeviceTree, release = '6.12.0', inUse: readonly string[] = []) {
  return treeIds(tree, {
    release: parseRelease(release),
    inUse: new Set(inUse.map((path) => nodeAt(tree, path))),
    deviceTableOf: ({ path }) => `table of ${path}`,
  })
}
const idsOf = (nodes: NodeLiteral, ...inUse: readonly string[]) =>
  idsIn(deviceTree({ ...BOARD, ...nodes }), '6.12.0', inUse)
const claims = (nodes: NodeLiteral, ...inUse: readonly string[]) =>
  idsOf(nodes, ...inUse).claims.map(
    ({ owner, space, first, last, output }) =>
      `${owner.kind} ${owner.name}: ${first}-${last} ${space.kind} ${output} in ${space.key}`,
  )

// devicetree.md sections 2 to 4; K: of_iommu_configure, of_msi_get_domain, of_map_id.
describe('ids that a device of a tree has', () => {
  const dma: NodeLiteral = { iommus: [SMMU, 5, SMMU, 6], 'msi-parent': [ITS, 9] }
  const STREAMS = ['device /dma: 5-5 StreamID 5 in /smmu', 'device /dma: 6-6 StreamID 6 in /smmu']
  it('are those of its properties', () => {
    expect(claims({ dma })).toEqual(['device /dma: 9-9 DeviceID 9 in table of /its', ...STREAMS])
    expect(claims({ dma: { iommus: [SMMU, 5, SMMU, 6] } })).toEqual(STREAMS)
    expect(claims({ dma: { 'msi-parent': [ITS, 9] } })).toEqual(['device /dma: 9-9 DeviceID 9 in table of /its'])
  })
  it('are none of a disabled one, of a controller that tells nobody apart, or of a reference to nothing', () => {
    expect(claims({ dma: { ...dma, status: 'disabled' } })).toEqual([])
    expect(claims({ dma: { 'msi-parent': [V2M] } })).toEqual([])
    expect(claims({ dma: { iommus: [9, 5] } })).toEqual([])
    expect(claims({ dma, smmu: { ...SMMU_NODE, status: 'disabled' } })).toHaveLength(1)
  })
})

describe('ids that a host bridge of a tree has', () => {
  const bridge: NodeLiteral = {
    compatible: 'pci-host-ecam-generic',
    device_type: 'pci',
    'iommu-map': [0, SMMU, 0x1000, 0x100],
    'msi-map': [0, ITS, 0x2000, 0x100],
  }
  const BOTH = ['pci /pcie: 0-255 StreamID 4096 in /smmu', 'pci /pcie: 0-255 DeviceID 8192 in table of /its']
  it('are those of its maps', () => {
    expect(claims({ pcie: bridge })).toEqual(BOTH)
    expect(claims({ pcie: { ...bridge, status: 'disabled' } })).toEqual([])
    expect(claims({ pcie: { ...bridge, status: 'disabled' } }, '/pcie')).toEqual(BOTH)
  })
  it('arrive as they are at its parent, which a map stands before', () => {
    const parent = { compatible: 'pci-host-ecam-generic', device_type: 'pci', 'msi-parent': [ITS, 0] }
    expect(claims({ pcie: parent })).toEqual(['pci /pcie: 0-65535 DeviceID 0 in table of /its'])
    expect(claims({ pcie: { ...bridge, 'msi-parent': [ITS, 0] } })).toEqual(BOTH)
  })
  it('that cannot be read are said to be unread', () => {
    const { claims: known, unread } = idsOf({ pcie: { ...bridge, 'msi-map': 'UNREADABLE' } })
    expect(known.map(({ space }) => space.kind)).toEqual(['StreamID'])
    expect(unread).toHaveLength(1)
  })
})

// What was lost of a node may have been `msi-parent`, or a child that has one.
describe('a node that could not be read whole', () => {
  const LOST: NodeLiteral = { incomplete: [] }
  const STREAM = ['device /node: 5-5 StreamID 5 in /smmu']
  const MASKED: NodeLiteral = { 'msi-map': [7, ITS, 9, 1], 'msi-map-mask': [0xffff] }
  const MAPPED = ['device /node: 7-7 DeviceID 9 in table of /its']
  it.each<[what: string, node: NodeLiteral, places: readonly string[], claims: readonly string[]]>([
    ['of which nothing is known', LOST, ['node'], []],
    ['keeps the ids that are known', { ...LOST, iommus: [SMMU, 5] }, ['node', 'node/msi-parent'], STREAM],
    ['and those of a map that has its mask', { ...LOST, ...MASKED }, ['node', 'node/iommu-map'], MAPPED],
    ['has none where Linux passes it over', { ...LOST, status: 'disabled' }, [], []],
    ['below one that Linux passes over', { status: 'disabled', child: LOST }, [], []],
    ['is not the one above', { child: LOST }, ['node/child'], []],
  ])('%s', (_, node, places, found) => {
    const { unread } = idsOf({ node })
    expect(unread.map(({ path }) => path.replace('sys/firmware/devicetree/base/', ''))).toEqual(places)
    expect(claims({ node })).toEqual(found)
  })
})

const HOST: NodeLiteral = { compatible: 'pci-host-ecam-generic', device_type: 'pci' }
const ALL_TO_ITS = [0, ITS, 0, 0x10000]
const SOME_TO_ITS = [0, ITS, 0, 0x100]

// K: of_iommu_configure_dev, of_phandle_iterator_next, arm_smmu_of_xlate.
describe('iommus of a device', () => {
  it.each<[what: string, iommus: readonly number[], outputs: readonly string[]]>([
    ['an SMMUv2 of one cell', [MMU_500, 5], ['5 /mmu500']],
    ['an SMMUv2 of two cells, a StreamID and its mask', [MASKED_MMU_500, 5, 0x7f], []],
    ['another behind such a one', [MASKED_MMU_500, 5, 0x7f, SMMU, 6], ['6 /smmu']],
    ['an IOMMU that is no SMMU', [OTHER_IOMMU, 5, SMMU, 6], ['6 /smmu']],
    ['one whose kind cannot be read', [UNNAMED, 5], []],
    ['a list that ends before the id', [SMMU, 5, SMMU], ['5 /smmu']],
    ['what is no IOMMU ends the list', [SMMU, 5, NO_IOMMU, SMMU, 6], ['5 /smmu']],
    ['what is no node ends the list', [SMMU, 5, NO_NODE, SMMU, 6], ['5 /smmu']],
  ])('%s', (_, iommus, outputs) => {
    expect(idsOf({ dma: { iommus } }).claims.map(({ output, space }) => `${output} ${space.key}`)).toEqual(outputs)
  })
  it('are the step that their ids take, as they are', () => {
    const tree = deviceTree({ ...BOARD, dma: { iommus: [SMMU, 5] } })
    const node = nodeAt(tree, '/dma')
    const steps = [{ node, property: 'iommus', entry: undefined }]
    expect(idsIn(tree).claims).toMatchObject([{ mask: 0xffff_ffff, collapsed: false, steps }])
  })
})

// K: of_msi_get_domain of 6.1 and 6.12, of_pmsi_get_dev_id.
describe('msi-parent', () => {
  it.each<[what: string, parent: readonly number[]]>([
    ['what is no MSI controller', [NO_IOMMU]],
    ['what may be any', [UNNAMED, 9]],
    ['an ITS that takes no cell has no DeviceID for a device outside PCI', [UNCOUNTED_ITS]],
  ])('%s', (_, parent) => {
    expect(idsOf({ dma: { 'msi-parent': parent } })).toMatchObject({ claims: [], unread: [] })
  })
  it('is a translate frame of a GICv5 ITS too', () => {
    expect(claims({ dma: { 'msi-parent': [FRAME, 9] } })).toEqual([
      'device /dma: 9-9 DeviceID 9 in table of /its5/frame',
    ])
  })
  it('with a cell is read by 6.1 for a device, not for a host bridge', () => {
    const nodes = { dma: { 'msi-parent': [ITS, 9] }, pcie: { ...HOST, 'msi-parent': [ITS, 0] } }
    const names = (release: string) =>
      idsIn(deviceTree({ ...BOARD, ...nodes }), release).claims.map(({ owner }) => owner.name)
    expect(names('6.1.50')).toEqual(['/dma'])
    expect(names('6.12.0')).toEqual(['/dma', '/pcie'])
  })
  it('is the step that its ids take', () => {
    const tree = deviceTree({ ...BOARD, dma: { 'msi-parent': [ITS, 9] } })
    const steps = [{ node: nodeAt(tree, '/dma'), property: 'msi-parent', entry: undefined }]
    expect(idsIn(tree).claims).toMatchObject([{ steps }])
  })
  it.each<[what: string, node: NodeLiteral]>([
    ['a device', { 'msi-parent': 'UNREADABLE' }],
    ['a device with a map of its StreamIDs', { 'msi-parent': 'UNREADABLE', 'iommu-map': [0, SMMU, 0, 1] }],
    ['a host bridge', { ...HOST, 'msi-parent': 'UNREADABLE' }],
  ])('that cannot be read is said once: %s', (_, node) => {
    const places = idsOf({ node }).unread.map((place) => 'path' in place && place.path)
    expect(places).toEqual(['sys/firmware/devicetree/base/node/msi-parent'])
  })
  it('takes what a map of a host bridge leaves out', () => {
    const parents = (map: readonly number[], complete = true) => {
      const tree = deviceTree({ ...BOARD, pcie: { ...HOST, 'msi-map': map, 'msi-parent': [ITS, 0] } }, complete)
      return idsIn(tree).bridges[0]?.toParents.map(({ reached }) => reached[0]?.space.key)
    }
    expect(parents(ALL_TO_ITS)).toEqual([])
    expect(parents(SOME_TO_ITS)).toEqual(['table of /its'])
    expect(parents([...SOME_TO_ITS, 0x100, NO_NODE, 0, 0x100], false)).toEqual(['table of /its'])
  })
  it('that cannot be read behind a map belongs to its host bridge', () => {
    const { bridges, unread } = idsOf({ pcie: { ...HOST, 'msi-map': SOME_TO_ITS, 'msi-parent': 'UNREADABLE' } })
    expect(bridges[0]?.unreadParents).toHaveLength(1)
    expect(unread).toEqual([])
  })
})

// K: of_map_id; a bus outside PCI (fsl-mc) maps its ids by the same properties.
describe('maps', () => {
  it.each(['msi-map', 'iommu-map'] as const)('%s of a bus outside PCI gives ids to its devices', (name) => {
    const target = name === 'msi-map' ? ITS : SMMU
    expect(claims({ mc: { [name]: [0x20000, target, 7, 2] } })).toEqual([
      name === 'msi-map'
        ? 'device /mc: 131072-131073 DeviceID 7 in table of /its'
        : 'device /mc: 131072-131073 StreamID 7 in /smmu',
    ])
  })
  it('of MSIs of a bus outside PCI stand before its msi-parent', () => {
    expect(claims({ mc: { 'msi-map': [0, ITS, 7, 1], 'msi-parent': [ITS, 9] } })).toEqual([
      'device /mc: 0-0 DeviceID 7 in table of /its',
    ])
  })
  it.each<[what: string, entry: readonly number[], release: string, complete: boolean, why: string]>([
    ['no node', [0, NO_NODE, 0, 0x10000], '6.12.0', true, 'ENODEV'],
    ['a node that was not read', [0, NO_NODE, 0, 0x10000], '6.12.0', false, 'tree-incomplete'],
    ['many ids to several cells', [0, MASKED_MMU_500, 0, 0x7f, 0x10000], '7.2.0', true, 'EINVAL'],
  ])('to %s lead nowhere', (_, entry, release, complete, why) => {
    const tree = deviceTree({ ...BOARD, pcie: { ...HOST, 'iommu-map': entry } }, complete)
    expect(idsIn(tree, release).bridges[0]?.toIommu).toMatchObject({
      reached: [],
      stuck: [{ first: 0, last: 0xffff, why }],
    })
  })
  it('of one id to several cells leads there', () => {
    const tree = deviceTree({ ...BOARD, pcie: { ...HOST, 'iommu-map': [0, MASKED_MMU_500, 5, 0x7f, 1] } })
    expect(idsIn(tree, '7.2.0').bridges[0]?.toIommu?.reached).toMatchObject([{ first: 0, last: 0, output: 5 }])
  })
  it('give ids by the first entry that holds them, counted from its base', () => {
    const map = [0x10, SMMU, 0x5000, 0x10, 0, SMMU, 0x8000_0000, 0x10000]
    const ways = idsOf({ pcie: { ...HOST, 'iommu-map': map } }).bridges[0]?.toIommu?.reached
    expect(ways).toMatchObject([
      { first: 0, last: 0xf, output: 0x8000_0000, collapsed: false, steps: [{ entry: { index: 1 } }] },
      { first: 0x10, last: 0x1f, output: 0x5000, collapsed: false, steps: [{ entry: { index: 0 } }] },
      { first: 0x20, last: 0xffff, output: 0x8000_0020, collapsed: false, steps: [{ entry: { index: 1 } }] },
    ])
  })
  it('say of ids in ascending order why they lead nowhere', () => {
    expect(
      idsOf({ pcie: { ...HOST, 'iommu-map': [0x100, NO_NODE, 0, 0x100] } }).bridges[0]?.toIommu?.stuck,
    ).toMatchObject([
      { first: 0, last: 0xff, why: 'no-match' },
      { first: 0x100, last: 0x1ff, why: 'ENODEV' },
      { first: 0x200, last: 0xffff, why: 'no-match' },
    ])
  })
  it('to one node count StreamIDs and DeviceIDs apart', () => {
    const { bridges } = idsOf({ pcie: { ...HOST, 'iommu-map': ALL_TO_ITS, 'msi-map': ALL_TO_ITS } })
    expect(bridges[0]?.maps.map(({ to }) => to.reached[0]?.space.kind)).toEqual(['StreamID', 'DeviceID'])
  })
  it('that are not there are absent, and the host bridge is one still', () => {
    expect(idsOf({ pcie: HOST }).bridges).toMatchObject([
      { iommuMap: { state: 'absent' }, msiMap: { state: 'absent' }, maps: [] },
    ])
  })
  const ofDevices = (target: number) => [0, target, 8, 1, 0x100, target, 9, 1]
  it.each<[what: string, node: NodeLiteral, looksUp: boolean]>([
    ['of a host bridge that has a lookup table', { compatible: 'fsl,imx95-pcie' }, true],
    ['of a host bridge without', {}, false],
    ['that give ids device by device', { 'iommu-map': ofDevices(SMMU) }, true],
    ['that give ids device by device, both', { 'iommu-map': ofDevices(SMMU), 'msi-map': ofDevices(ITS) }, true],
    ['one of which does', { 'iommu-map': ofDevices(SMMU), 'msi-map': ALL_TO_ITS }, false],
  ])('%s: whether ids are looked up', (_, node, looksUp) => {
    expect(idsOf({ pcie: { ...HOST, ...node } }).bridges[0]?.looksUp).toBe(looksUp)
  })
})
