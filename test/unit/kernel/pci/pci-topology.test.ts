import { describe, expect, it } from 'vitest'
import {
  aliasesOnBus,
  bridgesAbove,
  buildPciTopology,
  functionAt,
  functionsOnBus,
  isMultifunction,
  portTypeOf,
} from '../../../../src/kernel/pci/pci-topology.js'
import { pciFunction, type FunctionLiteral } from './pci-functions.js'

type Type = NonNullable<FunctionLiteral['type']>

/** Functions one below the other, from the root bus down. */
function chain(...types: readonly Type[]) {
  const at = (index: number) => `0${index}:00.0`
  const below = (index: number) => Array.from({ length: index }, (_, above) => at(above))
  const functions = types.map((type, index) =>
    pciFunction({ at: at(index), type, secondaryBus: index + 1, below: below(index) }),
  )
  return { topology: buildPciTopology(functions, undefined), functions }
}

/**
 * K: drivers/pci/probe.c, set_pcie_port_type: of two ports that cannot follow each other the lower one is corrected, and the
 * new type written beside the field: what is left there is an endpoint. A root port, a downstream port and a bridge from PCI
 * to PCI Express lead down (drivers/pci/pci.h, pcie_downstream_port).
 */
describe('the type of a port', () => {
  it.each<[readonly Type[], string]>([
    [['root-port'], 'root-port'],
    [['downstream-port'], 'downstream-port'],
    [['root-port', 'upstream-port'], 'upstream-port'],
    [['root-port', 'upstream-port', 'downstream-port'], 'downstream-port'],
    [['root-port', 'downstream-port'], 'endpoint'],
    [['pci-to-pcie-bridge', 'downstream-port'], 'endpoint'],
    [['pcie-to-pci-bridge', 'downstream-port'], 'downstream-port'],
    [['root-port', 'upstream-port', 'upstream-port'], 'endpoint'],
    [['root-port', 'upstream-port', 'downstream-port', 'downstream-port'], 'endpoint'],
    // One that was corrected neither leads down nor up.
    [['root-port', 'downstream-port', 'downstream-port'], 'downstream-port'],
    [['root-port', 'upstream-port', 'upstream-port', 'upstream-port'], 'upstream-port'],
    // Others are what they say.
    [['root-port', 'root-port'], 'root-port'],
    [['upstream-port', 'pcie-to-pci-bridge'], 'pcie-to-pci-bridge'],
    [['conventional'], 'conventional'],
    [['conventional', 'upstream-port'], 'upstream-port'],
    [['header', 'endpoint'], 'endpoint'],
    [['header', 'downstream-port'], 'unknown'],
    [['header'], 'unknown'],
    [['none'], 'unknown'],
    // What stands above one that cannot be read decides no longer.
    [['none', 'downstream-port'], 'unknown'],
    [['none', 'upstream-port'], 'unknown'],
    [['none', 'upstream-port', 'downstream-port'], 'unknown'],
    [['none', 'root-port'], 'root-port'],
    [['none', 'root-port', 'upstream-port'], 'upstream-port'],
  ])('%j: %s', (types, expected) => {
    const { topology, functions } = chain(...types)
    const [last] = functions.slice(-1)
    expect(last && portTypeOf(topology, last)).toBe(expected)
  })
  it('is not known where the way up is not', () => {
    const port = pciFunction({ at: '01:00.0', type: 'downstream-port', below: 'UNREADABLE' })
    expect(portTypeOf(buildPciTopology([port], undefined), port)).toBe('unknown')
    const root = pciFunction({ at: '01:00.0', type: 'root-port', below: 'UNREADABLE' })
    expect(portTypeOf(buildPciTopology([root], undefined), root)).toBe('root-port')
  })
})

