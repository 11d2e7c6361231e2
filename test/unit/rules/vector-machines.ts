import type { FunctionDescription, MachineDescription } from '../../../src/emulator/machine-description.js'
import { arm, card, tree, drivenBy } from './metal.js'
import { its, release, smmuV2, two, wiredSmmu } from './vector.js'

/** A PCIe-to-PCI bridge on the root bus with two conventional functions. */
export const conventional = (secondDriver = 'e1000'): FunctionDescription => ({
  address: '00:05.0',
  id: '104c:8240',
  type: 'pcie-to-pci-bridge',
  secondaryBus: 6,
  functions: [
    { address: '06:01.0', id: '8086:100e', type: 'conventional', driver: 'e1000', msi: 1 },
    { address: '06:02.0', id: '8086:100e', type: 'conventional', ...drivenBy(secondDriver), msi: 1 },
  ],
})

/** Switch below a root port: two network cards below one downstream port. */
export const switched = (
  acs: boolean | number,
  groups: readonly [number, number] | undefined,
): FunctionDescription => ({
  address: '00:01.0',
  id: '1def:e100',
  type: 'root-port',
  driver: 'pcieport',
  functions: [
    {
      address: '01:00.0',
      id: '10b5:8748',
      type: 'upstream-port',
      driver: 'pcieport',
      functions: [
        {
          address: '02:00.0',
          id: '10b5:8748',
          type: 'downstream-port',
          driver: 'pcieport',
          acs,
          functions: [0, 1].map((number) => ({
            address: `03:00.${number}`,
            id: '8086:1572',
            driver: 'i40e',
            msix: 2,
            ...(groups ? { group: groups[number] ?? null } : {}),
          })),
        },
      ],
    },
  ],
})

export const mbi = (alias: boolean): MachineDescription =>
  tree({
    msiControllers: [{ name: 'mbi', type: 'gicv3-mbi', address: '0x8000000' }],
    ...(alias
      ? { deviceTree: { properties: { '/interrupt-controller@8000000': { 'mbi-alias': [0, 0x8100000] } } } }
      : {}),
    rootComplexes: [{ iommu: 'smmu', msiParent: { to: 'mbi' }, msi: 'mbi', functions: [card(1)] }],
  })

const dwc = { name: 'dwc', type: 'dwc' } as const
/** An ITS for one host bridge, and elsewhere a DesignWare host bridge with its own receiver. */
export const besideDesignWare = (kernel: string): MachineDescription =>
  tree({
    kernel: release(kernel),
    msiControllers: [its, dwc],
    rootComplexes: [
      { iommu: 'smmu', msi: 'its', functions: [card(1)] },
      {
        segment: 1,
        node: 'pcie@1c00000',
        compatible: ['qcom,pcie-sm8150'],
        driver: 'qcom-pcie',
        msi: 'dwc',
        functions: [{ address: '00:01.0', id: '8086:1572', driver: 'i40e', msix: 1 }],
      },
    ],
  })

/** Table G: a single mapping gives every function DeviceID 0x42; or the SMMU does, to two StreamIDs. */
export const oneDeviceId = (by: 'its' | 'smmu'): MachineDescription =>
  arm({
    acpi: {
      iort: {
        nodes: [
          { type: 'its-group', name: 'its', itsIds: [0] },
          wiredSmmu([0x100, 0x200].map((inputBase) => ({ inputBase, ids: 1, outputBase: 0x42, output: 'its' }))),
          {
            type: 'root-complex',
            segment: 0,
            mappings: [by === 'its' ? { outputBase: 0x42, output: 'its', singleMapping: true } : { output: 'smmu' }],
          },
        ],
      },
    },
    rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: two({ group: 4 }, { group: 5 }) }],
  })

/** Both masks hide the function's device and function number, so that StreamIDs are shared as DeviceIDs are. */
export const shared = (groups: readonly [number, number]): MachineDescription =>
  tree({
    iommus: [smmuV2],
    rootComplexes: [
      {
        iommu: 'smmu',
        iommuMapMask: 0xff00,
        msiMap: [{ from: 0x100, count: 0x100, to: 'its', outputBase: 0x40 }],
        msiMapMask: 0xff00,
        functions: [
          {
            address: '00:01.0',
            id: '1def:e100',
            type: 'root-port',
            driver: 'pcieport',
            functions: [0, 1].map((number) => ({
              address: `01:00.${number}`,
              id: '8086:1572',
              driver: 'i40e',
              msix: 2,
              group: groups[number] ?? null,
            })),
          },
        ],
      },
    ],
  })

export const guest = (change: Parameters<typeof arm>[0]): MachineDescription =>
  arm({ dmi: { vendor: 'QEMU', product: 'KVM Virtual Machine' }, ...change })
