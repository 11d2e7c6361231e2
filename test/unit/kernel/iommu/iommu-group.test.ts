import { describe, expect, it } from 'vitest'
import { UNKNOWN_GROUP } from '../../../../src/kernel/iommu/iommu-group.js'
import { buildPciTopology } from '../../../../src/kernel/pci/pci-topology.js'
import { predictGroups, type StreamOwnership } from '../../../../src/kernel/iommu/predict-groups.js'
import { pciFunction, type FunctionLiteral } from '../pci/pci-functions.js'

const ACS_ON = [0x5f, 0x1d] as const
const ACS_OFF = [0x5f, 0] as const

type Streams = Readonly<Record<string, readonly number[] | 'unknown'>>

/** Predictions by short address; `groups` and `streams` are keyed the same way. */
function predict(
  literals: readonly FunctionLiteral[],
  groups: Readonly<Record<string, string>> = {},
  streams: Streams = {},
  joining: readonly string[] = literals.map(({ at }) => at),
) {
  const topology = buildPciTopology(literals.map(pciFunction), undefined)
  const result = predictGroups(topology, {
    groups: new Map(Object.entries(groups).map(([at, group]) => [`0000:${at}`, group])),
    joining: joining.map((at) => `0000:${at}`),
    streamsOf: ({ name }): StreamOwnership | 'none' | 'unknown' => {
      const streamIds = streams[name.slice(5)]
      return streamIds === undefined ? 'none' : streamIds === 'unknown' ? 'unknown' : { iommu: 'smmu', streamIds }
    },
    context: { hasIvrs: 'no' },
  })
  return Object.fromEntries(
    [...result].map(([name, prediction]) => {
      const { kind } = prediction
      if (kind === 'unknown') return [name.slice(5), kind]
      if (kind === 'refused') return [name.slice(5), `refused by ${prediction.owner.slice(5)}`]
      const members = prediction.members.map((member) => member.slice(5)).join(' ')
      return [name.slice(5), kind === 'joins' ? `${prediction.group}: ${members}` : members]
    }),
  )
}

const port = (at: string, secondaryBus: number, acs: FunctionLiteral['acs']): FunctionLiteral => ({
  at,
  type: 'root-port',
  secondaryBus,
  ...(acs === undefined ? {} : { acs }),
})

