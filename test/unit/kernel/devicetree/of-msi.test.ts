import { describe, expect, it } from 'vitest'
import { ofMsiDeviceId, ofMsiXlate } from '../../../../src/kernel/devicetree/of-msi.js'
import { firstMsiParent, msiParentsOf, namesMsiController } from '../../../../src/kernel/devicetree/of-msi-parent.js'
import { parseRelease } from '../../../../src/kernel/release.js'
import type { DeviceTreeNode } from '../../../../src/machine/devicetree.js'
import { absent, known, unreadable, type Fact } from '../../../../src/machine/fact.js'
import { deviceTree, nodeAt, type NodeLiteral } from './device-tree-nodes.js'

const [ITS, ITS0, V2M] = [1, 2, 3]
const controllers: NodeLiteral = {
  its: { phandle: [ITS], '#msi-cells': [1] },
  its0: { phandle: [ITS0] },
  v2m: { phandle: [V2M], '#msi-cells': [0] },
}

/** Walks function, bridge, host bridge, in that order. */
function xlate(
  nodes: { fn?: NodeLiteral; bridge?: NodeLiteral; host: NodeLiteral },
  id: number,
  release: string | undefined,
  wanted?: string,
) {
  const tree = deviceTree({ ...controllers, host: nodes.host, bridge: nodes.bridge ?? {}, fn: nodes.fn ?? {} })
  const chain = ['/fn', '/bridge', '/host'].map((path): Fact<DeviceTreeNode> => known(nodeAt(tree, path)))
  const parsed = release === undefined ? undefined : parseRelease(release)
  const result = ofMsiXlate(tree, chain, id, parsed, {
    filter: wanted === undefined ? undefined : nodeAt(tree, wanted),
  })
  return result.kind === 'mapped' ? { via: result.via, controller: result.controller.name, id: result.id } : result
}

