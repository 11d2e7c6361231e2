import { describe, expect, it, test } from 'vitest'
import { array, assert, constantFrom, integer, nat, option, property, record } from 'fast-check'
import { ofMapEntries } from '../../../../src/kernel/devicetree/of-map-entries.js'
import { ofMapId } from '../../../../src/kernel/devicetree/of-map-id.js'
import {
  EVERY_ID,
  maskedRanges,
  outputOf,
  REQUESTER_IDS,
  varyingBits,
  wayOf,
  type IdWay,
} from '../../../../src/kernel/ids/id-way.js'
import { idsOfMap } from '../../../../src/kernel/ids/tree-ids.js'
import { parseRelease } from '../../../../src/kernel/release.js'
import { walkNodes, type DeviceTree, type DeviceTreeNode } from '../../../../src/machine/devicetree.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { captureNames, openCapture } from '../../../support/captures.js'
import { hasCaptures } from '../../../support/outside.js'
import { deviceTree, nodeAt } from '../devicetree/device-tree-nodes.js'

const MAPS = ['iommu-map', 'msi-map'] as const

/** What the map as a whole says of each id, in the words of the answer to that id alone. */
function* differences(
  tree: DeviceTree,
  node: DeviceTreeNode,
  name: (typeof MAPS)[number],
  text: string,
  ids: Iterable<number>,
): Generator<string> {
  const release = parseRelease(text)
  const map = ofMapEntries(tree, node, name, release)
  if (map.state !== 'known') return
  const to = idsOfMap(map, REQUESTER_IDS, {
    owner: { key: '', kind: 'pci', name: '', node },
    node,
    property: name,
    spaceOf: (target) => ({ kind: 'DeviceID', key: target.path, target, tellsApart: true }),
  })
  for (const id of ids) {
    const way = wayOf(to, id)
    const whole = way && 'space' in way ? `${way.space.key} ${outputIn(map, way, id)}` : way?.why
    const alone = answer(ofMapId(tree, node, id, name, release))
    if (whole !== alone) yield `${text} ${node.path} ${name} ${id}: ${whole ?? 'nobody'} where of_map_id says ${alone}`
  }
}

/** An MSI controller of no cells takes the id as it is, whatever the mask hides. */
function outputIn(map: Extract<ReturnType<typeof ofMapEntries>, { state: 'known' }>, way: IdWay, id: number): number {
  const [step] = way.steps
  const entry = step && 'entry' in step ? step.entry : undefined
  // No assertion of its own: this is asked of every id of every captured tree.
  if (entry === undefined || !map.reading.entries.includes(entry)) throw new Error('a way by no entry of the map')
  return entry.outCount === 0 ? id : outputOf(way, id)
}

function answer(result: ReturnType<typeof ofMapId>): string {
  switch (result.kind) {
    case 'matched':
      return `${result.target.path} ${result.id}`
    case 'error':
      return result.error
    case 'unreadable':
      return result.reason
    case 'no-match':
    case 'absent':
      return result.kind
  }
}

const BASES = [0, 1, 8, 0xff, 0x100, 0x101, 0x1ff, 0x7fff, 0x8000, 0xffff, 0x10000, 0xffffffff]
const base = constantFrom(...BASES)
const entries = array(
  record({
    idBase: base,
    phandle: constantFrom(1, 1, 1, 2, 3, 4, 9),
    outputs: array(constantFrom(0, 7, 0x100, 0xffffff00, 0xffffffff), { minLength: 0, maxLength: 3 }),
    length: constantFrom(0, 1, 1, 2, 0x100, 0x10000, 0xffffffff),
  }),
  { minLength: 1, maxLength: 5 },
)
const CELLS = [0, 1, 1, 2, 3, 17]
const widths = array(option(constantFrom(...CELLS), { nil: -1 }), { minLength: 4, maxLength: 4 })
const masks = option(constantFrom(0, 0xff00, 0xfff8, 0xffff, 0x27ff), { nil: undefined })