describe('the functions of a machine', () => {
  const [first, second, other] = ['01:00.1', '01:00.0', '02:00.0'].map((at) => pciFunction({ at }))
  const elsewhere = pciFunction({ at: '0001:01:00.0' })
  it('are those of a bus by segment and number, in the order of addresses', () => {
    if (!first || !second || !other) throw new Error('there are three')
    const topology = buildPciTopology([first, elsewhere, other, second], undefined)
    expect(functionsOnBus(topology, first).map(({ name }) => name)).toEqual(['0000:01:00.0', '0000:01:00.1'])
    expect(functionsOnBus(topology, elsewhere)).toEqual([elsewhere])
    expect(functionsOnBus(buildPciTopology([], undefined), first)).toEqual([])
    expect(topology.functions.map(({ name }) => name)).toEqual([
      '0000:01:00.0',
      '0000:01:00.1',
      '0000:02:00.0',
      '0001:01:00.0',
    ])
  })
  it('are found by their address, their name and their node, where the first of a node counts', () => {
    const literals = ['01:00.1', '01:00.0', '01:02.1', '02:00.0'].map((at) => ({ at, deviceTreeNode: '/pcie/nic' }))
    const { byNode, ...topology } = buildPciTopology([...literals.map(pciFunction), elsewhere], undefined)
    const at = (address: string) => functionAt({ byNode, ...topology }, pciFunction({ at: address }).address)?.name
    expect(['01:00.1', '01:02.1', '0001:01:00.0'].map(at)).toEqual(['0000:01:00.1', '0000:01:02.1', '0001:01:00.0'])
    expect(['01:02.0', '01:00.2', '03:00.0'].map(at)).toEqual([undefined, undefined, undefined])
    expect([...byNode].map(([node, { name }]) => [node, name])).toEqual([['/pcie/nic', '0000:01:00.0']])
  })
  it('have the aliases of their quirks, also those that are not here', () => {
    const marvell = pciFunction({ at: '05:00.0', ids: [0x1b4b, 0x9230] })
    expect(aliasesOnBus(buildPciTopology([marvell], undefined), marvell)).toEqual([1])
    expect(aliasesOnBus(buildPciTopology([], undefined), marvell)).toEqual([1])
  })
  it('have their bridges above them, nearest first', () => {
    const { topology, functions } = chain('root-port', 'upstream-port', 'downstream-port', 'endpoint')
    const [root, up, down, last] = functions
    expect(last && bridgesAbove(topology, last)).toEqual([down, up, root])
    expect(root && bridgesAbove(topology, root)).toEqual([])
  })
  it.each<[string, FunctionLiteral]>([
    ['cannot be read', { at: '01:00.0', below: 'UNREADABLE' }],
    ['names a bridge that is not here', { at: '01:00.0', below: ['00:01.0'] }],
    ['names the function itself', { at: '01:00.0', below: ['01:00.0'] }],
  ])('have none that are known where the way up %s', (_, literal) => {
    const fn = pciFunction(literal)
    expect(bridgesAbove(buildPciTopology([fn], undefined), fn)).toBeUndefined()
  })

  // K: drivers/pci/probe.c, pci_setup_device, pci_scan_slot: bit 7 of the header, or a function that is not the first.
  it.each<[string, FunctionLiteral, string]>([
    ['without the bit', { at: '01:00.0' }, 'no'],
    ['with the bit', { at: '01:00.0', multifunctionBit: true }, 'yes'],
    ['that is not the first', { at: '01:00.1' }, 'yes'],
    ['whose header cannot be read', { at: '01:00.0', type: 'none' }, 'unknown'],
    ['that is not the first, whose header cannot be read', { at: '01:00.3', type: 'none' }, 'yes'],
    ['that is virtual', { at: '01:00.1', multifunctionBit: true, physicalFunction: '0000:01:00.0' }, 'no'],
    ['that may be virtual', { at: '01:00.1', physicalFunction: 'UNREADABLE' }, 'unknown'],
    ['that may be virtual, without the bit', { at: '01:00.0', physicalFunction: 'UNREADABLE' }, 'no'],
  ])('are of several in a device: one %s: %s', (_, literal, expected) => {
    expect(isMultifunction(pciFunction(literal))).toBe(expected)
  })
})
