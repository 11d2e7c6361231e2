import { expect, test } from 'vitest'
import { DraftNode, finishTree } from '../../../src/machine/devicetree-builder.js'
import { lookupPhandle, specifierCells } from '../../../src/machine/devicetree-lookup.js'
import { ancestorsAndSelf, translatedAddress, walkNodes } from '../../../src/machine/devicetree.js'
import { known } from '../../../src/machine/fact.js'
import { words } from '../probes/devicetree/flat-tree.js'

function node(
  parent: DraftNode | undefined,
  name: string,
  properties: Readonly<Record<string, Uint8Array>>,
): DraftNode {
  const draft = new DraftNode(parent, name, 'base')
  for (const [key, value] of Object.entries(properties)) draft.properties.set(key, known(value, { path: key }))
  return draft
}

test('phandles 0 and 0xffffffff name no node', () => {
  const root = node(undefined, '', {})
  node(root, 'a', { phandle: words(0) })
  node(root, 'b', { phandle: words(0xffffffff) })
  node(root, 'c', { 'linux,phandle': words(5) })
  const tree = finishTree(root, true)
  expect([...tree.byPhandle].map(([phandle, found]) => [phandle, found.path])).toEqual([[5, '/c']])
  expect(lookupPhandle(tree, 0).state).toBe('absent')
})

test('the width of a specifier is at most 16 cells', () => {
  const cells = (value: Uint8Array) => specifierCells(node(undefined, '', { '#iommu-cells': value }), '#iommu-cells')
  expect(cells(words(2))).toMatchObject({ state: 'known', value: 2 })
  expect(cells(words(17)).state).toBe('unreadable')
  expect(cells(new Uint8Array(3)).state).toBe('unreadable')
  expect(specifierCells(node(undefined, '', {}), '#msi-cells').state).toBe('absent')
})

test('nodes are walked parents first, in order', () => {
  const root = node(undefined, '', {})
  const a = node(root, 'a', {})
  node(a, 'a1', {})
  node(a, 'a2', {})
  node(root, 'b', {})
  expect([...walkNodes(root)].map((found) => found.path)).toEqual(['/', '/a', '/a/a1', '/a/a2', '/b'])
  expect([...ancestorsAndSelf(a)].map((found) => found.path)).toEqual(['/a', '/'])
})

test('an address is translated through the ranges of every bus above', () => {
  const root = node(undefined, '', { '#address-cells': words(2), '#size-cells': words(2) })
  const ranges = words(0x1000, 0x1, 0x8000_0000, 0x10000)
  const soc = node(root, 'soc', { '#address-cells': words(1), '#size-cells': words(1), ranges })
  const its = node(soc, 'its@2000', { reg: words(0x2000, 0x100, 0x3000, 0x100) })
  expect(translatedAddress(its)).toBe(0x1_8000_1000n)
  expect(translatedAddress(its, 1)).toBe(0x1_8000_2000n)
  expect(translatedAddress(its, 2)).toBeUndefined()
  expect(translatedAddress(node(soc, 'out@0', { reg: words(0, 4) }))).toBeUndefined()
})