describe('pci_device_group', () => {
  // K: quirk_dma_func1_alias (Marvell): its DMA comes from function 1 of the same device, whose group it takes.
  it('puts a function into the group of its quirk alias, by device and function', () => {
    const disk: FunctionLiteral = { at: '02:05.0', ids: [0x1b4b, 0x9123] }
    expect(predict([disk, { at: '02:05.1' }], { '02:05.1': '7' }, {}, ['02:05.0'])).toEqual({
      '02:05.0': '7: 02:05.0 02:05.1',
    })
    expect(predict([disk, { at: '02:06.1' }], { '02:06.1': '7' }, {}, ['02:05.0'])).toEqual({ '02:05.0': '02:05.0' })
  })
  it('keeps devices below ports with ACS apart, and puts those without into the port group', () => {
    const machine = (acs: FunctionLiteral['acs']) => [port('00:05.0', 6, acs), { at: '06:00.0', below: ['00:05.0'] }]
    expect(predict(machine(ACS_ON))).toEqual({ '00:05.0': '00:05.0', '06:00.0': '06:00.0' })
    expect(predict(machine(ACS_OFF))).toEqual({ '00:05.0': '00:05.0 06:00.0', '06:00.0': '00:05.0 06:00.0' })
    expect(predict(machine('UNREADABLE'))).toEqual({ '00:05.0': '00:05.0', '06:00.0': 'unknown' })
  })
  it('S50: two NICs below a switch whose downstream ports have no ACS share a group', () => {
    const switchOf = (acs: readonly [number, number]): readonly FunctionLiteral[] => [
      port('00:05.0', 1, ACS_ON),
      { at: '01:00.0', type: 'upstream-port', secondaryBus: 2, below: ['00:05.0'] },
      { at: '02:00.0', type: 'downstream-port', secondaryBus: 3, below: ['00:05.0', '01:00.0'], acs },
      { at: '02:01.0', type: 'downstream-port', secondaryBus: 4, below: ['00:05.0', '01:00.0'], acs },
      { at: '03:00.0', below: ['00:05.0', '01:00.0', '02:00.0'] },
      { at: '04:00.0', below: ['00:05.0', '01:00.0', '02:01.0'] },
    ]
    expect(predict(switchOf(ACS_OFF))).toMatchObject({
      '02:00.0': '02:00.0 03:00.0',
      '03:00.0': '02:00.0 03:00.0',
      '04:00.0': '02:01.0 04:00.0',
    })
    expect(predict(switchOf(ACS_ON))).toMatchObject({ '03:00.0': '03:00.0', '04:00.0': '04:00.0' })
  })
  it('joins functions of one device without ACS, whatever bit 7 of the later ones says', () => {
    const first: FunctionLiteral = { at: '00:06.0', type: 'conventional', multifunctionBit: true }
    const second: FunctionLiteral = { at: '00:06.1', type: 'conventional' }
    expect(predict([first, second])).toEqual({ '00:06.0': '00:06.0 00:06.1', '00:06.1': '00:06.0 00:06.1' })
    // The first function alone decides nothing for the second: it is multifunction by its number.
    expect(predict([{ ...first, multifunctionBit: false }, second])).toEqual({
      '00:06.0': '00:06.0 00:06.1',
      '00:06.1': '00:06.0 00:06.1',
    })
    const acs = { type: 'endpoint', acs: ACS_ON } as const
    expect(
      predict([
        { ...first, ...acs },
        { ...second, ...acs },
      ]),
    ).toEqual({ '00:06.0': '00:06.0', '00:06.1': '00:06.1' })
    expect(predict([{ ...first, type: 'header' }, second])).toEqual({ '00:06.0': '00:06.0', '00:06.1': 'unknown' })
  })
  it('keeps apart the functions of two devices on one bus, and a function of its own ACS from one without', () => {
    const slots = ['00:06.0', '00:06.1', '00:07.0', '00:07.1'].map((at): FunctionLiteral => ({
      at,
      type: 'conventional',
      multifunctionBit: true,
    }))
    const [left, right] = ['00:06.0 00:06.1', '00:07.0 00:07.1']
    expect(predict(slots)).toEqual({ '00:06.0': left, '00:06.1': left, '00:07.0': right, '00:07.1': right })
    const mixed = [ACS_ON, ACS_OFF].map((acs, index): FunctionLiteral => ({
      at: `00:06.${index}`,
      acs,
      multifunctionBit: true,
    }))
    expect(predict(mixed)).toEqual({ '00:06.0': '00:06.0', '00:06.1': '00:06.1' })
  })
  it('S20: everything below a PCIe-to-PCI bridge is in the bridge group', () => {
    const machine: readonly FunctionLiteral[] = [
      { at: '00:05.0', type: 'pcie-to-pci-bridge', secondaryBus: 6 },
      { at: '06:01.0', type: 'conventional', below: ['00:05.0'] },
      { at: '06:02.0', type: 'conventional', below: ['00:05.0'] },
    ]
    const together = '00:05.0 06:01.0 06:02.0'
    expect(predict(machine)).toEqual({ '00:05.0': together, '06:01.0': together, '06:02.0': together })
    expect(predict(machine, { '00:05.0': '3' }, {}, ['06:02.0'])).toEqual({ '06:02.0': '3: 00:05.0 06:02.0' })
    expect(predict(machine, { '00:05.0': UNKNOWN_GROUP }, {}, ['06:02.0'])).toEqual({ '06:02.0': 'unknown' })
  })
  it('joins functions that alias each other by quirk', () => {
    const machine: readonly FunctionLiteral[] = [
      { at: '05:00.0', ids: [0x1b4b, 0x9230], acs: ACS_ON, multifunctionBit: true },
      { at: '05:00.1', ids: [0x1b4b, 0x91a4], acs: ACS_ON },
    ]
    expect(predict(machine)).toEqual({ '05:00.0': '05:00.0 05:00.1', '05:00.1': '05:00.0 05:00.1' })
    expect(predict(machine, { '05:00.1': '7' })).toEqual({ '05:00.0': '7: 05:00.0 05:00.1' })
  })
  // K: drivers/iommu/iommu.c, get_pci_alias_group, get_pci_function_alias_group; drivers/pci/pci.c, pci_devs_are_dma_aliases.
  const F = '02:06.0'
  const onBehalfOf = (at: string, of = F): FunctionLiteral => ({
    at,
    type: 'conventional',
    parentPath: `devices/pci0000:00/0000:${of}`,
  })
  const joins = (
    literals: readonly FunctionLiteral[],
    groups: Readonly<Record<string, string>>,
    joining: string,
  ): string | undefined => predict(literals, groups, {}, [joining])[joining]
  it.each<[string, string, readonly FunctionLiteral[], Readonly<Record<string, string>>, string]>([
    ['of what does its DMA by it', `7: 02:05.0 ${F}`, [{ at: F }, onBehalfOf('02:05.0')], { '02:05.0': '7' }, F],
    [
      'of the second alias where the first has none',
      `7: 02:05.0 ${F}`,
      [{ at: F }, onBehalfOf('02:04.0'), onBehalfOf('02:05.0')],
      { '02:05.0': '7' },
      F,
    ],
    [
      'of what its alias does its DMA by',
      `7: 02:05.0 ${F}`,
      [{ at: '02:05.0', ids: [0x1b4b, 0x9123] }, onBehalfOf('02:05.1'), { at: F }],
      { [F]: '7' },
      '02:05.0',
    ],
    [
      'of the other function of its alias',
      `9: 02:05.1 ${F}`,
      [{ at: F }, { ...onBehalfOf('02:05.0'), multifunctionBit: true }, { at: '02:05.1', type: 'conventional' }],
      { '02:05.1': '9' },
      F,
    ],
    [
      'of its alias before that of its other function',
      '7: 02:05.0 02:07.0',
      [
        { at: '02:05.0', type: 'conventional', multifunctionBit: true },
        { at: '02:05.1', type: 'conventional' },
        onBehalfOf('02:07.0', '02:05.0'),
      ],
      { '02:05.1': '3', '02:07.0': '7' },
      '02:05.0',
    ],
    [
      'that nobody can tell, where one beside it may be its alias',
      'unknown',
      [{ at: F }, { at: '02:05.0', ids: 'UNREADABLE' }],
      {},
      F,
    ],
    [
      'of its other function',
      '3: 02:05.0 02:05.1',
      [
        { at: '02:05.0', type: 'conventional', multifunctionBit: true },
        { at: '02:05.1', type: 'conventional' },
      ],
      { '02:05.1': '3' },
      '02:05.0',
    ],
    [
      'of its own, where it is the only function by its header',
      '02:05.0',
      [
        { at: '02:05.0', type: 'conventional' },
        { at: '02:05.1', type: 'conventional' },
      ],
      { '02:05.1': '3' },
      '02:05.0',
    ],
    [
      'of its own, where it has ACS',
      '02:05.0',
      [
        { at: '02:05.0', acs: ACS_ON, multifunctionBit: true },
        { at: '02:05.1', type: 'conventional' },
      ],
      { '02:05.1': '3' },
      '02:05.0',
    ],
    [
      'of its own, where it has ACS and may have other functions',
      '02:05.1',
      [
        { at: '02:05.1', acs: ACS_ON, physicalFunction: 'UNREADABLE' },
        { at: '02:05.0', type: 'conventional' },
      ],
      { '02:05.0': '3' },
      '02:05.1',
    ],
    [
      'that nobody can tell, where it may have ACS',
      'unknown',
      [
        { at: '02:05.0', acs: 'UNREADABLE', multifunctionBit: true },
        { at: '02:05.1', type: 'conventional' },
      ],
      { '02:05.1': '3' },
      '02:05.0',
    ],
    [
      'that nobody can tell, where it may be a virtual function',
      'unknown',
      [
        { at: '02:05.1', type: 'conventional', physicalFunction: 'UNREADABLE' },
        { at: '02:05.0', type: 'conventional' },
      ],
      { '02:05.0': '3' },
      '02:05.1',
    ],
    // K: pci_device_group goes on upwards from the last device that emits for it, and from each port without ACS.
    [
      'of the port above what does its DMA',
      '4: 00:05.0 09:00.0',
      [port('00:05.0', 1, ACS_OFF), { at: '01:00.0', below: ['00:05.0'] }, onBehalfOf('09:00.0', '01:00.0')],
      { '00:05.0': '4' },
      '09:00.0',
    ],
    [
      'of the nearest bridge that emits for it',
      '3: 02:00.0 03:00.0',
      [
        { at: '00:01.0', type: 'pcie-to-pci-bridge', secondaryBus: 2 },
        { at: '02:00.0', type: 'conventional', secondaryBus: 3, below: ['00:01.0'] },
        { at: '03:00.0', type: 'conventional', below: ['00:01.0', '02:00.0'] },
      ],
      { '02:00.0': '3', '00:01.0': '4' },
      '03:00.0',
    ],
    [
      'that nobody can tell, where what is above such a bridge cannot be read',
      'unknown',
      [
        { at: '00:01.0', type: 'pcie-to-pci-bridge', secondaryBus: 2, below: 'UNREADABLE' },
        { at: '02:00.0', type: 'conventional', below: ['00:01.0'] },
      ],
      {},
      '02:00.0',
    ],
    [
      'of the nearest port without ACS',
      '3: 01:00.0 02:00.0',
      [
        port('00:05.0', 1, ACS_OFF),
        { at: '01:00.0', type: 'downstream-port', secondaryBus: 2, acs: ACS_OFF, below: ['00:05.0'] },
        { at: '02:00.0', below: ['00:05.0', '01:00.0'] },
      ],
      { '00:05.0': '4', '01:00.0': '3' },
      '02:00.0',
    ],
    [
      'of the other function of such a port',
      '5: 00:05.1 06:00.0',
      [
        { ...port('00:05.0', 6, ACS_OFF), multifunctionBit: true },
        port('00:05.1', 7, ACS_OFF),
        { at: '06:00.0', below: ['00:05.0'] },
      ],
      { '00:05.1': '5' },
      '06:00.0',
    ],
  ])('gives a function the group %s', (_, expected, literals, groups, joining) => {
    expect(joins(literals, groups, joining)).toBe(expected)
  })
  it('leaves alone what is not asked about', () => {
    expect(predict([{ at: '00:02.0' }, { at: '00:03.0' }], { '00:02.0': '0' }, {}, ['00:02.0', '00:03.0'])).toEqual({
      '00:03.0': '00:03.0',
    })
  })
})

