import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { DraftNode, finishTree } from '../../../../src/machine/devicetree-builder.js'
import { known, unreadable } from '../../../../src/machine/fact.js'
import { parseDeviceTreeBlob } from '../../../../src/probes/devicetree/blob.js'
import { decodeDeviceTreeBlob, decodeDeviceTreeDirectory } from '../../../../src/report/decode/decode-devicetree.js'
import { ascii, beginNode, blobOf, END, END_NODE, joined, prop, words } from '../../probes/devicetree/flat-tree.js'
import { CORPUS } from '../../../support/outside.js'

function node(
  parent: DraftNode | undefined,
  name: string,
  properties: Readonly<Record<string, string | Uint8Array>>,
): DraftNode {
  const draft = new DraftNode(parent, name, 'base')
  for (const [key, value] of Object.entries(properties))
    draft.properties.set(key, known(typeof value === 'string' ? ascii(value) : value, { path: key }))
  return draft
}

/** A machine with an ITS (phandle 1), an SMMU of two cells (2) and one of one cell (3), and a host bridge. */
function machine(bridge: Readonly<Record<string, string | Uint8Array>>, complete = true) {
  const root = node(undefined, '', { '#address-cells': words(2), '#size-cells': words(2) })
  node(root, 'its@1000', {
    compatible: 'arm,gic-v3-its\0',
    phandle: words(1),
    '#msi-cells': words(1),
    'msi-controller': '',
    reg: words(0, 0x1000, 0, 0x20000),
  })
  node(root, 'smmu@2000', { compatible: 'arm,mmu-500\0', phandle: words(2), '#iommu-cells': words(2) })
  node(root, 'smmu@3000', { compatible: 'arm,smmu-v3\0', phandle: words(3), '#iommu-cells': words(1) })
  const pcie = node(root, 'pcie@0', { compatible: 'pci-host-ecam-generic\0', '#address-cells': words(3), ...bridge })
  if (!complete) root.incomplete = 'io'
  const decoded = decodeDeviceTreeDirectory('base', finishTree(root, true))
  const found = decoded.nodes.find((at) => at.path === pcie.path)
  const value = (name: string) => found?.properties.find((property) => property.name === name)
  return { decoded, value }
}

test('a node: what it is, whether it is enabled, its properties by type', () => {
  const { decoded } = machine({ status: 'disabled\0', 'bus-range': words(0, 0xff) })
  expect(decoded.nodes[1]).toEqual({
    path: '/its@1000',
    status: 'enabled',
    roles: ['msi its'],
    incomplete: 'none',
    properties: [
      { name: 'compatible', length: 15, typedBy: 'binding', value: { type: 'strings', strings: ['arm,gic-v3-its'] } },
      { name: 'phandle', length: 4, typedBy: 'binding', value: { type: 'cells', cells: ['0x1'] } },
      { name: '#msi-cells', length: 4, typedBy: 'binding', value: { type: 'cells', cells: ['0x1'] } },
      { name: 'msi-controller', length: 0, typedBy: 'binding', value: { type: 'empty' } },
      {
        name: 'reg',
        length: 16,
        typedBy: 'binding',
        value: { type: 'reg', entries: [{ address: '0x1000', size: '0x20000', cpuAddress: '0x1000' }] },
      },
    ],
  })
  expect(decoded.nodes[4]).toMatchObject({ path: '/pcie@0', status: 'disabled', roles: ['host-bridge ecam'] })
})

const smmu2 = { phandle: '0x2', node: '/smmu@2000' }

