import { describe, expect, it } from 'vitest'
import { ControllerList } from '../../../../src/kernel/msi/controller-list.js'
import type { Answer, MsiControllerKind } from '../../../../src/machine/kinds.js'
import { deviceTree, nodeAt } from '../devicetree/device-tree-nodes.js'
import { msiController as controller } from './literal-controller.js'

const TREE = deviceTree({ its: {}, pcie: {} })
const [ITS_NODE, BRIDGE_NODE] = [nodeAt(TREE, '/its'), nodeAt(TREE, '/pcie')]

describe('controllers of a MADT are found', () => {
  const its = controller('its', { id: '1' })
  const again = controller('its', { id: '1' })
  const frame = controller('gicv2m', { id: '2' })
  const imsic = controller('imsic', { id: '3' })
  const list = new ControllerList([frame, its, again, imsic])
  it('by the id of an ITS, the first of several with it', () => {
    expect([list.itsOfTable('1'), list.itsOfTable('2')]).toEqual([its, undefined])
    expect(list.itsOfTable('1')).toBe(its)
    expect(['1', '2', '4'].map((id) => list.isInTable(id))).toEqual([true, true, false])
  })
  it('as the one that answers for every host bridge', () => {
    expect(list.acpiDefault).toBe(frame)
    expect(new ControllerList([its, imsic]).acpiDefault).toBe(imsic)
    expect(new ControllerList([its, controller('gicv2m', { node: ITS_NODE })]).acpiDefault).toBeUndefined()
  })
})

describe('controllers of a tree are found', () => {
  const its = controller('gicv5-its', { node: ITS_NODE, id: '/its' })
  const own = controller('host-bridge', { node: BRIDGE_NODE })
  const behind = controller('gicv2m', { node: BRIDGE_NODE })
  it('by their node, the receiver of a host bridge by its own bridge alone', () => {
    const list = new ControllerList([its, own])
    expect([list.ofNode(ITS_NODE), list.at(ITS_NODE)]).toEqual([its, its])
    expect([list.ofNode(BRIDGE_NODE), list.at(BRIDGE_NODE)]).toEqual([undefined, own])
    expect(list.isInTable('/its')).toBe(false)
  })
  it('the first of several at one node', () => {
    expect(new ControllerList([own, behind]).at(BRIDGE_NODE)).toBe(own)
    expect(new ControllerList([own, behind]).ofNode(BRIDGE_NODE)).toBe(behind)
  })
})

it('ITSs are of GICv3 or v5, those that a function could be mapped to are registered', () => {
  const all = [controller('its'), controller('gicv5-its', { registered: 'no' }), controller('gicv2m')]
  const unsure = controller('its', { registered: 'unknown' })
  const { its, usableIts, hasUnknown } = new ControllerList([...all, unsure])
  expect(its).toEqual([all[0], all[1], unsure])
  expect(usableIts).toEqual([all[0]])
  expect(hasUnknown).toBe(false)
  expect(new ControllerList([...all, controller('unknown')]).hasUnknown).toBe(true)
})

// K: its_of_probe, its_enable_quirk_socionext_synquacer: the pre-ITS takes the flag from the ITS behind it alone.
it.each<[answers: readonly (Answer | MsiControllerKind)[], expected: Answer]>([
  [['yes', 'yes'], 'yes'],
  [['no', 'no'], 'no'],
  [['no', 'yes'], 'unknown'],
  [['no', 'unknown'], 'unknown'],
  [['yes', 'unknown'], 'unknown'],
  [['unknown'], 'unknown'],
  // What may be an ITS may have one.
  [['yes', 'imsic'], 'yes'],
  [['no', 'gicv2m'], 'no'],
])('of ITSs of which each says of no pre-ITS %j, all together say %s', (answers, expected) => {
  const all = answers.map((answer) =>
    answer === 'yes' || answer === 'no' || answer === 'unknown'
      ? controller('its', { payloadChecked: answer })
      : controller(answer, { payloadChecked: 'no' }),
  )
  expect(new ControllerList(all).withoutPreIts).toBe(expected)
  // One of any kind may be an ITS with one, or without.
  const untold = controller('unknown', { payloadChecked: 'yes' })
  expect(new ControllerList([...all, untold]).withoutPreIts).toBe('unknown')
})
