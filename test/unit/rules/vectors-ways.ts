import { arm, card, tree } from './metal.js'
import { release, smmuV2, v2m, type Vector, its } from './vector.js'
import { besideDesignWare } from './vector-machines.js'

/** See vector.ts. */
export const VECTORS_WAYS: readonly Vector[] = [
  {
    id: 'S1',
    machine: arm({
      kernel: release('7.1.0'),
      rootComplexes: [{ iommu: 'smmu', msiMap: [{ to: 'its', outputBase: 0x10000 }], functions: [card(1)] }],
    }),
    K: 'iso',
    A: 'iso',
    gates: { vfioType1: 'accepts none', iommufd: 'accepts none' },
  },
  {
    id: 'S3',
    machine: arm({ kernel: release('7.1.0'), iommus: [], rootComplexes: [{ msi: 'its', functions: [card(1)] }] }),
    K: 'iso',
    A: 'not',
    gates: { vfioType1: 'refuses EINVAL' },
  },
  { id: 'S4', machine: arm({ rootComplexes: [{ iommu: 'smmu', functions: [card(1)] }] }), K: 'not', A: 'not' },
  {
    id: 'S5',
    machine: arm({
      gic: { version: 3 },
      msiControllers: [v2m],
      rootComplexes: [{ iommu: 'smmu', msi: 'v2m', functions: [card(1)] }],
    }),
    K: 'not',
    A: 'not',
  },
  {
    id: 'S6',
    machine: arm({ msiControllers: [v2m], rootComplexes: [{ iommu: 'smmu', msi: 'v2m', functions: [card(1)] }] }),
    K: 'not',
    A: 'not',
    gates: { vfioType1: 'refuses EPERM', iommufd: 'refuses EPERM' },
  },
  { id: 'S7', machine: arm({ kernel: release('5.15.0') }), K: 'iso', A: 'iso' },
  { id: 'S8', machine: besideDesignWare('5.15.0'), K: 'not', A: 'iso' },
  { id: 'S9', machine: besideDesignWare('6.8.0'), K: 'iso', A: 'iso' },
  {
    id: 'S10',
    machine: arm({
      kernel: release('4.9.0'),
      iommus: [smmuV2],
      msiControllers: [v2m],
      rootComplexes: [{ iommu: 'smmu', msi: 'v2m', functions: [card(1)] }],
    }),
    K: 'iso',
    A: 'not',
  },
  {
    id: 'S12',
    machine: arm({
      kernel: release('4.12.0'),
      gic: { version: 3 },
      msiControllers: [],
      rootComplexes: [{ iommu: 'smmu', functions: [card(1)] }],
    }),
    K: 'iso',
    A: 'not',
  },
  {
    id: 'S46',
    machine: arm({
      msiControllers: [
        { ...its, id: 1, inMadt: false, usable: false },
        { ...its, name: 'other', id: 0 },
      ],
    }),
    K: 'not',
    A: 'not',
  },
  {
    id: 'S47',
    machine: arm({
      gic: { version: 3 },
      msiControllers: [
        { ...its, id: 1, inMadt: false, usable: false },
        { ...its, name: 'other', id: 0 },
        { ...v2m, usable: false },
      ],
    }),
    K: 'not',
    A: 'not',
  },
  {
    id: 'S48',
    machine: arm({
      gic: { version: 3 },
      kernel: release('6.12.0', { commandLine: 'irqchip.gicv3_nolpi=1' }),
      msiControllers: [{ ...its, usable: false }, v2m],
      acpi: {},
      rootComplexes: [{ iommu: 'smmu', msi: 'v2m', functions: [card(1)] }],
    }),
    K: 'not',
    A: 'not',
  },
  {
    id: 'S53',
    machine: tree({
      kernel: release('6.17.0'),
      msiControllers: [{ name: 'its', type: 'gicv5-its', address: '0x2f000000' }],
    }),
    K: 'iso',
    A: 'iso',
  },
  { id: 'S55', machine: arm({ privilege: 'nobody' }), K: 'iso', A: 'unk' },
  {
    id: 'S61, 6.1',
    machine: tree({
      kernel: release('6.1.0'),
      msiControllers: [{ ...its, usable: false }],
      deviceTree: { properties: { '/interrupt-controller@8000000/msi-controller@8080000': { status: 'disabled' } } },
    }),
    K: 'iso',
    A: 'not',
    gates: { vfioType1: 'accepts none' },
  },
  {
    id: 'S61, 6.12',
    machine: tree({
      msiControllers: [{ ...its, usable: false }],
      deviceTree: { properties: { '/interrupt-controller@8000000/msi-controller@8080000': { status: 'disabled' } } },
    }),
    K: 'not',
    A: 'not',
    gates: { vfioType1: 'refuses EPERM' },
  },
  {
    id: 'S63',
    machine: arm({
      kernel: release('7.2.0', { debugfs: true }),
      msiControllers: [v2m],
      rootComplexes: [{ iommu: 'smmu', msi: 'v2m', functions: [card(1)] }],
    }),
    K: 'not',
    A: 'not',
  },
]
