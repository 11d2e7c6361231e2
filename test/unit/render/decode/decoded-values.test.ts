import { describe, expect, it } from 'vitest'
import { renderDecodedDeviceTree } from '../../../../src/render/decode/decode-devicetree.js'
import type {
  DecodedDeviceTree,
  DecodedNode,
  DecodedProperty,
  DecodedValue,
} from '../../../../src/report/decode/decoded-devicetree.js'

const node = (properties: readonly DecodedProperty[], more: Partial<DecodedNode> = {}): DecodedNode => ({
  path: '/n',
  status: 'enabled',
  roles: [],
  incomplete: 'none',
  properties,
  ...more,
})
const property = (value: DecodedValue, more: Partial<DecodedProperty> = {}): DecodedProperty => ({
  name: 'p',
  length: 4,
  typedBy: 'form',
  value,
  ...more,
})
const tree = (nodes: readonly DecodedNode[], more: Partial<DecodedDeviceTree> = {}): DecodedDeviceTree => ({
  kind: 'devicetree',
  form: 'directory',
  name: 'base',
  reservations: [],
  damaged: false,
  complete: true,
  nodes,
  diagnostics: [],
  ...more,
})
const shown = (one: DecodedDeviceTree, all = false): readonly string[] =>
  [...renderDecodedDeviceTree(one, { columns: 80, colorLevel: 0, all })].join('').split('\n').slice(0, -1)
/** The lines of a node's only property. */
const lines = (of: DecodedProperty, all = false): readonly string[] => shown(tree([node([of])]), all).slice(3)

const reference = { phandle: '0x7', node: '/its' }

// Devicetree Specification 0.4 section 2.3: what each form of a value is.
describe('a value', () => {
  it.each<[string, DecodedValue, readonly string[]]>([
    ['without bytes', { type: 'empty' }, ['(present)']],
    ['of strings', { type: 'strings', strings: ['a,b', 'c'] }, ['"a,b", "c"']],
    ['of cells', { type: 'cells', cells: ['0x1', '0x2'] }, ['0x1 0x2']],
    ['of bytes', { type: 'bytes', hex: 'deadb0' }, ['de ad b0']],
    ['that was not asked for', { type: 'unreadable', reason: 'not read' }, ['(present, not read)']],
    ['that cannot be read', { type: 'unreadable', reason: 'permission' }, ['(unreadable: permission)']],
    [
      'of registers: where the CPU sees them where that is elsewhere and is known',
      {
        type: 'reg',
        entries: [
          { address: '0x1000', size: '0x10', cpuAddress: '0x1000' },
          { address: '0x10', size: '0x1', cpuAddress: '0x1010' },
          { address: '0x20', size: '0x0', cpuAddress: 'unknown' },
        ],
      },
      ['0x1000-0x100f', '0x10 (CPU address 0x1010)', '0x20'],
    ],
    [
      'of windows: of PCI with their space',
      {
        type: 'ranges',
        entries: [
          { child: '0x0', parent: '0x1000', size: '0x100' },
          { space: 'memory64', flags: '0x43000000', child: '0x8000000000', parent: '0x8000000000', size: '0x1' },
        ],
      },
      ['0x0-0xff at 0x1000 of the parent bus', 'PCI memory64 0x8000000000 at 0x8000000000 of the parent', 'bus'],
    ],
    [
      'of references: the node, or why there is none',
      {
        type: 'references',
        entries: [
          { ...reference, arguments: [] },
          { ...reference, arguments: ['0x1', '0x2'] },
          { phandle: '0x8', node: 'none', arguments: [] },
          { phandle: '0x9', node: 'unknown', arguments: ['0x3'] },
        ],
      },
      ['/its', '/its 0x1 0x2', '0x8 (no such node)', '0x9 (node not known) 0x3'],
    ],
    [
      'of a map: what comes out for the first and the last, or all of its cells',
      {
        type: 'id-map',
        mask: '0xffff',
        entries: [
          { cell: 0, idBase: '0x0', controller: reference, out: ['0x100'], length: '0x10' },
          { cell: 4, idBase: '0x10', controller: reference, out: ['0x1', '0x2'], length: '0x1' },
          { cell: 9, idBase: '0x20', controller: reference, out: [], length: '0x2' },
        ],
      },
      ['0x0-0xf -> /its 0x100-0x10f', '0x10 -> /its 0x1 0x2', '0x20-0x21 -> /its'],
    ],
  ])('%s', (_, value, expected) => {
    const [first, ...rest] = lines(property(value))
    expect(first).toBe(`  ${'p'.padEnd(20)} ${expected[0] ?? ''}`)
    expect(rest.map((line) => line.trimEnd())).toEqual(expected.slice(1).map((line) => `${' '.repeat(23)}${line}`))
  })

  it('has its fault below it, and what there was no room for', () => {
    const one = property({ type: 'cells', cells: ['0x1'] }, { fault: 'no whole cells', leftOut: 12 })
    expect(lines(one)).toEqual([
      `  ${'p'.padEnd(20)} 0x1`,
      `${' '.repeat(23)}! no whole cells`,
      `${' '.repeat(23)}... 12 more left out (bytes)`,
    ])
  })

  it('takes twelve lines at most, unless all is asked for', () => {
    const words = (count: number): DecodedProperty =>
      property({ type: 'references', entries: Array.from({ length: count }, () => ({ ...reference, arguments: [] })) })
    expect(lines(words(12))).toHaveLength(12)
    const cut = lines(words(14))
    expect(cut).toHaveLength(13)
    expect(cut.at(-1)?.trim()).toBe('... 2 more lines, shown with --all')
    expect(lines(words(14), true)).toHaveLength(14)
  })

  // 80 columns less two, the name and a space leave 57 for the value.
  it('is broken at a space in the last two thirds of a line, else where the line is full', () => {
    const broken = (text: string) => lines(property({ type: 'cells', cells: [text] })).map((line) => line.slice(23))
    expect(broken('x'.repeat(57))).toEqual(['x'.repeat(57)])
    expect(broken('x'.repeat(58))).toEqual(['x'.repeat(57), 'x'])
    expect(broken(`${'x'.repeat(19)} ${'y'.repeat(50)}`)).toEqual(['x'.repeat(19), 'y'.repeat(50)])
    expect(broken(`${'x'.repeat(18)} ${'y'.repeat(50)}`)).toEqual([
      `${'x'.repeat(18)} ${'y'.repeat(38)}`,
      'y'.repeat(12),
    ])
    expect(broken('x'.repeat(450)).join('')).toBe('x'.repeat(450))
  })

  it('stands below a name that is too long for its place', () => {
    const named = (length: number) => lines({ ...property({ type: 'empty' }), name: 'n'.repeat(length) })
    expect(named(20)).toEqual([`  ${'n'.repeat(20)} (present)`])
    expect(named(21)).toEqual([`  ${'n'.repeat(21)}`, `${' '.repeat(23)}(present)`])
    expect(named(100)).toEqual([`  ${'n'.repeat(78)}`, `  ${'n'.repeat(22)}`, `${' '.repeat(23)}(present)`])
  })

  it('is shown whole however long it is, with nothing of it unescaped', () => {
    const long = `${'a'.repeat(199)}\u{1b}${'b'.repeat(201)}`
    const text = lines(property({ type: 'strings', strings: [long] }), true)
      .map((line) => line.slice(23))
      .join('')
    expect(text).toBe(`"${'a'.repeat(199)}\\x1b${'b'.repeat(201)}"`)
  })
})

