import type { MachineDescription } from '../../../src/emulator/machine-description.js'
import type { MadtEntryDescription } from '../../../src/emulator/firmware/madt-writer.js'
import { card, intel } from './metal.js'

type Change = Parameters<typeof intel>[0]

/** AMD hardware: AMD-Vi with interrupt remapping, one card at 01:00.0. */
export function amd(change: Change = {}): MachineDescription {
  return intel({
    name: 'amd',
    iommus: [{ name: 'ivhd0', type: 'amd-vi', address: '0xfeb80000', function: '00:00.2' }],
    rootComplexes: [
      {
        iommu: 'ivhd0',
        functions: [
          { address: '00:00.2', id: '1022:1481', class: '080600', type: 'conventional', group: null },
          card(1),
        ],
      },
    ],
    ...change,
  })
}

/** An IO-APIC of the MADT; the first interrupt tells which page it is at. */
export const ioApicEntry = (ioApicId: number, gsiBase = 0): MadtEntryDescription => ({
  type: 'io-apic',
  ioApicId,
  address: 0xfec00000 + (gsiBase / 24) * 0x1000,
  gsiBase,
})
