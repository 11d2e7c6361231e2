import { expect, it } from 'vitest'
import { pciDeviceGroup } from '../../../../src/kernel/iommu/iommu-group.js'
import { predictGroups } from '../../../../src/kernel/iommu/predict-groups.js'
import { buildPciTopology } from '../../../../src/kernel/pci/pci-topology.js'
import { pciFunction } from '../pci/pci-functions.js'

it('a function whose way up cannot be read has a group that nobody can tell', () => {
  const fn = pciFunction({ at: '01:00.0', below: 'UNREADABLE' })
  const topology = buildPciTopology([fn], undefined)
  expect(pciDeviceGroup(topology, fn, new Map(), { hasIvrs: 'no' })).toEqual({ kind: 'unknown' })
})

// K: drivers/pci/quirks.c, pci_quirk_amd_sb_acs: the functions of an AMD southbridge are apart where there is an IVRS.
it.each([
  ['yes', { kind: 'new' }],
  ['no', { kind: 'existing', group: '3' }],
  ['unknown', { kind: 'unknown' }],
] as const)('a function of an AMD southbridge, an IVRS being there: %s', (hasIvrs, expected) => {
  const smbus = pciFunction({ at: '00:14.0', ids: [0x1002, 0x4385], type: 'conventional', multifunctionBit: true })
  const audio = pciFunction({ at: '00:14.2', ids: [0x1002, 0x4383], type: 'conventional' })
  const topology = buildPciTopology([smbus, audio], undefined)
  expect(pciDeviceGroup(topology, smbus, new Map([[audio.name, '3']]), { hasIvrs })).toEqual(expected)
})

it('a function joins a group that is there, or has one of its own', () => {
  const functions = [pciFunction({ at: '00:02.0' }), pciFunction({ at: '00:03.0' })]
  const predicted = predictGroups(buildPciTopology(functions, undefined), {
    groups: new Map([['0000:00:02.0', '7']]),
    joining: functions.map(({ name }) => name),
    streamsOf: () => 'none',
    context: { hasIvrs: 'no' },
  })
  expect([...predicted]).toEqual([['0000:00:03.0', { kind: 'new', members: ['0000:00:03.0'] }]])
})
