import { describe, expect, it } from 'vitest'
import type { FunctionDescription } from '../../../../src/emulator/machine-description.js'
import { card, closed, judged, tree, type TestCase } from '../metal.js'

/**
 * K: drivers/pci/probe.c, pci_set_bus_msi_domain; drivers/of/irq.c, __of_msi_map_id (6.12), of_msi_xlate (7.2): an id
 * that msi-map does not hold stays what it is, at the controller of the bridge above or of msi-parent.
 */
const ITS = { name: 'its', type: 'its', address: '0x8080000' } as const
const SECOND = { name: 'second', type: 'its', address: '0x80a0000' } as const

describe('the DeviceID of a virtual function outside msi-map', () => {
  const FREE = { total: 2, firstOffset: 0x100, stride: 1, device: '154c' }
  const integrated = (address: string, more = {}) =>
    ({ address, id: '8086:1572', driver: 'i40e', msix: 1, type: 'rc-integrated-endpoint', ...more }) as const
  type Parts = Parameters<typeof withMap>
  const withMap = (
    msiMap: readonly { from: string; count: number; to: string; outputBase: string }[],
    functions: readonly FunctionDescription[],
    properties = {},
    release = '6.12.0',
    edit: TestCase['edit'] = () => {},
  ) => {
    const machine = tree({
      kernel: { release },
      msiControllers: [ITS, SECOND],
      rootComplexes: [{ node: 'pcie@10000000', iommu: 'smmu', msiMap, functions }],
      deviceTree: { properties: { '/pcie@10000000': properties } },
    })
    return judged({ machine, edit }).report.findings.filter(({ rule }) => rule === 'IR113')
  }
  const found = (...parts: Parts) =>
    withMap(...parts).map(({ devices, summary }) => [devices, /DeviceID (0x\w+)/.exec(summary)?.[1]])
  const outcomesOf = (...parts: Parts) => withMap(...parts).map(({ outcome }) => outcome)
  const its = (from: number, count: number, outputBase: number, to = 'its') => ({
    from: `0x${from.toString(16)}`,
    count,
    to,
    outputBase: `0x${outputBase.toString(16)}`,
  })
  const ROOT_BUS_TO_200 = its(0, 0x100, 0x200)

  it('which has its RequesterID at the ITS of the port above: a caveat for who has that DeviceID', () => {
    const functions = [integrated('00:00.0'), { ...card(1, { sriov: FREE }), subordinateBus: 2 }]
    expect(found([ROOT_BUS_TO_200, its(0x100, 0x100, 0x800)], functions)).toEqual([[['0000:00:00.0'], '0x200']])
  })
  it('and on the root bus at that of msi-parent', () => {
    const functions = [integrated('00:00.0'), integrated('00:02.0', { sriov: { ...FREE, firstOffset: 0x1f0 } })]
    expect(found([ROOT_BUS_TO_200], functions, { 'msi-parent': ['&its', 0] })).toEqual([[['0000:00:00.0'], '0x200']])
  })
  // devicetree.md section 3: up to 6.8, but for updates, msi-parent counts only where its target has no #msi-cells.
  it.each([
    ['6.1.0', []],
    ['6.1.120', ['fail']],
    ['6.1.0-28-arm64', ['unknown']],
    ['7.2.0', ['fail']],
  ])('and there where Linux %s takes msi-parent: %j', (release, outcomes) => {
    const functions = [integrated('00:00.0'), integrated('00:02.0', { sriov: { ...FREE, firstOffset: 0x1f0 } })]
    const parent = { 'msi-parent': ['&its', 0] } as const
    expect(outcomesOf([ROOT_BUS_TO_200], functions, parent, release)).toEqual(outcomes)
    // Without virtual functions to come nobody asks which it is.
    expect(outcomesOf([ROOT_BUS_TO_200], [integrated('00:02.0')], parent, release)).toEqual([])
  })
  it('nowhere on a root bus without msi-parent', () => {
    const functions = [integrated('00:00.0'), integrated('00:02.0', { sriov: { ...FREE, firstOffset: 0x1f0 } })]
    expect(found([ROOT_BUS_TO_200], functions)).toEqual([])
  })
  it('not where the map holds it', () => {
    const functions = [integrated('00:00.0'), { ...card(1, { sriov: FREE }), subordinateBus: 2 }]
    const all = [ROOT_BUS_TO_200, its(0x100, 0x200, 0x800)]
    expect(found(all, functions, { 'msi-parent': ['&its', 0] })).toEqual([])
  })

  /**
   * The root bus is at the second ITS, the ports with it. Where nobody can tell whether Linux has a domain of that one, a
   * virtual function below a port has its RequesterID there, at what stands further up, or nowhere
   * (K: pci_set_bus_msi_domain, `b->self`; pci_msi_domain_get_msi_rid; iort_msi_map_id).
   */
  describe('below a port at another ITS', () => {
    const ports = (outputBase: number) => [
      its(0, 0x100, 0, 'second'),
      its(0x100, 0x100, 0x800),
      its(0x300, 0x100, outputBase),
    ]
    const functions = [{ ...card(1, { sriov: FREE }), subordinateBus: 2 }, card(3)]
    const untold: TestCase['edit'] = (machine) => {
      const nodes = [...machine.keys()].filter((path) => path.endsWith('@80a0000/compatible'))
      expect(nodes).toHaveLength(1)
      for (const path of nodes) machine.set(path, closed)
    }
    const told = (...parts: Parts) =>
      withMap(...parts).map(({ outcome, effect, devices }) => [outcome, effect, devices])
    it.each([
      [
        'which cannot be told: an open question for who has it at whichever',
        0x200,
        untold,
        ['unknown', 'caveat', ['0000:03:00.0']],
      ],
      ['which cannot be told, of an id that nobody has', 0x300, untold, undefined],
      ['which is there: its own, not that of the physical function', 0x200, undefined, undefined],
    ])('%s', (_, outputBase, edit, expected) => {
      const parent = { 'msi-parent': ['&its', 0] } as const
      for (const properties of [{}, parent])
        expect(told(ports(outputBase), functions, properties, '6.12.0', edit)).toEqual(expected ? [expected] : [])
    })
    // Linux has no domain of it: what comes next is msi-parent of the host bridge, with the same id.
    it('which is no MSI controller: that of msi-parent, and nowhere without', () => {
      const without: TestCase['edit'] = (machine) => {
        for (const path of machine.keys())
          if (path.endsWith('@80a0000/msi-controller') || path === 'sys/firmware/fdt') machine.delete(path)
      }
      expect(told(ports(0x200), functions, { 'msi-parent': ['&its', 0] }, '6.12.0', without)).toEqual([
        ['fail', 'caveat', ['0000:03:00.0']],
      ])
      expect(told(ports(0x200), functions, {}, '6.12.0', without)).toEqual([])
    })
  })
})