test.each([
  [
    'entries of four cells',
    'msi-map',
    words(0, 1, 0x20000, 0x10000),
    [
      {
        cell: 0,
        idBase: '0x0',
        controller: { phandle: '0x1', node: '/its@1000' },
        out: ['0x20000'],
        length: '0x10000',
      },
    ],
  ],
  [
    'entries as wide as the controller says',
    'iommu-map',
    words(0, 2, 0x1d80, 0, 1, 0x100, 2, 0x1d81, 0, 1),
    [
      { cell: 0, idBase: '0x0', controller: smmu2, out: ['0x1d80', '0x0'], length: '0x1' },
      { cell: 5, idBase: '0x100', controller: smmu2, out: ['0x1d81', '0x0'], length: '0x1' },
    ],
  ],
  [
    'the old form: four cells for a controller of two',
    'iommu-map',
    words(0, 2, 0x1d80, 1, 0x100, 2, 0x1d81, 1),
    [
      { cell: 0, idBase: '0x0', controller: smmu2, out: ['0x1d80'], length: '0x1' },
      { cell: 4, idBase: '0x100', controller: smmu2, out: ['0x1d81'], length: '0x1' },
    ],
  ],
  [
    'a phandle that names nothing',
    'iommu-map',
    words(0, 9, 0, 0x100),
    [{ cell: 0, idBase: '0x0', controller: { phandle: '0x9', node: 'none' }, out: ['0x0'], length: '0x100' }],
  ],
])('%s', (_, name, bytes, entries) => {
  const { value } = machine({ [name]: bytes })
  expect(value(name)).toEqual({
    name,
    length: bytes.length,
    typedBy: 'binding',
    value: { type: 'id-map', mask: '0xffffffff', entries },
  })
})

test('the mask stands with the map', () => {
  const { value } = machine({ 'msi-map': words(0, 1, 0, 0x10000), 'msi-map-mask': words(0xff00) })
  expect(value('msi-map')?.value).toMatchObject({ mask: '0xff00' })
})

test('in a tree that was not read in whole a missing node may exist', () => {
  const { value } = machine({ 'msi-map': words(0, 9, 0, 0x100) }, false)
  expect(value('msi-map')?.value).toMatchObject({ entries: [{ controller: { node: 'unknown' } }] })
})

test('references with their specifiers', () => {
  const { value } = machine({ iommus: words(2, 0x10, 0x7f, 3, 0x20), 'msi-parent': words(1, 0x30) })
  expect(value('iommus')?.value).toEqual({
    type: 'references',
    entries: [
      { ...smmu2, arguments: ['0x10', '0x7f'] },
      { phandle: '0x3', node: '/smmu@3000', arguments: ['0x20'] },
    ],
  })
  expect(value('msi-parent')?.value).toMatchObject({ entries: [{ node: '/its@1000', arguments: ['0x30'] }] })
})

test('the windows of a PCI host bridge', () => {
  const ranges = words(0x0100_0000, 0, 0, 0, 0x3eff_0000, 0, 0x10000, 0x4300_0000, 0x80, 0, 0x80, 0, 0x80, 0)
  expect(machine({ ranges, '#size-cells': words(2) }).value('ranges')?.value).toEqual({
    type: 'ranges',
    entries: [
      { space: 'io', flags: '0x1000000', child: '0x0', parent: '0x3eff0000', size: '0x10000' },
      { space: 'memory64', flags: '0x43000000', child: '0x8000000000', parent: '0x8000000000', size: '0x8000000000' },
    ],
  })
})

test.each([
  ['msi-map', words(0, 1, 0), 'the length is no whole number of entries', 'cells'],
  ['msi-map', words(0, 1, 0, 1).slice(0, 15), 'the length is no multiple of 4', 'bytes'],
  ['msi-map', new Uint8Array(), 'the map has no entry', 'empty'],
  ['iommus', words(9, 1), 'the width of what follows phandle 0x9 is not known', 'cells'],
  ['iommus', words(2, 1), 'the specifier of phandle 0x2 needs 2 cells', 'cells'],
  ['compatible', ascii('arm,gic-v3'), 'no final NUL', 'bytes'],
  ['compatible', ascii('a\x1b[2Jx\0'), 'not printable', 'bytes'],
  ['reg', words(0, 1, 2), 'does not fit #address-cells', 'cells'],
  ['dma-coherent', words(1), 'a boolean property has no bytes', 'cells'],
] as const)('%s of the wrong form is shown by its bytes, with the fault', (name, bytes, fault, type) => {
  const property = machine({ [name]: bytes }).value(name)
  expect(property).toMatchObject({ typedBy: 'form', value: { type } })
  expect(property?.fault).toContain(fault)
})

