import type { Cause, CauseFamily } from './cause.js'
import {
  driverTooLate,
  guestWithoutIommu,
  noIommuMode,
  refusedByDriver,
  streamIdOutOfRange,
  streamIdMappedTwice,
  streamIdTaken,
  unexplainedIommu,
  xenWithoutIommu,
} from './missing-iommu.js'
import { DEVICE_TREE_FAULTS, DEVICE_TREE_MISSING_IOMMU } from './missing-iommu-devicetree.js'
import { IORT_MISSING_IOMMU } from './missing-iommu-iort.js'
import { SOC_MISSING_IOMMU } from './missing-iommu-soc.js'
import { X86_MISSING_IOMMU, X86_WORDS } from './missing-iommu-x86.js'
import { MISSING_MSI_CONTROLLER, unexplainedMsiController } from './missing-msi-controller.js'
import { MISSING_REMAPPING, remappingUnexplained } from './missing-remapping.js'
import { UNCHECKED_PAYLOAD, uncheckedByHardware } from './unchecked-payload.js'
import { UNDRIVEN_IOMMU, undrivenUnexplained } from './undriven-iommu.js'

export interface FamilyOfCauses {
  /** What sits nearest and is surest first; the first that holds is the cause. */
  readonly causes: readonly Cause[]
  /** Where none holds; its remedy says which evidence would tell. */
  readonly otherwise: Cause
}

export const CAUSES: Readonly<Record<CauseFamily, FamilyOfCauses>> = {
  'missing-iommu': {
    causes: [
      xenWithoutIommu,
      ...X86_WORDS,
      driverTooLate,
      streamIdMappedTwice,
      streamIdTaken,
      streamIdOutOfRange,
      refusedByDriver,
      ...DEVICE_TREE_FAULTS,
      guestWithoutIommu,
      ...X86_MISSING_IOMMU,
      ...DEVICE_TREE_MISSING_IOMMU,
      ...SOC_MISSING_IOMMU,
      ...IORT_MISSING_IOMMU,
      noIommuMode,
    ],
    otherwise: unexplainedIommu,
  },
  'undriven-iommu': { causes: UNDRIVEN_IOMMU, otherwise: undrivenUnexplained },
  'missing-msi-controller': { causes: MISSING_MSI_CONTROLLER, otherwise: unexplainedMsiController },
  'unchecked-payload': { causes: UNCHECKED_PAYLOAD, otherwise: uncheckedByHardware },
  'missing-remapping': { causes: MISSING_REMAPPING, otherwise: remappingUnexplained },
}

/** Every cause of a family, in the order in which they are asked. */
export function causesOf(family: CauseFamily): readonly Cause[] {
  const { causes, otherwise } = CAUSES[family]
  return [...causes, otherwise]
}
