import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseDeviceTreeBlob } from '../../../../src/probes/devicetree/blob.js'
import { decodeDeviceTreeBlob } from '../../../../src/report/decode/decode-devicetree.js'
import { renderDecodedDeviceTree } from '../../../../src/render/decode/decode-devicetree.js'
import { ascii, beginNode, blobOf, END, END_NODE, joined, prop, words } from '../../probes/devicetree/flat-tree.js'
import { CORPUS } from '../../../support/outside.js'

const OPTIONS = { columns: 80, colorLevel: 0, all: false } as const
function text(bytes: Uint8Array, all = false): string {
  const tree = decodeDeviceTreeBlob('b.dtb', parseDeviceTreeBlob(bytes, 'b.dtb'))
  return [...renderDecodedDeviceTree(tree, { ...OPTIONS, all })].join('')
}

const STRINGS = ascii('compatible\0phandle\0reg\0msi-map\0msi-controller\0status\0thing\0')
const AT = { compatible: 0, phandle: 11, reg: 19, msiMap: 23, msiController: 31, status: 46, thing: 53 }

test('a tree that a person can follow', () => {
  const structure = joined(
    beginNode(''),
    beginNode('its@8080000'),
    prop(AT.compatible, 'arm,gic-v3-its\0'),
    prop(AT.msiController, ''),
    prop(AT.phandle, words(7)),
    prop(AT.reg, words(0, 0x8080000, 0x20000)),
    END_NODE,
    beginNode('pcie@0'),
    prop(AT.compatible, 'pci-host-ecam-generic\0'),
    prop(AT.msiMap, words(0, 7, 0, 0x10000, 0x10000, 8, 5, 1)),
    prop(AT.status, 'disabled\0'),
    END_NODE,
    END_NODE,
    END,
  )
  expect(text(blobOf(structure, STRINGS))).toBe(`b.dtb: device tree blob
version 17, compatible with 16, 351 bytes, boot processor 0x0

0x38   /

0x40   /its@8080000  (msi its)
  0x5c   compatible           "arm,gic-v3-its"
  0x78   msi-controller       (present)
  0x84   phandle              0x7
  0x94   reg                  0x8080000-0x809ffff

0xa4   /pcie@0  (host-bridge ecam, disabled)
  0xbc   compatible           "pci-host-ecam-generic"
  0xe0   msi-map              0x0-0xffff -> /its@8080000 0x0-0xffff
                              0x10000 -> 0x8 (no such node) 0x5
  0x10c  status               "disabled"
`)
})

test('registers without a size are their address, with one their range, and where the CPU sees them if elsewhere', () => {
  const names = ascii('reg\0#address-cells\0#size-cells\0ranges\0')
  const [reg, address, size, ranges] = [0, 4, 19, 31]
  const structure = joined(
    beginNode(''),
    prop(address, words(1)),
    prop(size, words(1)),
    beginNode('bus@1000'),
    prop(address, words(1)),
    prop(size, words(1)),
    prop(ranges, words(0, 0x1000, 0x100)),
    beginNode('thing@10'),
    prop(reg, words(0x10, 4, 0x20, 0)),
    END_NODE,
    END_NODE,
    END_NODE,
    END,
  )
  const lines = text(blobOf(structure, names)).split('\n')
  const [first, second] = lines.slice(lines.findIndex((line) => line.includes(' reg ')))
  expect(first?.trim()).toMatch(/^\S+ +reg +0x10-0x13 \(CPU address 0x1010\)$/)
  expect(second?.trim()).toBe('0x20 (CPU address 0x1020)')
})

// Devicetree Specification 0.4, 2.3.8: `ranges` holds child address, parent address, length; a length may be of any value.
test('ranges and maps are their first and last number, one number, or none', () => {
  const names = ascii('ranges\0#address-cells\0#size-cells\0msi-map\0phandle\0')
  const [ranges, address, size, msiMap, phandle] = [0, 7, 22, 34, 42]
  const structure = joined(
    beginNode(''),
    prop(address, words(1)),
    prop(size, words(1)),
    beginNode('bus'),
    prop(phandle, words(7)),
    prop(address, words(1)),
    prop(size, words(1)),
    prop(ranges, words(0, 0x1000, 0x100, 0x200, 0x2000, 1, 0x300, 0x3000, 0)),
    prop(msiMap, words(0, 7, 0, 2, 8, 7, 0x20, 1, 9, 7, 0x30, 0)),
    END_NODE,
    END_NODE,
    END,
  )
  const lines = text(blobOf(structure, names))
    .split('\n')
    .map((line) => line.trim().replace(/^0x\w+ +(?=ranges|msi-map)/, ''))
  const from = lines.findIndex((line) => line.startsWith('ranges '))
  expect(lines.slice(from, from + 6).map((line) => line.replace(/^(?:ranges|msi-map) +/, ''))).toEqual([
    '0x0-0xff at 0x1000 of the parent bus',
    '0x200 at 0x2000 of the parent bus',
    '0x300, none at 0x3000 of the parent bus',
    '0x0-0x1 -> /bus 0x0-0x1',
    '0x8 -> /bus 0x20',
    '0x9, none -> /bus 0x30, none',
  ])
})

