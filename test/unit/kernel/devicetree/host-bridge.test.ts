import { expect, it } from 'vitest'
import { contextOf } from '../../../../src/kernel/build-context.js'
import { hostBridgeNodeOf } from '../../../../src/kernel/devicetree/host-bridge.js'
import type { DeviceTree } from '../../../../src/machine/devicetree.js'
import { absent, known, unreadable, type Fact } from '../../../../src/machine/fact.js'
import type { RootBus } from '../../../../src/machine/pci.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { arm, sysrootOf } from '../../rules/metal.js'
import { pciFunction } from '../pci/pci-functions.js'
import { deviceTree, nodeAt } from './device-tree-nodes.js'

const machine = probeMachine(sysrootOf({ machine: arm({}) }))
const tree = deviceTree({ pcie: {} })
const at = (deviceTreeNode: Fact<string>): Fact<RootBus> =>
  known({ name: 'pci0000:00', parentPath: 'devices/platform/pcie', deviceTreeNode })

const closed = unreadable('permission')
const whole: Fact<DeviceTree> = known(tree)

// What could not be read is never taken for a machine without a tree.
it.each<[string, Fact<RootBus>, Fact<DeviceTree>, object]>([
  ['its node', at(known('/pcie')), whole, { state: 'known', value: nodeAt(tree, '/pcie') }],
  ['no root bus', absent(), whole, { state: 'absent' }],
  ['a root bus that is closed', closed, whole, { state: 'unreadable', reason: 'permission' }],
  ['a root bus without a node', at(absent()), whole, { state: 'absent' }],
  ['a node whose link is closed', at(closed), whole, { state: 'unreadable', reason: 'permission' }],
  ['a tree that is closed', at(known('/pcie')), closed, { state: 'unreadable', reason: 'permission' }],
  ['a node and no tree', at(known('/pcie')), absent(), { state: 'unreadable', reason: 'io' }],
  ['a node that the tree has not', at(known('/other')), whole, { state: 'unreadable', reason: 'io' }],
])('the host bridge of a function: %s', (_, rootBus, read, expected) => {
  const fn = { ...pciFunction({ at: '00:01.0' }), rootBus }
  expect(hostBridgeNodeOf(contextOf({ ...machine, deviceTree: read }), fn)).toMatchObject(expected)
})