describe('of_msi_xlate', () => {
  const host = { 'msi-map': [0, ITS, 0x20000, 0x10000] }
  it.each(['6.1.0', '6.16.0', '6.17.0', '6.18.0', '7.2.0'])('takes the nearest msi-map on %s', (release) => {
    expect(xlate({ host }, 0x108, release)).toEqual({ via: 'msi-map', controller: 'its', id: 0x20108 })
    expect(xlate({ host, bridge: { 'msi-map': [0, ITS, 0, 0x10000] } }, 0x108, release)).toMatchObject({ id: 0x108 })
  })
  it('D5: goes on upwards after an error, and finds nothing at the end', () => {
    const bad = { 'msi-map': [0x108, ITS, 0, 0x100], 'msi-map-mask': [0xff00] }
    expect(xlate({ host: bad }, 0x108, '6.12.0')).toMatchObject({
      kind: 'none',
      id: 0x108,
      passed: [{ error: 'EFAULT' }],
    })
    expect(xlate({ host, bridge: bad }, 0x108, '6.12.0')).toMatchObject({ controller: 'its', id: 0x20108 })
  })
  it('D6: a map without an entry ends the walk', () => {
    const bridge = { 'msi-map': [0, ITS, 0, 0x100] }
    expect(xlate({ host, bridge }, 0x200, '6.12.0')).toMatchObject({
      kind: 'bypass',
      id: 0x200,
      at: { name: 'bridge' },
    })
  })
  it('D8: from 6.18 on an msi-parent without cells is a controller, the id unchanged', () => {
    for (const parent of [ITS0, V2M]) {
      const node = { 'msi-parent': [parent] }
      expect(xlate({ host: node }, 0x108, '6.17.0')).toMatchObject({ kind: 'none' })
      expect(xlate({ host: node }, 0x108, '6.18.0')).toMatchObject({ via: 'msi-parent', id: 0x108 })
      expect(xlate({ host: node }, 0x108, undefined)).toMatchObject({
        kind: 'unreadable',
        reason: 'release-undetermined',
      })
    }
  })
  it('passes over an msi-parent with cells, of an unknown phandle, or behind a conflicting controller', () => {
    for (const parent of [[ITS, 0], [ITS], [99], [0]])
      expect(xlate({ host, bridge: { 'msi-parent': parent } }, 8, '7.1.0')).toMatchObject({
        controller: 'its',
        id: 0x20008,
      })
    expect(xlate({ host: { 'msi-parent': [V2M] } }, 8, '7.1.0', '/its0')).toMatchObject({ kind: 'none', id: 8 })
    expect(xlate({ host: { 'msi-parent': [V2M] } }, 8, '7.1.0', '/v2m')).toMatchObject({ via: 'msi-parent', id: 8 })
  })
  it('prefers msi-map to msi-parent of one node, and msi-parent to an msi-map with an error', () => {
    const both = { 'msi-map': [0, ITS, 7, 0x10000], 'msi-parent': [V2M] }
    expect(xlate({ host: both }, 8, '7.1.0')).toMatchObject({ via: 'msi-map', id: 15 })
    expect(xlate({ host: { ...both, 'msi-map': [0, ITS, 7] } }, 8, '7.1.0')).toMatchObject({ via: 'msi-parent' })
  })
  it('stops where an answer may have been', () => {
    const stop = { kind: 'unreadable', reason: 'permission' }
    expect(xlate({ host, fn: { 'msi-map': 'UNREADABLE' } }, 8, '6.12.0')).toMatchObject(stop)
    expect(xlate({ host, fn: { 'msi-parent': 'UNREADABLE' } }, 8, '6.18.0')).toMatchObject(stop)
    expect(xlate({ host, fn: { 'msi-parent': 'UNREADABLE' } }, 8, '6.12.0')).toMatchObject({ controller: 'its' })
  })
  it('D12 and D13: names the target whatever its state; whether it has a domain is another question', () => {
    const tree = deviceTree({ its: { phandle: [ITS], status: 'disabled' }, host })
    const result = ofMsiXlate(tree, [known(nodeAt(tree, '/host'))], 8, parseRelease('6.12.0'))
    expect(result).toMatchObject({ kind: 'mapped', controller: { path: '/its' } })
  })
  it('passes over devices without a node and stops at one whose node is not known', () => {
    const tree = deviceTree({ ...controllers, host })
    const bridge = known(nodeAt(tree, '/host'))
    const release = parseRelease('6.12.0')
    expect(ofMsiXlate(tree, [absent(), bridge], 8, release)).toMatchObject({ kind: 'mapped', id: 0x20008 })
    expect(ofMsiXlate(tree, [unreadable('io'), bridge], 8, release)).toMatchObject({ kind: 'unreadable', reason: 'io' })
  })
  it('gives the DeviceID at a chosen controller', () => {
    const tree = deviceTree({ ...controllers, host: { 'msi-map': [0, V2M, 1, 0x100, 0, ITS, 0x40, 0x100] } })
    const deviceId = (path: string, id: number) =>
      ofMsiDeviceId(tree, [known(nodeAt(tree, '/host'))], id, parseRelease('6.12.0'), nodeAt(tree, path))
    expect(deviceId('/its', 8)).toEqual({ kind: 'id', id: 0x48, guessed: false })
    expect(deviceId('/its0', 8)).toEqual({ kind: 'id', id: 8, guessed: true })
    expect(deviceId('/its', 0x108)).toEqual({ kind: 'id', id: 0x108, guessed: true })
    // A map that does not parse gives no id, and without any map the RequesterID is what arrives.
    const cut = deviceTree({ ...controllers, host: { 'msi-map': [0, ITS, 7] }, plain: {} })
    const at = (path: string) =>
      ofMsiDeviceId(cut, [known(nodeAt(cut, path))], 8, parseRelease('6.12.0'), nodeAt(cut, '/its'))
    expect(at('/host')).toEqual({ kind: 'id', id: 8, guessed: true })
    expect(at('/plain')).toEqual({ kind: 'id', id: 8, guessed: false })
    // One above it that does gives one.
    const above = deviceTree({
      ...controllers,
      host: { 'msi-map': [0, ITS, 7] },
      bus: { 'msi-map': [0, ITS, 0, 0x100] },
    })
    const chain = ['/host', '/bus'].map((path) => known(nodeAt(above, path)))
    expect(ofMsiDeviceId(above, chain, 8, parseRelease('6.12.0'), nodeAt(above, '/its'))).toEqual({
      kind: 'id',
      id: 8,
      guessed: false,
    })
  })
})