test('damage and incomplete nodes are said first and where they are', () => {
  const structure = joined(beginNode(''), prop(0x1000, 'x\0'), END_NODE, END)
  const lines = text(blobOf(structure)).split('\n')
  expect(lines[2]).toBe('The blob is damaged; what is missing below may exist.')
  expect(lines.slice(3, 5).join(' ')).toBe(
    '0x40: Device tree: a property of / has no name at 0x1000 of the strings block; it was left out.',
  )
  expect(lines.slice(5)).toEqual(['', '0x38  /  (status not known, incomplete: malformed)', ''])
})

test('no control character, no reordering and no line break of the tree reaches the terminal', () => {
  const hostile = 'a\x1b[31m\u202e\nb'
  const structure = joined(
    beginNode(''),
    beginNode('n\x1b]0;x\x07'),
    prop(AT.thing, new TextEncoder().encode('x\u202ey\0')),
    prop(AT.compatible, joined(new TextEncoder().encode(hostile), words(0))),
    END_NODE,
    END_NODE,
    END,
  )
  const output = text(blobOf(structure, STRINGS))
  expect(output.replaceAll('\n', '')).toMatch(/^[\x20-\x7e]*$/)
  expect(output).toContain('/n\\x1b]0;x\\x07')
  expect(output).toContain('"x\\u{202e}y"')
})

test('long values are broken and cut without losing a character, whole with all', () => {
  const long = Array.from({ length: 120 }, (_, index) => `word${index}`).join('  ')
  const structure = joined(beginNode(''), prop(AT.thing, `${long}\0`), END_NODE, END)
  const short = text(blobOf(structure, STRINGS))
  expect(short).toMatch(/\.\.\. \d+ more lines, shown with --all\n/)
  const whole = text(blobOf(structure, STRINGS), true)
  expect(whole).not.toContain('more lines')
  const shown = whole
    .split('\n')
    .slice(4)
    .map((line) => line.slice(28).trim())
    .join(' ')
  expect(shown.replaceAll(/ +/g, ' ').trim()).toBe(`"${long.replaceAll(/ +/g, ' ')}"`)
  expect(Math.max(...whole.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
})

const DEBIAN = `${CORPUS}/debian-dtb-7.2`
const boards = existsSync(DEBIAN)
  ? readdirSync(DEBIAN, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.dtb'))
      .sort()
      .map((name) => `${DEBIAN}/${name}`)
  : []
describe.skipIf(boards.length === 0)(
  `${boards.length} boards${boards.length > 0 ? '' : ' (not run: no corpus here)'}`,
  () => {
    test('fit 80 columns and have a line for each property', () => {
      let properties = 0
      for (const board of boards) {
        const decoded = decodeDeviceTreeBlob(board, parseDeviceTreeBlob(readFileSync(board), board))
        const lines = [...renderDecodedDeviceTree(decoded, { ...OPTIONS, all: true })].join('').split('\n')
        expect(Math.max(...lines.map((line) => line.length)), board).toBeLessThanOrEqual(80)
        const count = decoded.nodes.reduce((sum, node) => sum + node.properties.length, 0)
        expect(
          lines.filter((line) => /^ {2}0x[0-9a-f]+ +\S/.test(line)),
          board,
        ).toHaveLength(count)
        properties += count
      }
      expect(properties).toBeGreaterThan(100_000)
    })
  },
)

test('a list of strings and bytes are told apart, each by each', () => {
  const structure = joined(
    beginNode(''),
    prop(AT.compatible, 'vendor,board\0vendor,chip\0'),
    prop(AT.thing, new Uint8Array([0xde, 0xad, 0x01])),
    END_NODE,
    END,
  )
  const shown = text(blobOf(structure, STRINGS))
  expect(shown).toMatch(/compatible +"vendor,board", "vendor,chip"\n/)
  expect(shown).toMatch(/thing +de ad 01\n/)
})