describe('StreamIDs that are taken', () => {
  const machine: readonly FunctionLiteral[] = [
    { at: '00:05.0', type: 'pcie-to-pci-bridge', secondaryBus: 6 },
    { at: '06:01.0', type: 'conventional', below: ['00:05.0'] },
    { at: '06:02.0', type: 'conventional', below: ['00:05.0'] },
  ]
  const streams: Streams = { '00:05.0': [0x28], '06:01.0': [0x608, 0x600], '06:02.0': [0x610, 0x600] }
  it('S20a: the second function below the bridge is refused, for ever', () => {
    expect(predict(machine, {}, streams)).toEqual({
      '00:05.0': '00:05.0 06:01.0',
      '06:01.0': '00:05.0 06:01.0',
      '06:02.0': 'refused by 06:01.0',
    })
    expect(predict(machine, { '00:05.0': '1', '06:02.0': '1' }, streams)).toEqual({ '06:01.0': 'refused by 06:02.0' })
  })
  it('accept a function whose own aliases are equal', () => {
    expect(predict(machine, {}, { '06:01.0': [0x600, 0x600] }, ['06:01.0'])).toEqual({ '06:01.0': '06:01.0' })
  })
  it('are those of who has them for certain, whoever else may have them', () => {
    const taken = { '06:01.0': [0x600], '06:02.0': [0x600], '00:05.0': [0x600] }
    expect(predict(machine, { '06:01.0': '1', '06:02.0': UNKNOWN_GROUP }, taken, ['00:05.0'])).toEqual({
      '00:05.0': 'refused by 06:01.0',
    })
  })
  it('are not asked of a function that has a group and is not there', () => {
    expect(predict([{ at: '00:02.0' }], { '09:00.0': '1' })).toEqual({ '00:02.0': '00:02.0' })
  })
  it('leave open the group of who joins the group of one whose are not known', () => {
    const both: readonly FunctionLiteral[] = [
      { at: '02:05.0', type: 'conventional', multifunctionBit: true },
      { at: '02:05.1', type: 'conventional' },
    ]
    expect(predict(both, {}, { '02:05.0': 'unknown' })).toEqual({ '02:05.0': 'unknown', '02:05.1': 'unknown' })
  })
  it('leave open what depends on StreamIDs that are not known', () => {
    expect(predict(machine, {}, { ...streams, '06:02.0': 'unknown' })['06:02.0']).toBe('unknown')
    expect(predict(machine, { '06:01.0': '1' }, { ...streams, '06:01.0': 'unknown' }, ['06:02.0'])).toEqual({
      '06:02.0': 'unknown',
    })
    expect(predict(machine, { '06:01.0': UNKNOWN_GROUP }, streams, ['06:02.0'])).toEqual({ '06:02.0': 'unknown' })
  })
})
