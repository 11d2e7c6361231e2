import type { FunctionDescription, MachineDescription } from '../../../../src/emulator/machine-description.js'
import { tree } from '../metal.js'
import type { CauseMachines } from './missing-iommu-machines.js'

const port = (below: readonly FunctionDescription[]): FunctionDescription => ({
  address: '00:01.0',
  id: '1def:e100',
  type: 'root-port',
  driver: 'pcieport',
  functions: below,
})

const board = (functions: readonly FunctionDescription[], more: Partial<MachineDescription['rootComplexes'][number]>) =>
  tree({ rootComplexes: [{ iommu: 'smmu', msi: 'its', functions, ...more }] })

/** Two functions of one card, of which the SMMU has the first; a mask of three bits less makes their StreamIDs one. */
const masked = (iommuMapMask: number) =>
  board(
    [
      port([
        { address: '01:00.0', id: '8086:1572', driver: 'i40e', msix: 2, group: 4 },
        { address: '01:00.1', id: '8086:1572', msixCapable: 2, group: null },
      ]),
    ],
    { iommuMapMask },
  )

/** Cards below a PCIe-to-PCI bridge, which asks for all of them as 02:00.0; the SMMU has not taken the last one. */
const bridged = (...others: readonly FunctionDescription[]) =>
  board(
    [
      port([
        {
          address: '01:00.0',
          id: '10b5:8111',
          type: 'pcie-to-pci-bridge',
          functions: [
            ...others,
            { address: '02:02.0', id: '8086:100e', type: 'conventional', msiCapable: 1, group: null },
          ],
        },
      ]),
    ],
    {},
  )
const neighbour: FunctionDescription = {
  address: '02:01.0',
  id: '8086:100e',
  type: 'conventional',
  driver: 'e1000',
  msi: 1,
  group: 4,
}

/** K: arm_smmu_insert_master() refuses the second owner of a StreamID. Without the cause the StreamID has one owner. */
export const STREAM_ID_MACHINES: Readonly<Record<string, CauseMachines>> = {
  'stream-id-mapped-twice': {
    with: { machine: masked(0xfff8) },
    without: { machine: masked(0xffff) },
    remedy: /iommu-map-mask.* a StreamID of its own; 0000:01:00\.0 has it now/,
    device: '0000:01:00.1',
  },
  'stream-id-taken': {
    with: { machine: bridged(neighbour) },
    without: { machine: bridged() },
    remedy: /Move the device or 0000:02:01\.0 to a slot/,
    device: '0000:02:02.0',
  },
}
