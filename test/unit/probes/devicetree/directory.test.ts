import { expect, test } from 'vitest'
import { hasProperty, property } from '../../../../src/machine/devicetree.js'
import { isPopulated, lookupPhandle } from '../../../../src/machine/devicetree-lookup.js'
import { DEVICE_TREE_DIRECTORY, probeDeviceTree } from '../../../../src/probes/devicetree/tree.js'
import { everyProperty } from '../../../../src/probes/devicetree/wanted-properties.js'
import type { MemoryEntry, TreeDescription } from '../../../../src/sysroot/memory-entry.js'
import { memorySysroot } from '../../../../src/sysroot/memory-sysroot.js'
import { ascii, words } from './flat-tree.js'

const BASE = DEVICE_TREE_DIRECTORY

const MACHINE: TreeDescription = {
  [`${BASE}/name`]: '\0',
  [`${BASE}/compatible`]: 'acme,board\0',
  [`${BASE}/serial-number`]: '4711\0',
  [`${BASE}/soc/name`]: 'soc\0',
  [`${BASE}/soc/ranges`]: '',
  [`${BASE}/soc/its@8080000/name`]: 'its\0',
  [`${BASE}/soc/its@8080000/compatible`]: 'arm,gic-v3-its\0',
  [`${BASE}/soc/its@8080000/msi-controller`]: '',
  [`${BASE}/soc/its@8080000/phandle`]: words(7),
  [`${BASE}/soc/its@8080000/clock-names`]: 'core\0',
  [`${BASE}/soc/pcie@10000000/name`]: 'pcie\0',
  [`${BASE}/soc/pcie@10000000/interrupt-controller/name`]: 'interrupt-controller\0',
  [`${BASE}/soc/pcie@10000000/interrupt-controller/phandle`]: words(8),
  [`${BASE}/soc/pcie@10000000/interrupt-controller/interrupt-controller`]: '',
  [`${BASE}/chosen/name`]: 'chosen\0',
  [`${BASE}/chosen/bootargs`]: 'quiet\0',
}

/** The machine with some entries replaced. */
function probe(changes: TreeDescription = {}, wanted = undefined as typeof everyProperty | undefined) {
  return probeDeviceTree(memorySysroot({ kind: 'emulated', name: 'm' }, { ...MACHINE, ...changes }), wanted)
}
function treeOf(changes: TreeDescription = {}, wanted?: typeof everyProperty) {
  const fact = probe(changes, wanted)
  if (fact.state !== 'known') throw new Error(`the tree is ${fact.state}`)
  return fact.value
}
function nodeOf(tree: ReturnType<typeof treeOf>, path: string) {
  const node = tree.byPath.get(path)
  if (!node) throw new Error(`no ${path}`)
  return node
}

test('directories are nodes, files properties, and a name can be both', () => {
  const tree = treeOf()
  expect([...tree.byPath.keys()]).toEqual([
    '/',
    '/chosen',
    '/soc',
    '/soc/its@8080000',
    '/soc/pcie@10000000',
    '/soc/pcie@10000000/interrupt-controller',
  ])
  expect(tree.complete).toBe(true)
  expect(lookupPhandle(tree, 7)).toMatchObject({ state: 'known', value: { path: '/soc/its@8080000' } })
  expect(lookupPhandle(tree, 9).state).toBe('absent')
  expect(property(nodeOf(tree, '/soc/its@8080000'), 'compatible')).toEqual({
    state: 'known',
    value: ascii('arm,gic-v3-its\0'),
    from: [{ path: `${BASE}/soc/its@8080000/compatible`, node: '/soc/its@8080000', property: 'compatible' }],
  })
  expect(hasProperty(nodeOf(tree, '/soc/pcie@10000000/interrupt-controller'), 'interrupt-controller')).toMatchObject({
    state: 'known',
    value: true,
  })
  expect(isPopulated(tree)).toBe(true)
  expect(tree.ordered).toBe(false)
})

test('a property that nothing needs is known to be there, and its bytes are neither absent nor known', () => {
  const its = nodeOf(treeOf(), '/soc/its@8080000')
  expect(its.properties.has('clock-names')).toBe(false)
  expect(hasProperty(its, 'clock-names')).toMatchObject({ state: 'known', value: true })
  expect(property(its, 'clock-names').state).toBe('unreadable')
  expect(hasProperty(its, 'clocks')).toMatchObject({ state: 'known', value: false })
})

test('on request every property is read; the name that the kernel adds is none', () => {
  const its = nodeOf(treeOf({}, everyProperty), '/soc/its@8080000')
  expect([...its.properties.keys()]).toEqual(['clock-names', 'compatible', 'msi-controller', 'phandle'])
  expect(its.unread?.size).toBe(0)
})

