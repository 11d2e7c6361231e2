import { describe, expect, it } from 'vitest'
import { contextOf } from '../../../../src/kernel/build-context.js'
import { hostBridgeNodeOf, isHostBridge, requesterIdsOfBridge } from '../../../../src/kernel/devicetree/host-bridge.js'
import { absent, known, unreadable, type Fact } from '../../../../src/machine/fact.js'
import type { Machine } from '../../../../src/machine/machine.js'
import type { PciFunction } from '../../../../src/machine/pci.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { arm, sysrootOf } from '../../rules/metal.js'
import { pciFunction } from '../pci/pci-functions.js'
import { deviceTree, nodeAt } from './device-tree-nodes.js'

// K: drivers/pci/of.c, of_pci_parse_bus_range and what devm_of_pci_get_host_bridge_resources makes of it.
describe('RequesterIDs of a host bridge', () => {
  it.each([
    [[0, 0xff], 0, 0xffff],
    [[0x20, 0x2f], 0x2000, 0x2fff],
    [[0x20, 0x100], 0x2000, 0xffff],
    [[0x20, 0x2f, 9], 0x2000, 0x2fff],
    [[0x20, 0x20], 0x2000, 0x20ff],
    [[0xff, 0xff], 0xff00, 0xffff],
    [[0x20], 0, 0xffff],
    // A range that no bus number fits says nothing.
    [[0x30, 0x2f], 0, 0xffff],
    [[0x100, 0x1ff], 0, 0xffff],
  ])('bus-range %j', (range, first, last) => {
    const tree = deviceTree({ pcie: { 'bus-range': range } })
    expect(requesterIdsOfBridge(nodeAt(tree, '/pcie'))).toEqual({ first, last })
  })
  it('without bus-range are all', () => {
    expect(requesterIdsOfBridge(nodeAt(deviceTree({ pcie: {} }), '/pcie'))).toEqual({ first: 0, last: 0xffff })
  })
})

// K: drivers/pci/of.c: of_node_is_type compares the first string; a PCI node below one is a device of its bus.
describe('a host bridge', () => {
  const tree = deviceTree({
    pcie: { device_type: 'pci', port: { device_type: 'pci' }, named: { compatible: 'pci-host-ecam-generic' } },
    two: { device_type: new TextEncoder().encode('pci\0isa\0') },
    isa: { device_type: new TextEncoder().encode('isa\0pci\0') },
    closed: { device_type: 'UNREADABLE' },
    ecam: { compatible: 'pci-host-ecam-generic' },
    other: { compatible: 'arm,gic-v3' },
    unread: { compatible: 'UNREADABLE' },
    bare: {},
  })
  it.each([
    ['/pcie', true],
    ['/pcie/port', false],
    ['/two', true],
    ['/isa', false],
    ['/closed', false],
    ['/ecam', true],
    ['/other', false],
    ['/unread', false],
    ['/bare', false],
  ])('%s: %s', (path, expected) => {
    expect(isHostBridge(nodeAt(tree, path))).toBe(expected)
  })
  it('may be the root of a tree', () => {
    expect(isHostBridge(nodeAt(deviceTree({ device_type: 'pci' }), '/'))).toBe(true)
  })
})

describe('the node of the host bridge above a function', () => {
  const MACHINE = probeMachine(sysrootOf({ machine: arm() }))
  const TREE = known(deviceTree({ pcie: {} }))
  const bus = (node: Fact<string>) =>
    known({ name: 'pci0000:00', parentPath: 'devices/platform/pcie', deviceTreeNode: node })
  const CLOSED = unreadable('permission')
  it.each<[string, PciFunction['rootBus'], Machine['deviceTree'], string]>([
    ['that it has', bus(known('/pcie')), TREE, '/pcie'],
    ['that the tree has not', bus(known('/gone')), TREE, 'unreadable io'],
    ['of a tree that cannot be read', bus(known('/pcie')), CLOSED, 'unreadable permission'],
    ['of a tree that is not there', bus(known('/pcie')), absent(), 'unreadable io'],
    ['that it has not', bus(absent()), TREE, 'absent'],
    ['that cannot be read', bus(CLOSED), TREE, 'unreadable permission'],
    ['of a root bus that cannot be read', CLOSED, TREE, 'unreadable permission'],
    ['of no root bus', absent(), TREE, 'absent'],
  ])('%s', (_, rootBus, deviceTreeFact, expected) => {
    const fn = { ...pciFunction({ at: '01:00.0' }), rootBus }
    const node = hostBridgeNodeOf(contextOf({ ...MACHINE, deviceTree: deviceTreeFact, functions: known([fn]) }), fn)
    expect(
      node.state === 'known' ? node.value.path : node.state === 'unreadable' ? `unreadable ${node.reason}` : node.state,
    ).toBe(expected)
  })
})