describe('a node', () => {
  const head = (more: Partial<DecodedNode>) => shown(tree([node([], more)]))[2]
  it.each<[Partial<DecodedNode>, string]>([
    [{}, '/n'],
    [{ roles: ['msi its'] }, '/n  (msi its)'],
    [{ roles: ['iommu smmuv3', 'x'], status: 'disabled' }, '/n  (iommu smmuv3, x, disabled)'],
    [{ status: 'unknown' }, '/n  (status not known)'],
    [{ incomplete: 'permission' }, '/n  (incomplete: permission)'],
  ])('%j', (more, expected) => {
    expect(head(more)).toBe(expected)
  })
  it('says how many of its properties there was no room for, and the tree of its nodes', () => {
    const one = tree([node([], { propertiesLeftOut: 3 })], { nodesLeftOut: 4 })
    expect(shown(one)).toEqual([
      'base: device tree of a running kernel',
      '',
      '/n',
      '  ... 3 more left out (properties)',
      '',
      '... 4 more left out (nodes)',
    ])
  })
  it('has its offset before it, as wide as the widest of the tree', () => {
    const blob = tree([node([property({ type: 'empty' }, { offset: '0x1000' })], { offset: '0x38' })], { form: 'blob' })
    expect(shown(blob).slice(1)).toEqual(['', '0x38    /n', `  0x1000  ${'p'.padEnd(20)} (present)`])
  })
})

describe('a tree', () => {
  const header = { version: 17, lastCompatibleVersion: 16, totalSize: 351, bootProcessor: '0x0' }
  it.each<[string, Partial<DecodedDeviceTree>, readonly string[]]>([
    ['of a running kernel', {}, ['base: device tree of a running kernel']],
    ['that is no blob', { form: 'blob' }, ['base: no device tree blob that could be read']],
    [
      'of a blob',
      { form: 'blob', header },
      ['base: device tree blob', 'version 17, compatible with 16, 351 bytes, boot processor 0x0'],
    ],
    [
      'with memory reserved',
      { reservations: [{ offset: '0x28', address: '0x80000000', size: '0x1000' }], reservationsLeftOut: 2 },
      [
        'base: device tree of a running kernel',
        '0x28  memory reservation 0x80000000-0x80000fff',
        '... 2 more left out (memory reservations)',
      ],
    ],
    [
      'that is not whole',
      { complete: false },
      ['base: device tree of a running kernel', 'Not all of the tree could be read.'],
    ],
    [
      'that is damaged, and so not whole',
      { damaged: true, complete: false },
      ['base: device tree of a running kernel', 'The blob is damaged; what is missing below may exist.'],
    ],
    [
      'with faults of a directory',
      { diagnostics: [{ path: '/', offset: '0x0', message: 'a fault' }] },
      ['base: device tree of a running kernel', 'a fault'],
    ],
    [
      'with faults of a blob',
      { form: 'blob', header, diagnostics: [{ path: '/', offset: '0x40', message: 'a fault' }] },
      ['base: device tree blob', 'version 17, compatible with 16, 351 bytes, boot processor 0x0', '0x40: a fault'],
    ],
  ])('%s', (_, more, expected) => {
    expect(shown(tree([], more))).toEqual(expected)
  })
})
