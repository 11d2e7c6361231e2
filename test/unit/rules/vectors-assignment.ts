import { arm, card, IDLE, link, text, tree } from './metal.js'
import { release, v2m, type Vector, smmu, smmuV2 } from './vector.js'

/** See vector.ts. */
export const VECTORS_ASSIGNMENT: readonly Vector[] = [
  {
    id: 'S21',
    machine: arm({
      kernel: release('7.1.0'),
      rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [card(1, { group: 7 })] }],
    }),
    edit: (files) => {
      files.set('sys/devices/platform/dma-engine/iommu_group', link('../../../kernel/iommu_groups/7'))
      files.set('sys/devices/platform/dma-engine/uevent', text('MODALIAS=platform:dma-engine\n'))
      files.set('sys/bus/platform/devices/dma-engine', link('../../../devices/platform/dma-engine'))
      files.set('sys/kernel/iommu_groups/7/devices/dma-engine', link('../../../../devices/platform/dma-engine'))
    },
    K: 'iso',
    group: 'not',
    A: 'iso',
  },
  {
    id: 'S38',
    machine: arm({
      kernel: release('7.1.0', { commandLine: 'iommu.passthrough=1' }),
      rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [card(1, { driver: 'vfio-pci' })] }],
    }),
    K: 'iso',
    A: 'iso',
  },
  {
    id: 'S39',
    machine: arm({
      kernel: { release: '6.12.0', parameters: { 'vfio_iommu_type1.allow_unsafe_interrupts': 'Y' } },
      msiControllers: [v2m],
      rootComplexes: [{ iommu: 'smmu', msi: 'v2m', functions: [card(1)] }],
    }),
    K: 'not',
    A: 'not',
    gates: { vfioType1: 'accepts-by-override none', iommufd: 'refuses EPERM' },
  },
  {
    id: 'S42',
    machine: arm({
      rootComplexes: [
        {
          iommu: 'smmu',
          msi: 'its',
          functions: [card(1, { reservedRegions: [{ start: '0x8090000', end: '0x80affff', type: 'msi' }] })],
        },
      ],
    }),
    K: 'iso',
    A: 'iso',
    gates: { vfioType1: 'accepts none', iommufd: 'refuses EINVAL' },
  },
  {
    id: 'S43',
    machine: arm({
      rootComplexes: [
        {
          iommu: 'smmu',
          msi: 'its',
          functions: [card(1, { reservedRegions: [{ start: '0x80000000', end: '0x8000ffff', type: 'direct' }] })],
        },
      ],
    }),
    K: 'iso',
    A: 'iso',
    gates: { vfioType1: 'refuses EINVAL', iommufd: 'refuses EINVAL' },
  },
  {
    id: 'S44',
    machine: tree({
      kernel: release('6.1.0'),
      iommus: [{ ...smmuV2, coherent: false }],
      deviceTree: { properties: { '/pcie@4010000000': { 'dma-coherent': null } } },
    }),
    K: 'iso',
    A: 'iso',
    gates: { vfioType1: 'refuses EINVAL' },
  },
  {
    id: 'S56',
    machine: arm({ rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [card(1, {}, IDLE)] }] }),
    K: 'iso',
    A: 'iso',
    gates: { vfioType1: 'accepts none', iommufd: 'accepts none' },
  },
  {
    id: 'S57',
    machine: arm({
      kernel: release('7.2.0'),
      rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [card(1, { group: null }, IDLE)] }],
    }),
    K: 'iso',
    A: 'not',
    gates: { vfioType1: 'refuses EINVAL' },
  },
  {
    id: 'S58',
    machine: tree({
      rootComplexes: [{ iommuMap: [{ from: 0, count: 0x100, to: 'smmu' }], msi: 'its', functions: [card(1)] }],
    }),
    K: 'iso',
    A: 'not',
    gates: { vfioType1: 'refuses EINVAL' },
  },
  {
    id: 'S59',
    machine: arm({ iommus: [{ ...smmu, driver: false }] }),
    K: 'iso',
    A: 'not',
    gates: { vfioType1: 'refuses EAGAIN' },
  },
  {
    id: 'S60',
    machine: tree({ iommus: [{ ...smmu, coherent: false }] }),
    K: 'iso',
    A: 'iso',
    gates: { vfioType1: 'refuses EINVAL' },
  },
]
