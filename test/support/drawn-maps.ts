import type {
  IommuDescription,
  MapEntryDescription,
  MsiControllerDescription,
  RootComplexDescription,
} from '../../src/emulator/machine-description.js'
import type { Slot } from './drawn-functions.js'

/** Whether a release is MAJOR.MINOR or later. */
export function atLeast(release: string, major: number, minor: number): boolean {
  const [first = 0, second = 0] = release.split('.').map(Number)
  return first > major || (first === major && second >= minor)
}

/** How a root complex's RequesterIDs reach SMMU and ITS. */
export type Routing =
  | 'identity'
  | 'offset'
  | 'shifted'
  | 'partial-iommu'
  | 'partial-msi'
  | 'two-smmus'
  | 'two-its'
  | 'overlap'
  | 'collide'
  | 'single'
  | 'mask'
  | 'no-iommu'
  | 'no-msi'
  | 'msi-parent'
  | 'private'

/** The machine that the maps are for. */
export interface Parts {
  readonly firmware: 'acpi' | 'devicetree'
  readonly release: string
  readonly iommus: readonly IommuDescription[]
  readonly msi: readonly MsiControllerDescription[]
}

/** One root complex as drawn. */
export interface Drawn {
  readonly routing: Routing
  readonly slots: readonly Slot[]
  readonly ports: boolean
  /** Bus at which partial and split maps change. */
  readonly split: number
  readonly ats: boolean
}

/** Maps of a root complex. Output ranges of different complexes are apart, but for `collide`. */
export function mapsOf(index: number, drawn: Drawn, parts: Parts): Partial<RootComplexDescription> {
  const { routing, split } = drawn
  const smmus = parts.iommus.map(({ name }) => name)
  const controllers = parts.msi.map(({ name }) => name)
  const [smmu, otherSmmu = smmu] = smmus
  const [its, otherIts = its] = controllers
  const base = index * 0x20000
  const cut = split << 8
  const all = (to: string | undefined, outputBase: number): MapEntryDescription[] =>
    to === undefined ? [] : [{ from: 0, count: 0x10000, to, outputBase }]
  const low = (to: string | undefined, outputBase: number): MapEntryDescription[] =>
    to === undefined ? [] : [{ from: 0, count: cut, to, outputBase }]
  const high = (to: string | undefined, outputBase: number): MapEntryDescription[] =>
    to === undefined ? [] : [{ from: cut, count: 0x10000 - cut, to, outputBase }]
  switch (routing) {
    case 'identity':
    case 'offset':
      return { iommuMap: all(smmu, base), msiMap: all(its, base) }
    case 'shifted':
      return {
        iommuMap: [...low(smmu, base), ...high(smmu, base + 0x10000 + cut)],
        msiMap: [...low(its, base), ...high(its, base + 0x10000 + cut)],
      }
    case 'partial-iommu':
      return { iommuMap: high(smmu, base + cut), msiMap: all(its, base) }
    case 'partial-msi':
      return { iommuMap: all(smmu, base), msiMap: low(its, base) }
    case 'two-smmus':
      return { iommuMap: [...low(smmu, base), ...high(otherSmmu, base + cut)], msiMap: all(its, base) }
    case 'two-its':
      return { iommuMap: all(smmu, base), msiMap: [...low(its, base), ...high(otherIts, base + cut)] }
    case 'overlap': {
      // Away from all others: an IORT also has ways for the StreamIDs of the hidden part.
      const base = (index + 4) * 0x20000
      const first = (to: string | undefined): MapEntryDescription[] =>
        to === undefined ? [] : [{ from: 0x100, count: 0x100, to, outputBase: base + 0x10100 }]
      return { iommuMap: [...first(smmu), ...all(smmu, base)], msiMap: [...first(its), ...all(its, base)] }
    }
    case 'collide':
      return { iommuMap: all(smmu, 0), msiMap: all(its, 0) }
    case 'single':
      // Up to 5.4 Linux finds nothing in the range of one id that an SMMU then has.
      if (parts.firmware === 'acpi' && !atLeast(parts.release, 5, 6))
        return { iommuMap: all(smmu, base), msiMap: all(its, base) }
      return parts.firmware === 'acpi'
        ? {
            iommuMap: smmu === undefined ? [] : [{ to: smmu, outputBase: base + 7, single: true }],
            msiMap: its === undefined ? [] : [{ to: its, outputBase: base + 7, single: true }],
          }
        : { iommuMap: all(smmu, base), msiMap: all(its, base), msiMapMask: '0xfff8' }
    case 'mask':
      return parts.firmware === 'acpi'
        ? { iommuMap: all(smmu, base), msiMap: all(its, base) }
        : { iommuMap: all(smmu, base), msiMap: all(its, base), iommuMapMask: '0xff00', msiMapMask: '0xff00' }
    case 'no-iommu':
      return { iommuMap: [], msiMap: all(its, base) }
    case 'no-msi':
      return { iommuMap: all(smmu, base), msiMap: [] }
    case 'msi-parent': {
      const usable = parts.firmware === 'devicetree' && its !== undefined && parts.msi[0]?.type === 'its'
      return usable && atLeast(parts.release, 6, 12)
        ? { iommuMap: all(smmu, 0), msiParent: { to: its, cells: [5] } }
        : { iommuMap: all(smmu, base), msiMap: all(its, base) }
    }
    case 'private':
      return parts.firmware === 'devicetree'
        ? { iommuMap: all(smmu, base), msi: 'receiver', compatible: ['qcom,pcie-sm8250'], driver: 'qcom-pcie' }
        : { iommuMap: all(smmu, base), msiMap: all(its, base) }
  }
}

export const ROUTINGS: readonly Routing[] = [
  'identity',
  'identity',
  'offset',
  'offset',
  'shifted',
  'partial-iommu',
  'partial-msi',
  'two-smmus',
  'two-its',
  'overlap',
  'collide',
  'single',
  'mask',
  'no-iommu',
  'no-msi',
  'msi-parent',
  'private',
]
