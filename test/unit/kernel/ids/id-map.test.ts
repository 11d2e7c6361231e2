import { describe, expect, it } from 'vitest'
import { contextOf } from '../../../../src/kernel/build-context.js'
import { busesBySegment, idMapOf } from '../../../../src/kernel/ids/id-map.js'
import { ControllerList } from '../../../../src/kernel/msi/controller-list.js'
import type { MsiController } from '../../../../src/kernel/msi/msi-controller.js'
import { msiControllersOf } from '../../../../src/kernel/msi/msi-controllers.js'
import { absent, known, mapFact, unreadable } from '../../../../src/machine/fact.js'
import type { IortNode } from '../../../../src/machine/iort.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { arm, sysrootOf, tree } from '../../rules/metal.js'
import { deviceTree, nodeAt, type NodeLiteral } from '../devicetree/device-tree-nodes.js'
import { group, mapping, rc, tableOf } from '../iort/iort-nodes.js'

const machine = probeMachine(sysrootOf({ machine: arm({ kernel: { release: '7.2.0' } }) }))

/** What two bridges share that give the same DeviceIDs to two controllers. */
function shared(controllers: NodeLiteral) {
  const bridge = (domain: number, phandle: number): NodeLiteral => ({
    compatible: 'pci-host-ecam-generic',
    device_type: 'pci',
    'linux,pci-domain': [domain],
    'msi-map': [0, phandle, 0, 0x100],
  })
  const nodes = deviceTree({ compatible: 'example', ...controllers, pcie0: bridge(0, 1), pcie1: bridge(1, 2) })
  const context = contextOf({ ...machine, acpi: { ...machine.acpi, iort: absent() }, deviceTree: known(nodes) })
  const ids = idMapOf(context, msiControllersOf(context))
  return ids
    .collisions()
    .map(({ left, right }) => [left.owner.node, right.owner.node].flatMap((at) => ('path' in at ? at.path : [])))
}

// devicetree.md section 3: a translate frame stands for the GICv5 ITS that is its parent. beyond-kernel.md H7: one table.
describe('the same DeviceIDs at two controllers of a tree', () => {
  const frame = (phandle: number): NodeLiteral => ({
    phandle: [phandle],
    'msi-controller': [],
    '#msi-cells': [1],
    'reg-names': 'ns-translate',
    reg: [0, 0x2f130000 + phandle * 0x10000, 0, 0x10000],
  })
  const its = (frames: NodeLiteral): NodeLiteral => ({
    compatible: 'arm,gic-v5-its',
    reg: [0, 0x2f120000, 0, 0x10000],
    ...frames,
  })
  const v3 = (phandle: number): NodeLiteral => ({
    compatible: 'arm,gic-v3-its',
    phandle: [phandle],
    'msi-controller': [],
    '#msi-cells': [1],
    reg: [0, 0x8080000 + phandle * 0x20000, 0, 0x20000],
  })
  it('collide in the table of one GICv5 ITS, and not in those of two', () => {
    expect(shared({ its: its({ one: frame(1), two: frame(2) }) })).toEqual([['/pcie0', '/pcie1']])
    expect(shared({ its0: its({ one: frame(1) }), its1: its({ two: frame(2) }) })).toEqual([])
  })
  it('do not collide at two GICv3 ITS', () => {
    expect(shared({ its0: v3(1), its1: v3(2) })).toEqual([])
  })
})

// K: arch/arm64 takes the buses of a segment from MCFG; a segment that it leaves out may have any.
describe('the RequesterIDs of the buses of a segment', () => {
  const ELSEWHERE = { offset: 0, baseAddress: 0n }
  const buses = (...allocations: readonly (readonly [segment: number, startBus: number, endBus: number])[]) =>
    busesBySegment(
      mapFact(machine.acpi.mcfg, (table) => ({
        ...table,
        allocations: allocations.map(([segment, startBus, endBus]) => ({ segment, startBus, endBus, ...ELSEWHERE })),
      })),
    )
  const ALL = [{ first: 0, last: 0xffff }]
  it('are those of its allocations, the last function of the last bus included', () => {
    const of = buses([0, 0, 0x1f], [1, 0x80, 0xff], [0, 0x40, 0x40])
    expect(of(0)).toEqual([
      { first: 0, last: 0x1fff },
      { first: 0x4000, last: 0x40ff },
    ])
    expect(of(1)).toEqual([{ first: 0x8000, last: 0xffff }])
    expect(buses([0, 0, 0x1f], [0, 0x20, 0xff])(0)).toEqual(ALL)
  })
  it('are all where it says nothing that can be', () => {
    expect(buses([0, 0, 0x1f])(1)).toEqual(ALL)
    expect(buses([0, 0x20, 0x1f])(0)).toEqual(ALL)
    expect(busesBySegment(absent())(0)).toEqual(ALL)
    expect(busesBySegment(unreadable('io'))(0)).toEqual(ALL)
  })
})