test.each([
  ['text', ascii('one\0two\0'), { type: 'strings', strings: ['one', 'two'] }],
  ['one NUL', words(0), { type: 'cells', cells: ['0x0'] }],
  ['cells', words(1, 0xffffffff), { type: 'cells', cells: ['0x1', '0xffffffff'] }],
  ['bytes', Uint8Array.of(1, 2, 0xff), { type: 'bytes', hex: '0102ff' }],
  ['nothing', new Uint8Array(), { type: 'empty' }],
])('a property that no binding knows is guessed as dtc does: %s', (_, bytes, value) => {
  expect(machine({ 'acme,thing': bytes }).value('acme,thing')).toEqual({
    name: 'acme,thing',
    length: bytes.length,
    typedBy: 'form',
    value,
  })
})

test('what was not read or could not be is said so', () => {
  const root = node(undefined, '', {})
  root.unread.add('serial-number')
  root.properties.set('model', unreadable('permission', { path: 'model' }))
  const { nodes, complete } = decodeDeviceTreeDirectory('base', finishTree(root, false))
  expect(complete).toBe(true)
  expect(nodes[0]?.properties.map(({ name, value }) => [name, value])).toEqual([
    ['model', { type: 'unreadable', reason: 'permission' }],
    ['serial-number', { type: 'unreadable', reason: 'not read' }],
  ])
})

test('a blob: header, offsets of nodes and values, diagnostics', () => {
  const structure = joined(beginNode(''), prop(11, words(7)), beginNode('a'), END_NODE, END_NODE, END, words(0))
  const decoded = decodeDeviceTreeBlob('b.dtb', parseDeviceTreeBlob(blobOf(structure), 'b.dtb'))
  expect(decoded).toMatchObject({
    kind: 'devicetree',
    form: 'blob',
    damaged: true,
    complete: true,
    header: { version: 17, lastCompatibleVersion: 16, bootProcessor: '0x0' },
    // Structure at 0x38: node 8, property 16 of which 12 are its head.
    nodes: [
      { path: '/', offset: '0x38', properties: [{ name: 'phandle', offset: '0x4c' }] },
      { path: '/a', offset: '0x50' },
    ],
    diagnostics: [{ path: 'b.dtb', offset: '0x60' }],
  })
  expect(decodeDeviceTreeBlob('x', parseDeviceTreeBlob(ascii('text'), 'x'))).toMatchObject({ nodes: [], damaged: true })
})

const BOARD = `${CORPUS}/debian-dtb-7.2/qcom/lemans-evk.dtb`
describe.skipIf(!existsSync(BOARD))(
  `a board of Linux 7.2${existsSync(BOARD) ? '' : ' (not run: no corpus here)'}`,
  () => {
    test('its maps have entries of five cells, and no property of it has a fault', () => {
      const { nodes } = decodeDeviceTreeBlob('lemans', parseDeviceTreeBlob(readFileSync(BOARD), 'lemans'))
      const pcie = nodes.find((at) => at.path === '/soc@0/pcie@1c00000')
      const smmu = '/soc@0/iommu@15200000'
      expect(pcie?.properties.find((property) => property.name === 'iommu-map')?.value).toMatchObject({
        type: 'id-map',
        // dtc: <0x00 0x8b 0x00 0x00 0x01 0x100 0x8b 0x01 0x00 0x01>
        entries: [
          { idBase: '0x0', controller: { phandle: '0x8b', node: smmu }, out: ['0x0', '0x0'], length: '0x1' },
          { idBase: '0x100', controller: { phandle: '0x8b', node: smmu }, out: ['0x1', '0x0'], length: '0x1' },
        ],
      })
      expect(nodes.flatMap((at) => at.properties.filter((property) => property.fault !== undefined))).toEqual([])
    })
  },
)
