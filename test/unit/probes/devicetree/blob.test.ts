import { expect, test } from 'vitest'
import type { DeviceTreeBlob } from '../../../../src/machine/devicetree-blob.js'
import { property, walkNodes } from '../../../../src/machine/devicetree.js'
import { parseDeviceTreeBlob } from '../../../../src/probes/devicetree/blob.js'
import { ascii, beginNode, blobOf, END, END_NODE, joined, NOP, padded, prop, STRINGS, words } from './flat-tree.js'

const SMALL = joined(
  beginNode(''),
  prop(0, 'acme,board\0'),
  NOP,
  beginNode('its@8080000'),
  prop(11, words(7)),
  prop(19, words(0, 0x8080000, 0, 0x20000)),
  END_NODE,
  beginNode('empty'),
  END_NODE,
  END_NODE,
  END,
)

/** Everything that can be told of a blob, without views on its bytes. */
function told(blob: DeviceTreeBlob): unknown {
  const nodes = blob.tree ? [...walkNodes(blob.tree.root)] : []
  return {
    nodes: nodes.map((node) => ({
      path: node.path,
      incomplete: node.incomplete,
      offset: node.offset,
      properties: [...node.properties].map(([name, fact]) =>
        fact.state === 'known' ? [name, Buffer.from(fact.value).toString('hex')] : [name, fact.state],
      ),
    })),
    diagnostics: blob.diagnostics,
    damaged: blob.damaged,
    header: blob.header,
    reservations: blob.reservations,
  }
}

test('a blob of version 17: nodes, properties and where they lie', () => {
  const blob = parseDeviceTreeBlob(blobOf(SMALL), 'board.dtb')
  expect(blob.diagnostics).toEqual([])
  expect(blob.damaged).toBe(false)
  expect(blob.header).toMatchObject({ totalSize: 0x38 + SMALL.length + 23, version: 17, structureOffset: 0x38 })
  const tree = blob.tree
  expect([...(tree?.byPath.keys() ?? [])]).toEqual(['/', '/its@8080000', '/empty'])
  expect(tree?.byPhandle.get(7)?.path).toBe('/its@8080000')
  expect(tree?.complete).toBe(true)
  const its = tree?.byPath.get('/its@8080000')
  // Structure block at 0x38: root 8 bytes, its property 12 + 12, NOP 4 make 0x5c.
  expect(its?.offset).toBe(0x5c)
  expect(its && property(its, 'reg')).toEqual({
    state: 'known',
    value: words(0, 0x8080000, 0, 0x20000),
    // Behind the node's 16 bytes, the phandle's 16 and the property's own head of 12.
    from: [
      {
        path: 'board.dtb',
        at: { offset: 0x5c + 16 + 16 + 12, length: 16 },
        node: '/its@8080000',
        property: 'reg',
      },
    ],
  })
  expect(its && property(its, 'status').state).toBe('absent')
})

test('a blob of version 16 does not say how long its structure block is', () => {
  const blob = parseDeviceTreeBlob(blobOf(SMALL, STRINGS, { 5: 16, 9: 0xffffffff }), 'b')
  expect(blob.diagnostics).toEqual([])
  expect(blob.tree?.byPath.size).toBe(3)
  expect(blob.header?.structureSize).toBeUndefined()
})

test('the memory reservation block', () => {
  const entry = words(1, 0x10000, 0, 0x2000)
  const total = 40 + 32 + SMALL.length + STRINGS.length
  const strings = 72 + SMALL.length
  const header = words(0xd00dfeed, total, 72, strings, 40, 17, 16, 3, STRINGS.length, SMALL.length)
  const blob = parseDeviceTreeBlob(joined(header, entry, new Uint8Array(16), SMALL, STRINGS), 'b')
  expect(blob.damaged).toBe(false)
  expect(blob.reservations).toEqual([{ offset: 40, address: 0x1_0001_0000n, size: 0x2000n }])
  expect(blob.header?.bootProcessor).toBe(3)
})

const root = (...parts: readonly Uint8Array[]): Uint8Array => joined(beginNode(''), ...parts, END_NODE, END)

