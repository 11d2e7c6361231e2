import { arm, card, IDLE, intel, tree } from './metal.js'
import { release, smmuV2, v2m, type Vector, its } from './vector.js'
import { conventional, guest, mbi, oneDeviceId, shared, switched } from './vector-machines.js'

/** See vector.ts. */
export const VECTORS_HAZARDS: readonly Vector[] = [
  {
    id: 'S2',
    machine: arm({
      kernel: release('7.1.0'),
      rootComplexes: [{ iommu: 'smmu', msi: 'its', atsSupported: true, functions: [card(1, { ats: 'enabled' })] }],
    }),
    K: 'iso',
    A: 'cav',
  },
  {
    id: 'S13',
    machine: tree({
      kernel: release('6.6.0'),
      msiControllers: [{ ...its, preIts: { base: '0x58000000', size: '0x200000' } }],
    }),
    K: 'not',
    A: 'not',
  },
  {
    id: 'S14',
    machine: arm({ acpi: { header: { oemId: 'SNI', oemTableId: 'SYNQUACR' } } }),
    K: 'iso',
    A: 'not',
  },
  {
    id: 'S15',
    machine: tree({
      kernel: release('6.12.0', { log: ['GIC: enabling workaround for ITS: Rockchip erratum RK3588001'] }),
    }),
    K: 'iso',
    A: 'iso',
  },
  ...(['0000:01:00.0', '0000:02:00.0'] as const).flatMap((device): Vector[] => [
    { id: 'S16, straight to the ITS', device, machine: oneDeviceId('its'), K: 'iso', A: 'not' },
    { id: 'S16, through the SMMU', device, machine: oneDeviceId('smmu'), K: 'iso', A: 'not' },
  ]),
  ...(['0000:00:01.0', '0001:00:01.0'] as const).map((device): Vector => ({
    id: 'S17',
    device,
    machine: arm({
      rootComplexes: [0, 1].map((segment) => ({
        segment,
        iommuMap: [{ to: 'smmu', outputBase: segment * 0x10000 }],
        msi: 'its',
        functions: [{ address: '00:01.0', id: '8086:1572', driver: 'i40e', msix: 1, type: 'rc-integrated-endpoint' }],
      })),
    }),
    K: 'iso',
    A: 'not',
  })),
  { id: 'S18', machine: shared([4, 4]), K: 'iso', A: 'iso' },
  { id: 'S19', machine: shared([4, 5]), K: 'iso', A: 'not' },
  ...(['0000:06:01.0', '0000:06:02.0'] as const).map((device): Vector => ({
    id: 'S20',
    device,
    machine: intel({ rootComplexes: [{ iommu: 'dmar0', functions: [conventional()] }] }),
    K: 'iso',
    A: 'iso',
  })),
  {
    id: 'S20a, first',
    device: '0000:06:01.0',
    machine: arm({ rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [conventional(IDLE)] }] }),
    K: 'iso',
    A: 'not',
    gates: { vfioType1: 'accepts none' },
  },
  {
    id: 'S20a, second',
    device: '0000:06:02.0',
    machine: arm({ rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [conventional(IDLE)] }] }),
    K: 'iso',
    A: 'not',
    gates: { vfioType1: 'refuses EINVAL' },
  },
  {
    id: 'S36',
    machine: guest({ iommus: [], msiControllers: [v2m], rootComplexes: [{ msi: 'v2m', functions: [card(1)] }] }),
    K: 'not',
    A: 'not',
  },
  { id: 'S37', machine: guest({}), K: 'iso', A: 'cav' },
  { id: 'S40', machine: mbi(false), K: 'not', A: 'not' },
  { id: 'S41', machine: mbi(true), K: 'not', A: 'not' },
  {
    id: 'S45',
    machine: arm({
      kernel: release('6.12.0', { log: ['GIC: enabling workaround for ITS: Cavium errata 22375, 24313'] }),
      rootComplexes: [{ iommu: 'smmu', msiMap: [{ to: 'its', outputBase: 0x14ff00 }], functions: [card(1)] }],
    }),
    K: 'iso',
    A: 'cav',
  },
  {
    id: 'S49',
    device: '0000:05:00.0',
    machine: arm({
      rootComplexes: [
        { iommu: 'smmu', msi: 'its', functions: [card(5, { id: '1b4b:9230', class: '010601', driver: 'ahci' })] },
      ],
    }),
    K: 'iso',
    A: 'cav',
  },
  ...(['0000:03:00.0', '0000:03:00.1'] as const).map((device): Vector => ({
    id: 'S50',
    device,
    machine: arm({ rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [switched(0, undefined)] }] }),
    K: 'iso',
    A: 'iso',
  })),
  {
    id: 'S51',
    device: '0000:03:00.0',
    machine: arm({
      kernel: release('6.12.0', { commandLine: 'pcie_acs_override=downstream' }),
      rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [switched(0, [11, 12])] }],
    }),
    K: 'iso',
    A: 'not',
  },
  {
    id: 'S52',
    machine: arm({
      kernel: release('6.12.0', {
        commandLine: 'arm-smmu.disable_bypass=0',
        parameters: { 'arm_smmu.disable_bypass': 'N' },
      }),
      iommus: [smmuV2],
    }),
    K: 'iso',
    A: 'cav',
  },
]