describe('the ids of an IORT', () => {
  const at = (segment: number, its: number): IortNode => ({
    ...rc([mapping({ idCount: 0xff, outputReference: its })]),
    offset: 1 + segment,
    segment,
  })
  const TWO_SEGMENTS = known(tableOf(at(0, 100), at(1, 200), group(100, [0]), group(200, [1])))
  const [FIRST] = msiControllersOf(contextOf(machine)).all.filter(({ kind }) => kind === 'its')
  const its = (id: string, change: Partial<MsiController>): MsiController => {
    if (!FIRST) throw new Error('no ITS')
    return { ...FIRST, key: `its ${id}`, id, ...change }
  }
  const keys = (...controllers: readonly MsiController[]) => {
    const ids = idMapOf(
      contextOf({ ...machine, acpi: { ...machine.acpi, iort: TWO_SEGMENTS } }),
      new ControllerList(controllers),
    )
    return [...new Set(ids.iort?.claims.map(({ space }) => space.key)), ids.collisions().length]
  }
  // beyond-kernel.md H7: an ITS that is listed twice has one table.
  it('are counted in the tables of the ITSs that the machine has, which two of them may share', () => {
    expect(keys(its('0', {}), its('1', {}))).toEqual(['its 0', 'its 1', 0])
    expect(keys(its('0', { deviceTable: 'one' }), its('1', { deviceTable: 'one' }))).toEqual(['one', 1])
  })
  it('are counted by themselves where no ITS of the MADT has that number', () => {
    const node = nodeAt(deviceTree({ its: {} }), '/its')
    const others = [its('0', { kind: 'gicv2m' }), its('1', { node })]
    expect(keys(...others)).toEqual(['ITS 0', 'ITS 1', 0])
    expect(keys()).toEqual(['ITS 0', 'ITS 1', 0])
  })
})

describe('the ids of a function', () => {
  const mapOf = (description: ReturnType<typeof arm>) => {
    const context = contextOf(probeMachine(sysrootOf({ machine: description })))
    const ids = idMapOf(context, msiControllersOf(context))
    const fn = context.byName.get('0000:01:00.0')
    if (!fn) throw new Error('no card')
    const elsewhere = { ...fn, address: { ...fn.address, segment: 7 } }
    return { ids, fn, elsewhere }
  }
  it('are those of the root complex of its segment', () => {
    const { ids, fn, elsewhere } = mapOf(arm())
    expect(ids.bridgeOf(fn)).toBeUndefined()
    expect(ids.hostOf(fn)?.owner).toMatchObject({ kind: 'pci', name: 'PCI segment 0' })
    expect(ids.hostOf(elsewhere)).toBeUndefined()
  })
  it('are those of its host bridge in a tree', () => {
    const { ids, fn, elsewhere } = mapOf(tree())
    expect(ids.bridgeOf(fn)?.node.path).toMatch(/pcie@/)
    expect(ids.hostOf(fn)).toBe(ids.bridgeOf(fn))
    expect(ids.hostOf(elsewhere)).toBeUndefined()
  })
  it('of a controller of a tree that is no ITS are counted at its node', () => {
    const frame = { compatible: 'arm,gic-v2m-frame', phandle: [1], 'msi-controller': [] }
    const bridge = { compatible: 'pci-host-ecam-generic', device_type: 'pci', 'msi-map': [0, 1, 0, 0x100] }
    const nodes = deviceTree({ compatible: 'example', v2m: frame, pcie: bridge })
    const context = contextOf({ ...machine, acpi: { ...machine.acpi, iort: absent() }, deviceTree: known(nodes) })
    const [controller] = msiControllersOf(contextOf(machine)).all
    if (!controller) throw new Error('no controller')
    const v2m: MsiController = { ...controller, kind: 'gicv2m', deviceTable: 'of nobody', node: nodeAt(nodes, '/v2m') }
    for (const controllers of [[v2m], []])
      expect(idMapOf(context, new ControllerList(controllers)).tree?.bridges[0]?.toMsi?.reached[0]?.space.key).toBe(
        '/v2m',
      )
  })
})