/** What is wrong, the blob, offset and text of the first diagnostic, the paths that are kept. */
const DAMAGE: readonly [string, Uint8Array, number, string, readonly string[]][] = [
  ['nothing', new Uint8Array(), 0, 'the header needs 36 bytes, the file has 0', []],
  ['another magic', blobOf(SMALL, STRINGS, { 0: 0xedfe0dd0 }), 0, 'the first word is 0xedfe0dd0', []],
  ['an old version', blobOf(SMALL, STRINGS, { 5: 3 }), 20, 'the blob is version 3', []],
  ['a future version', blobOf(SMALL, STRINGS, { 5: 99, 6: 18 }), 20, 'compatible with version 18 only', []],
  [
    'total size past the file',
    blobOf(SMALL, STRINGS, { 1: 0x10000 }),
    4,
    'the blob claims 65536 bytes',
    ['/', '/its@8080000', '/empty'],
  ],
  ['bytes behind the blob', joined(blobOf(SMALL), words(0)), 4, 'the file has 4 more', ['/', '/its@8080000', '/empty']],
  [
    'reservations that never end',
    blobOf(SMALL, STRINGS, { 4: 0x38 }),
    0xc8,
    'the memory reservation block',
    ['/', '/its@8080000', '/empty'],
  ],
  ['strings past the end', blobOf(SMALL, STRINGS, { 8: 24 }), 8, 'the strings block', ['/', '/its@8080000', '/empty']],
  [
    'structure past the end',
    blobOf(SMALL, STRINGS, { 9: 0x7fffffff }),
    8,
    'the structure block',
    ['/', '/its@8080000', '/empty'],
  ],
  [
    'a bad token',
    blobOf(joined(beginNode(''), beginNode('a'), words(5))),
    0x48,
    'the token 0x5 is none of',
    ['/', '/a'],
  ],
  [
    'no end token',
    blobOf(joined(beginNode(''), END_NODE)),
    0x44,
    'the structure block ends without its end token',
    ['/'],
  ],
  ['end inside a node', blobOf(joined(beginNode(''), END)), 0x40, 'the end token stands in /', ['/']],
  ['no node', blobOf(END), 0x38, 'there is no node', []],
  [
    'a second root',
    blobOf(joined(beginNode(''), END_NODE, beginNode('b'), END_NODE, END)),
    0x44,
    'a second root node (b)',
    ['/'],
  ],
  [
    'one end too many',
    blobOf(joined(beginNode(''), END_NODE, END_NODE, END)),
    0x44,
    'a node ends that never began',
    ['/'],
  ],
  [
    'a property outside',
    blobOf(joined(prop(0, 'x\0'), beginNode(''), END_NODE, END)),
    0x38,
    'a property stands outside',
    [],
  ],
  ['a root with a name', blobOf(joined(beginNode('top'), END_NODE, END)), 0x38, 'the root node is called top', ['/']],
  ['a name with a slash', blobOf(root(beginNode('a/b'), END_NODE)), 0x40, 'the impossible name "a/b"', ['/', '/a/b']],
  [
    'a name with an escape',
    blobOf(root(beginNode('a\x1b'), END_NODE)),
    0x40,
    'the impossible name "a\\x1b"',
    ['/', '/a\x1b'],
  ],
  [
    'two of a name',
    blobOf(root(beginNode('a'), END_NODE, beginNode('a'), END_NODE)),
    0x4c,
    'two children called a',
    ['/', '/a', '/a'],
  ],
  [
    'no NUL in a node name',
    blobOf(joined(beginNode(''), words(1), ascii('abcd'))),
    0x40,
    'a node name without its final NUL',
    ['/'],
  ],
  [
    'a property too long',
    blobOf(joined(beginNode(''), words(3, 0x7fffffff, 0))),
    0x40,
    'a property claims 2147483647 bytes',
    ['/'],
  ],
  ['a name outside the strings', blobOf(root(prop(0x1000, 'x\0'))), 0x40, 'has no name at 0x1000', ['/']],
  ['a name without NUL', blobOf(root(prop(0, 'x\0')), ascii('compatible')), 0x40, 'has no name at 0x0', ['/']],
  ['a property twice', blobOf(root(prop(0, 'x\0'), prop(0, 'y\0'))), 0x50, 'two properties compatible', ['/']],
  [
    'a property behind a child',
    blobOf(root(beginNode('a'), END_NODE, prop(0, 'x\0'))),
    0x4c,
    'behind a child node',
    ['/', '/a'],
  ],
  [
    'bytes behind the end token',
    blobOf(joined(beginNode(''), END_NODE, END, words(0))),
    0x44,
    'follow its end token',
    ['/'],
  ],
]