const io: MemoryEntry = { kind: 'unreadable', reason: 'io' }

test('a node that cannot be listed is incomplete, and then a missing phandle proves nothing', () => {
  for (const [path, node] of [
    [`${BASE}/soc/its@8080000`, '/soc/its@8080000'],
    [`${BASE}/soc`, '/soc'],
  ] as const) {
    const gone = Object.fromEntries(
      Object.keys(MACHINE)
        .flatMap((name) => (name.startsWith(`${path}/`) ? [name] : []))
        .map((name): [string, MemoryEntry] => [name, { kind: 'absent' }]),
    )
    for (const entry of [io, { kind: 'directory', listing: 'permission' }] as const) {
      const tree = treeOf({ ...gone, [path]: entry })
      expect(nodeOf(tree, node).incomplete).toBeDefined()
      expect(tree.complete).toBe(false)
      expect(lookupPhandle(tree, 7).state).toBe('unreadable')
      expect(property(nodeOf(tree, node), 'compatible').state).toBe('unreadable')
    }
  }
})

test('a listing without the file name was cut', () => {
  const listing: MemoryEntry = { kind: 'directory', listing: ['compatible'] }
  const tree = treeOf({ [`${BASE}/soc/its@8080000`]: listing })
  const its = nodeOf(tree, '/soc/its@8080000')
  expect(property(its, 'compatible').state).toBe('known')
  expect(hasProperty(its, 'msi-controller').state).toBe('unreadable')
  expect(tree.complete).toBe(false)
  expect(probe({ [BASE]: { kind: 'directory', listing: [] } })).toMatchObject({
    state: 'unreadable',
    reason: 'malformed',
  })
})

test('a property that cannot be read is unreadable, and so is one that went away between listing and reading', () => {
  const its = `${BASE}/soc/its@8080000`
  const unreadable = nodeOf(treeOf({ [`${its}/compatible`]: io }), '/soc/its@8080000')
  expect(property(unreadable, 'compatible')).toMatchObject({ state: 'unreadable', reason: 'io' })
  const names = ['compatible', 'msi-controller', 'name', 'phandle', 'status']
  const vanished = nodeOf(treeOf({ [its]: { kind: 'directory', listing: names } }), '/soc/its@8080000')
  expect(property(vanished, 'status')).toMatchObject({ state: 'unreadable', reason: 'io' })
})

test('a phandle that cannot be read, or that two nodes claim, leaves the tree incomplete', () => {
  const cut = treeOf({ [`${BASE}/soc/its@8080000/phandle`]: words(7).slice(0, 3) })
  expect(lookupPhandle(cut, 7).state).toBe('unreadable')
  const twice = treeOf({ [`${BASE}/soc/pcie@10000000/phandle`]: words(7) })
  expect(lookupPhandle(twice, 7).state).toBe('unreadable')
  const contradictory = treeOf({ [`${BASE}/soc/its@8080000/linux,phandle`]: words(9) })
  expect(lookupPhandle(contradictory, 7).state).toBe('unreadable')
})

test('a name that is neither file nor directory may be a node', () => {
  const tree = treeOf({ [`${BASE}/soc/unknown`]: { kind: 'unreadable', reason: 'malformed' } })
  expect(nodeOf(tree, '/soc').incomplete).toBe('io')
})

test('a file that only root may read is a property all the same', () => {
  const secret: MemoryEntry = { kind: 'file', content: 'permission' }
  const tree = treeOf({ [`${BASE}/soc/security-code`]: secret })
  expect(tree.complete).toBe(true)
  expect(hasProperty(nodeOf(tree, '/soc'), 'security-code')).toMatchObject({ state: 'known', value: true })
})

test('nesting ends at 64 levels', () => {
  const deep = (levels: number): TreeDescription => {
    const path = Array.from({ length: levels - 1 }, () => 'n@0')
    return Object.fromEntries(path.map((_, index) => [`${BASE}/${path.slice(0, index + 1).join('/')}/name`, 'n\0']))
  }
  expect(treeOf(deep(64)).complete).toBe(true)
  const tree = treeOf(deep(65))
  expect(tree.complete).toBe(false)
  expect([...tree.byPath.values()].find((node) => node.incomplete)?.incomplete).toBe('too-large')
})

test('an ACPI machine has a tree without devices', () => {
  const chosenOnly = Object.fromEntries(Object.entries(MACHINE).filter(([path]) => !path.includes('/soc')))
  const fact = probeDeviceTree(memorySysroot({ kind: 'emulated', name: 'm' }, chosenOnly))
  expect(fact.state === 'known' && isPopulated(fact.value)).toBe(false)
})
