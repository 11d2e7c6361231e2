import { describe, expect, it } from 'vitest'
import type { IortDescription } from '../../../../src/emulator/firmware/iort-writer.js'
import { arm, card, IDLE, judged } from '../../rules/metal.js'

/** SMMUv3 and ITS for every RequesterID, with a memory range for the card's StreamID, 0x100. */
function iort(change: {
  readonly model?: number
  readonly rmrFlags?: number
  readonly streamId?: number
}): IortDescription {
  const { model = 0, rmrFlags, streamId = 0x100 } = change
  const all = { inputBase: 0, idCount: 0xffff, outputBase: 0 }
  return {
    revision: 5,
    nodes: [
      { type: 'its-group', name: 'group', itsIds: [0] },
      {
        type: 'smmuv3',
        name: 'smmu',
        base: '0x9050000',
        flags: 1,
        revision: 4,
        model,
        eventGsiv: 74,
        priGsiv: 75,
        gerrorGsiv: 77,
        syncGsiv: 76,
        mappings: [{ ...all, output: 'group' }],
      },
      { type: 'root-complex', name: 'rc', cacheCoherency: 1, mappings: [{ ...all, output: 'smmu' }] },
      ...(rmrFlags === undefined
        ? []
        : [
            {
              type: 'rmr' as const,
              flags: rmrFlags,
              regions: [{ base: '0x80000000', length: '0x10000' }],
              mappings: [{ inputBase: 0, idCount: 0, outputBase: streamId, output: 'smmu' }],
            },
          ]),
    ],
  }
}

/** 6.12: the card has no driver, so its group and the group's regions are still to come. */
function gates(change: Parameters<typeof iort>[0]) {
  const machine = arm({
    acpi: { iort: iort(change) },
    rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [card(1, {}, IDLE)] }],
  })
  const device = judged({ machine }).report.devices.find(({ address }) => address === '0000:01:00.0')
  return [device?.kernel.vfioType1.outcome, device?.kernel.iommufd.outcome]
}

/** iort-walk.md sections 8 and 9: a direct range stops both, a hardware MSI range beside the window stops iommufd. */
describe('a group that is still to come', () => {
  it.each([
    ['nothing reserved', {}, ['accepts', 'accepts']],
    ['a range for its StreamID', { rmrFlags: 0 }, ['unknown', 'unknown']],
    ['a range that may be remapped', { rmrFlags: 1 }, ['accepts', 'accepts']],
    ['a range for another StreamID', { rmrFlags: 0, streamId: 0x108 }, ['accepts', 'accepts']],
    ['an SMMU with hardware MSI ranges', { model: 1 }, ['accepts', 'unknown']],
  ] as const)('%s', (_, change, expected) => expect(gates(change)).toEqual(expected))
})