test.each(DAMAGE)('%s is damage with its offset, and the rest is kept', (_, bytes, offset, text, paths) => {
  const blob = parseDeviceTreeBlob(bytes, 'b')
  expect(blob.damaged).toBe(true)
  expect(blob.diagnostics[0]?.offset).toBe(offset)
  expect(blob.diagnostics[0]?.message).toContain(text)
  expect(blob.diagnostics[0]?.message).toMatch(/^Device tree: [^\n\x1b]*\.$/)
  expect(blob.tree ? [...walkNodes(blob.tree.root)].map((node) => node.path) : []).toEqual(paths)
})

test('what is lost makes its node incomplete, and what is doubtful is not known', () => {
  const lost = parseDeviceTreeBlob(blobOf(root(prop(0x1000, 'x\0'))), 'b').tree
  expect(lost?.root.incomplete).toBe('malformed')
  expect(lost?.complete).toBe(false)
  expect(lost && property(lost.root, 'compatible').state).toBe('unreadable')
  const twice = parseDeviceTreeBlob(blobOf(root(prop(0, 'x\0'), prop(0, 'y\0'))), 'b').tree
  expect(twice && property(twice.root, 'compatible').state).toBe('unreadable')
  const broken = parseDeviceTreeBlob(blobOf(joined(beginNode(''), beginNode('a'), END_NODE, beginNode('b'))), 'b').tree
  expect([...(broken?.byPath ?? [])].map(([path, node]) => [path, node.incomplete])).toEqual([
    ['/', 'malformed'],
    ['/a', undefined],
    ['/b', 'malformed'],
  ])
})

test('64 levels are read, the 65th is not', () => {
  const nested = (depth: number): Uint8Array =>
    blobOf(
      joined(
        ...Array.from({ length: depth }, (_, level) => beginNode(level === 0 ? '' : 'n')),
        ...Array.from({ length: depth }, () => END_NODE),
        END,
      ),
    )
  expect(parseDeviceTreeBlob(nested(64), 'b')).toMatchObject({ damaged: false })
  const deep = parseDeviceTreeBlob(nested(65), 'b')
  expect(deep.diagnostics[0]?.message).toContain('nested more than 64 deep')
  expect(deep.tree?.byPath.size).toBe(64)
})

test('a megabyte of nested long names ends at a bound', () => {
  const name = 'x'.repeat(255)
  const chain = Array.from({ length: 62 }, () => beginNode(name))
  const leaves = joined(
    ...Array.from({ length: 60_000 }, (_, index) => joined(beginNode(`${10_000 + index}`), END_NODE)),
  )
  const parts = [beginNode(''), ...chain, leaves]
  const blob = parseDeviceTreeBlob(blobOf(joined(...parts)), 'b')
  expect(blob.diagnostics[0]?.message).toContain('more nodes than any machine has')
  // 2^24 characters in paths of about 15,900 each.
  expect(blob.tree?.byPath.size).toBeLessThan(1200)
})

test('a hostile blob does not fill the diagnostics', () => {
  const faults = Array.from({ length: 1000 }, (_, index) => prop(0x1000 + index, 'x\0'))
  expect(parseDeviceTreeBlob(blobOf(root(...faults)), 'b').diagnostics).toHaveLength(101)
})

test('cut anywhere, a blob is damaged and never throws', () => {
  const whole = blobOf(SMALL)
  for (let length = 0; length < whole.length; length++) {
    expect(parseDeviceTreeBlob(whole.slice(0, length), 'b').damaged, `${length} bytes`).toBe(true)
  }
})

test('nothing depends on bytes outside of the blob, whichever byte of it is changed', () => {
  const whole = joined(blobOf(SMALL), padded('tail'))
  for (let at = 0; at < whole.length; at++) {
    for (const value of [0, 0xff, 0x80, 1]) {
      const changed = whole.slice()
      changed[at] = value
      const seen = [0x00, 0xa5, 0xff].map((surrounding) => {
        const buffer = new Uint8Array(whole.length + 64).fill(surrounding)
        buffer.set(changed, 32)
        return JSON.stringify(
          told(parseDeviceTreeBlob(buffer.subarray(32, 32 + whole.length), 'b')),
          (_, fact: unknown) => (typeof fact === 'bigint' ? fact.toString() : fact),
        )
      })
      expect(new Set(seen).size, `byte ${at}`).toBe(1)
    }
  }
})