describe('all ids of a map at once', () => {
  test.each(['6.12.0', '7.2.0'])('go where each of them goes alone, by %s', (text) => {
    assert(
      property(entries, widths, masks, nat(3), integer(), (list, cellsOf, mask, cut, seed) => {
        const width = (phandle: number) => Math.max(0, Math.min(cellsOf[phandle - 1] ?? 1, 3))
        const cells = list.flatMap(({ idBase, phandle, outputs, length }) => {
          const count = text === '7.2.0' ? width(phandle) : 1
          return [idBase, phandle, ...Array.from({ length: count }, (_, at) => outputs[at] ?? 0), length]
        })
        // A few lose their end.
        const map = seed % 7 === 0 ? cells.slice(0, Math.max(1, cells.length - cut)) : cells
        const targets = Object.fromEntries(
          cellsOf.map((count, at) => [
            `target${at}`,
            { phandle: [at + 1], ...(count < 0 ? {} : { '#msi-cells': [count], '#iommu-cells': [count] }) },
          ]),
        )
        const masked = mask === undefined ? {} : { 'msi-map-mask': [mask], 'iommu-map-mask': [mask] }
        const tree = deviceTree({ ...targets, pcie: { 'msi-map': map, 'iommu-map': map, ...masked } }, seed % 5 !== 0)
        const edges = BASES.flatMap((id) => [id - 1, id, id + 1, id + 2]).filter((id) => id >= 0 && id <= 0xffff)
        for (const name of MAPS) expect([...differences(tree, nodeAt(tree, '/pcie'), name, text, edges)]).toEqual([])
      }),
      { numRuns: 250 },
    )
  })

  const named = `go where each goes in captured trees${hasCaptures ? '' : ' (no captures)'}`
  test.skipIf(!hasCaptures)(named, { timeout: 300_000 }, async () => {
    const every = Array.from({ length: 0x10000 }, (_, id) => id)
    const seen = new Set<string>()
    for (const name of captureNames()) {
      const { deviceTree: tree, kernel } = probeMachine((await openCapture(name)).sysroot)
      if (tree.state !== 'known' || kernel.release.state !== 'known') continue
      for (const node of walkNodes(tree.value.root))
        for (const map of MAPS) {
          const raw = node.properties.get(map)
          if (raw?.state !== 'known') continue
          const key = `${kernel.release.value} ${map} ${raw.value.join(' ')}`
          if (seen.has(key)) continue
          seen.add(key)
          expect([...differences(tree.value, node, map, kernel.release.value, every)]).toEqual([])
        }
    }
    expect(seen.size).toBeGreaterThan(0)
  })
})

describe('bits in which the ids of a range differ', () => {
  it.each([
    [0x100, 0x100, 0],
    [0x100, 0x101, 1],
    [0x100, 0x1ff, 0xff],
    [0x0ff, 0x100, 0x1ff],
    [0, 0x8000_0000, 0xffff_ffff],
  ])('%i to %i: %i', (first, last, bits) => {
    expect(varyingBits({ first, last })).toBe(bits)
  })
})

describe('what the ids of a range are after a mask', () => {
  it('are pieces where the mask has holes', () => {
    expect(maskedRanges({ first: 0x100, last: 0x10f }, 0xfff7)).toEqual([{ first: 0x100, last: 0x107 }])
    expect(maskedRanges({ first: 0, last: 0x3ff }, 0xfeff)).toEqual([
      { first: 0, last: 0xff },
      { first: 0x200, last: 0x2ff },
    ])
  })
  it('are what each of them becomes', () => {
    const anyMask = constantFrom(0, 1, 0xff00, 0xfff8, 0xfff7, 0x27ff, 0xffff_0000, 0xffff_fffe)
    const anyFirst = constantFrom(0, 0x7f, 0x1_0000, 0x7fff_ff80, 0xffff_fe00)
    assert(
      property(anyFirst, nat(300), anyMask, (first, more, mask) => {
        const ids = Array.from({ length: more + 1 }, (_, at) => first + at)
        const each = new Set(ids.map((id) => (id & mask) >>> 0))
        const ranges = maskedRanges({ first, last: first + more }, mask)
        const all = ranges.flatMap((range) =>
          [...Array(range.last - range.first + 1).keys()].map((at) => range.first + at),
        )
        expect(all).toEqual([...each].sort((left, right) => left - right))
        expect(ranges.every((range, at) => at === 0 || range.first > (ranges[at - 1]?.last ?? 0) + 1)).toBe(true)
      }),
    )
  })
  it('of all 32-bit ids are one range, without a look at each: a device outside PCI may have any', () => {
    expect(maskedRanges(EVERY_ID, 0xfff8)).toEqual([{ first: 0, last: 0xfff8 }])
  })
})
