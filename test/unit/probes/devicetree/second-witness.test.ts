import { describe, expect, test } from 'vitest'
import { hasProperty, property } from '../../../../src/machine/devicetree.js'
import { lookupPhandle } from '../../../../src/machine/devicetree-lookup.js'
import { DEVICE_TREE_BLOB, DEVICE_TREE_DIRECTORY, probeDeviceTree } from '../../../../src/probes/devicetree/tree.js'
import type { TreeDescription } from '../../../../src/sysroot/memory-entry.js'
import { memorySysroot } from '../../../../src/sysroot/memory-sysroot.js'
import { beginNode, blobOf, END, END_NODE, joined, prop, words } from './flat-tree.js'

const BASE = DEVICE_TREE_DIRECTORY
const BLOB = blobOf(
  joined(
    beginNode(''),
    prop(0, 'acme,board\0'),
    beginNode('v2m@2000'),
    prop(0, 'arm,gic-v2m-frame\0'),
    END_NODE,
    beginNode('its@1000'),
    prop(0, 'arm,gic-v3-its\0'),
    prop(11, words(7)),
    END_NODE,
    beginNode('memory@0'),
    prop(19, words(0, 1)),
    END_NODE,
    END_NODE,
    END,
  ),
)
const MACHINE: TreeDescription = {
  [DEVICE_TREE_BLOB]: BLOB,
  [`${BASE}/name`]: '\0',
  [`${BASE}/compatible`]: 'acme,board\0',
  [`${BASE}/its@1000/name`]: 'its\0',
  [`${BASE}/its@1000/compatible`]: 'arm,gic-v3-its\0',
  [`${BASE}/its@1000/phandle`]: words(7),
  [`${BASE}/v2m@2000/name`]: 'v2m\0',
  [`${BASE}/v2m@2000/compatible`]: 'arm,gic-v2m-frame\0',
  // Memory was plugged since: the kernel's business.
  [`${BASE}/memory@0/name`]: 'memory\0',
  [`${BASE}/memory@0/reg`]: words(0, 2),
}

function probe(changes: TreeDescription, without?: string) {
  const kept = Object.entries(MACHINE).filter(([path]) => without === undefined || !path.startsWith(without))
  return probeDeviceTree(memorySysroot({ kind: 'emulated', name: 'm' }, { ...Object.fromEntries(kept), ...changes }))
}
function treeOf(changes: TreeDescription = {}, without?: string) {
  const fact = probe(changes, without)
  if (fact.state !== 'known') throw new Error(`the tree is ${fact.state}`)
  return fact.value
}
function its(tree: ReturnType<typeof treeOf>) {
  const node = tree.byPath.get('/its@1000')
  if (!node) throw new Error('no ITS')
  return node
}

test('directory and blob that agree leave everything as it is, in the order of the blob', () => {
  const tree = treeOf()
  expect(tree).toMatchObject({ complete: true, disagreements: [], ordered: true })
  expect(tree.root.children.map((child) => child.name)).toEqual(['v2m@2000', 'its@1000', 'memory@0'])
})

test('a property that only the blob has is there but not known', () => {
  const tree = treeOf({}, `${BASE}/its@1000/phandle`)
  expect(property(its(tree), 'phandle')).toMatchObject({ state: 'unreadable', reason: 'io' })
  expect(lookupPhandle(tree, 7).state).toBe('unreadable')
  const witness = { path: DEVICE_TREE_BLOB, node: '/its@1000', property: 'phandle' }
  expect(tree.disagreements).toMatchObject([{ path: '/its@1000', property: 'phandle', kind: 'missing', witness }])
  expect(tree.disagreements?.[0]?.witness.at?.length).toBe(4)
})

test('a property with other bytes in each is not known', () => {
  const tree = treeOf({ [`${BASE}/its@1000/compatible`]: 'arm,gic-v3\0' })
  expect(property(its(tree), 'compatible')).toMatchObject({ state: 'unreadable', reason: 'malformed' })
  const witness = { path: DEVICE_TREE_BLOB, node: '/its@1000', property: 'compatible' }
  expect(tree.disagreements).toMatchObject([{ path: '/its@1000', property: 'compatible', kind: 'differs', witness }])
  expect(tree.disagreements?.[0]?.witness.at?.length).toBe('arm,gic-v3-its\0'.length)
})

test('a node that only the blob has is there but not known', () => {
  const tree = treeOf({}, `${BASE}/its@1000`)
  expect(its(tree).incomplete).toBe('io')
  expect(property(its(tree), 'compatible').state).toBe('unreadable')
  expect(tree.complete).toBe(false)
  const witness = { path: DEVICE_TREE_BLOB, node: '/its@1000' }
  expect(tree.disagreements).toMatchObject([{ path: '/its@1000', kind: 'missing', witness }])
  expect(tree.disagreements?.[0]?.witness.property).toBeUndefined()
})

test('what an overlay added stays known', () => {
  const tree = treeOf({ [`${BASE}/its@1000/dma-coherent`]: '', [`${BASE}/new@3000/name`]: 'new\0' })
  expect(tree.disagreements).toEqual([])
  expect(hasProperty(its(tree), 'dma-coherent')).toMatchObject({ state: 'known', value: true })
  expect(tree.byPath.get('/new@3000')?.incomplete).toBeUndefined()
  expect(tree.root.children.at(-1)?.name).toBe('new@3000')
})

test('the kernel renames a node whose name is taken', () => {
  const renamed = Object.fromEntries(
    Object.entries(MACHINE).flatMap(([path, value]) =>
      path.startsWith(`${BASE}/its@1000/`) ? [[path.replace('its@1000', 'its@1000#1'), value]] : [],
    ),
  )
  expect(treeOf(renamed, `${BASE}/its@1000`)).toMatchObject({ complete: true, disagreements: [] })
})

describe.each([
  ['damaged', { [DEVICE_TREE_BLOB]: BLOB.slice(0, -1) }],
  ['forbidden', { [DEVICE_TREE_BLOB]: { kind: 'file', content: 'permission' } }],
  ['absent', { [DEVICE_TREE_BLOB]: { kind: 'absent' } }],
] as const)('a blob that is %s', (_, change) => {
  test('bears no witness against the directory', () => {
    expect(treeOf(change, `${BASE}/its@1000/phandle`)).toMatchObject({ complete: true, ordered: false })
  })
})

test('without a directory the blob is the tree, if it is whole', () => {
  expect(probe({}, BASE)).toMatchObject({ state: 'known', from: [{ path: DEVICE_TREE_BLOB }] })
  expect(probe({ [DEVICE_TREE_BLOB]: BLOB.slice(0, -1) }, BASE)).toMatchObject({
    state: 'unreadable',
    reason: 'malformed',
  })
  const forbidden: TreeDescription = { [DEVICE_TREE_BLOB]: { kind: 'file', content: 'permission' } }
  expect(probe(forbidden, BASE)).toMatchObject({ state: 'unreadable', reason: 'permission' })
  expect(probe({ [DEVICE_TREE_BLOB]: { kind: 'absent' } }, BASE).state).toBe('absent')
})

test('a directory that cannot be listed is not replaced by the blob', () => {
  const change: TreeDescription = { [BASE]: { kind: 'directory', listing: 'io' } }
  expect(probe(change)).toMatchObject({ state: 'unreadable', reason: 'io' })
})