describe('msi-parent of a host bridge', () => {
  const parents = (cells: readonly number[] | 'UNREADABLE', release: string | undefined, bus?: 'pci' | 'platform') => {
    const tree = deviceTree({ ...controllers, host: { 'msi-parent': cells } })
    const parsed = release === undefined ? undefined : parseRelease(release)
    const found = msiParentsOf(tree, nodeAt(tree, '/host'), parsed, bus)
    return [found.parents.map(({ node, specifier }) => [node.name, ...specifier]), found.end]
  }
  it.each([
    ['D8', [ITS0], '6.8.0', [[['its0']], 'complete']],
    ['D8', [ITS0], '6.12.0', [[['its0']], 'complete']],
    ['D9', [ITS], '6.8.0', [[], 'complete']],
    ['D9', [ITS], '6.12.0', [[], 'error']],
    ['D10', [ITS, 0], '6.8.0', [[], 'complete']],
    ['D10', [ITS, 0], '6.12.0', [[['its', 0]], 'complete']],
    ['several', [V2M, ITS, 7, ITS0], '6.12.0', [[['v2m'], ['its', 7], ['its0']], 'complete']],
    ['several', [ITS0, V2M], '6.8.0', [[['its0']], 'complete']],
    ['unknown phandle behind a good one', [ITS0, 99], '6.12.0', [[['its0']], 'error']],
    ['empty entry', [0, ITS0], '6.12.0', [[['its0']], 'complete']],
    ['unknown phandle', [99], '6.8.0', [[], 'error']],
    ['empty entry', [0], '6.8.0', [[], 'error']],
    ['unknown phandle to both rules', [99], '6.9.0', [[], 'error']],
  ] as const)('%s %j on %s', (_, cells, release, expected) => {
    expect(parents(cells, release)).toEqual(expected)
  })
  it('reads the long form for platform devices before 6.12', () => {
    expect(parents([ITS, 7], '6.8.0', 'platform')).toEqual([[['its', 7]], 'complete'])
    // Behind the first each target has to declare its width (K: 6.1 drivers/of/irq.c, of_parse_phandle_with_args).
    expect(parents([ITS, 7, ITS0], '6.8.0', 'platform')).toEqual([[['its', 7]], 'error'])
    expect(parents([ITS, 7, ITS0], '6.12.0', 'platform')).toEqual([[['its', 7], ['its0']], 'complete'])
  })
  it.each([
    ['6.8.0', []],
    ['6.12.0', ['/its0']],
  ])('on %s takes no phandle for unknown in a tree that is not whole', (release, before) => {
    const cells = release === '6.8.0' ? [99] : [ITS0, 99]
    const tree = deviceTree({ ...controllers, host: { 'msi-parent': cells } }, false)
    const found = msiParentsOf(tree, nodeAt(tree, '/host'), parseRelease(release))
    expect(found).toMatchObject({ end: 'unreadable', reason: 'tree-incomplete' })
    expect(found.parents.map(({ node }) => node.path)).toEqual(before)
  })
  // "of/irq: Support #msi-cells=<0> in of_msi_get_domain", in the ChangeLog of each of these updates of October 2024.
  it.each([
    ['4.19', 323],
    ['5.4', 285],
    ['5.10', 227],
    ['5.15', 168],
    ['6.1', 113],
    ['6.6', 55],
    ['6.10', 14],
    ['6.11', 3],
  ])('reads them all on %s from update %i on', (series, update) => {
    for (const patch of [update, update + 1])
      expect(parents([ITS, 0], `${series}.${patch}`)).toEqual([[['its', 0]], 'complete'])
    expect(parents([ITS, 0], `${series}.${update - 1}`)).toEqual([[], 'complete'])
  })
  it('never does on a series that had no such update', () => {
    for (const release of ['6.8.12', '5.14.21']) expect(parents([ITS, 0], release)).toEqual([[], 'complete'])
    // A number behind the update is the builder's own, and hides nothing.
    expect(parents([ITS, 0], '6.1.112-3')).toEqual([[], 'complete'])
  })
  it('needs both rules to agree between 6.8 and 6.12, where the release hides its update and without one', () => {
    for (const release of [
      '5.10.134-16.2.an8.aarch64',
      '6.9.0',
      '6.1.0-28-arm64',
      '6.8.0-45-generic',
      '5.14.0-503.el9.aarch64',
      undefined,
    ]) {
      expect(parents([ITS0], release)).toEqual([[['its0']], 'complete'])
      expect(parents([ITS, 0], release)).toEqual([[], 'unreadable'])
    }
  })
  it('is not known where only the newer rule meets a phandle that a tree in part may have', () => {
    const tree = deviceTree({ ...controllers, host: { 'msi-parent': [ITS0, 99] } }, false)
    const found = msiParentsOf(tree, nodeAt(tree, '/host'), parseRelease('6.9.0'))
    expect(found).toEqual({ parents: [], end: 'unreadable', reason: 'release-undetermined' })
    // Where it counts for the function itself, from 6.18 on.
    const first = deviceTree({ ...controllers, host: { 'msi-parent': [99] } }, false)
    expect(firstMsiParent(first, nodeAt(first, '/host'))).toEqual({ kind: 'unreadable', reason: 'tree-incomplete' })
  })
  it('tells absence from damage', () => {
    const tree = deviceTree({ host: {} })
    expect(msiParentsOf(tree, nodeAt(tree, '/host'), parseRelease('6.12.0'))).toEqual({ parents: [], end: 'absent' })
    expect(parents('UNREADABLE', '6.12.0')).toEqual([[], 'unreadable'])
    expect(parents([], '6.12.0')).toEqual([[], 'unreadable'])
    const closed = deviceTree({ its: { phandle: [ITS], '#msi-cells': 'UNREADABLE' }, host: { 'msi-parent': [ITS, 0] } })
    for (const release of ['6.8.0', '6.12.0'])
      expect(msiParentsOf(closed, nodeAt(closed, '/host'), parseRelease(release))).toEqual({
        parents: [],
        end: 'unreadable',
        reason: 'permission',
      })
  })
  it('D11: knows whether a bridge names a controller at all', () => {
    const tree = deviceTree({ a: {}, b: { 'msi-map': [0, ITS, 0, 1] }, c: { 'msi-parent': 'UNREADABLE' } })
    expect(['/a', '/b', '/c'].map((path) => namesMsiController(nodeAt(tree, path)))).toEqual(['no', 'yes', 'unknown'])
  })
})
