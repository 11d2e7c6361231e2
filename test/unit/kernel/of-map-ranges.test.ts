import { describe, expect, it } from 'vitest'
import { array, assert, constantFrom, nat, option, property, tuple } from 'fast-check'
import { ofMapEntries } from '../../../src/kernel/devicetree/of-map-entries.js'
import { ofMapId } from '../../../src/kernel/devicetree/of-map-id.js'
import { ofMapRouting, requesterIdsOfBridge, varyingBits } from '../../../src/kernel/devicetree/of-map-ranges.js'
import { parseRelease } from '../../../src/kernel/release.js'
import { deviceTree, nodeAt } from './device-tree-nodes.js'

const release = parseRelease('6.12.0')
const ITS = 1
const LAST = 0x3f

function bridgeWith(entries: readonly (readonly [base: number, out: number, length: number])[], mask?: number) {
  const tree = deviceTree({
    its: { phandle: [ITS] },
    pcie: {
      'msi-map': entries.flatMap(([base, out, length]) => [base, ITS, out, length]),
      ...(mask === undefined ? {} : { 'msi-map-mask': [mask] }),
    },
  })
  return { tree, node: nodeAt(tree, '/pcie') }
}

describe('all ids of a map at once', () => {
  it('go where each of them goes alone', () => {
    const cell = nat(LAST)
    const entries = array(tuple(cell, nat(0xffff), nat(0x20)), { minLength: 1, maxLength: 4 })
    const masks = option(constantFrom(0, 0x38, 0x3f, 0x27), { nil: undefined })
    assert(
      property(entries, masks, tuple(cell, cell), (list, mask, [left, right]) => {
        // An id base with bits outside the mask spoils the entries behind it; a rule of its own speaks of that.
        const bases = list.map(([base, out, length]) => [base & (mask ?? 0xffff), out, length] as const)
        const { tree, node } = bridgeWith(bases, mask)
        const map = ofMapEntries(tree, node, 'msi-map', release)
        if (map.state !== 'known') throw new Error(map.state)
        const [first, last] = [Math.min(left, right), Math.max(left, right)]
        const { mapped, lost } = ofMapRouting(map, { first, last })
        for (let id = first; id <= last; id++) {
          const alone = ofMapId(tree, node, id, 'msi-map', release)
          const masked = mask === undefined ? id : id & mask
          const range = mapped.find((at) => masked >= at.first && masked <= at.last)
          const output = range && range.output + masked - range.first
          expect(output).toBe(alone.kind === 'matched' ? alone.id : undefined)
          expect(lost.some((at) => masked >= at.first && masked <= at.last)).toBe(alone.kind === 'no-match')
        }
      }),
    )
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

describe('RequesterIDs of a host bridge', () => {
  it.each([
    [[0, 0xff], 0, 0xffff],
    [[0x20, 0x2f], 0x2000, 0x2fff],
    // A range that no bus number fits says nothing.
    [[0x30, 0x2f], 0, 0xffff],
    [[0, 0x100], 0, 0xffff],
  ])('bus-range %j', (range, first, last) => {
    const tree = deviceTree({ pcie: { 'bus-range': range } })
    expect(requesterIdsOfBridge(nodeAt(tree, '/pcie'))).toEqual({ first, last })
  })
  it('without bus-range are all', () => {
    expect(requesterIdsOfBridge(nodeAt(deviceTree({ pcie: {} }), '/pcie'))).toEqual({ first: 0, last: 0xffff })
  })
})
