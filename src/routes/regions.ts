import type { Answer, IommuKind } from '../machine/kinds.js'
import type { KernelContext } from '../kernel/context.js'
import type { GateErrno } from '../kernel/gate.js'
import { rangeOf } from '../kernel/ids/id-ranges.js'
import type { MsiWindow } from '../kernel/iommu/group-regions.js'
import { HISILICON_HI161X } from '../kernel/iort/iort-regions.js'
import { iortNodeAt } from '../kernel/iort/iort-walk.js'
import { atLeast, mayCarryLaterCode } from '../kernel/release.js'
import type { Route } from './route.js'

const RESERVES_MSI_RANGE: ReadonlySet<IommuKind> = new Set(['smmuv3', 'smmuv2', 'virtio-iommu', 'vt-d', 'amd-vi'])

export interface RegionAnswers {
  readonly softwareMsiWindow: Answer
  /** A 1:1 region that firmware demands keeps user space from owning the group. */
  readonly direct: Answer
  /** With which error regions refuse: EINVAL, but for a `direct` one behind VT-d before 6.6. */
  readonly directErrno: GateErrno
  /** Both kinds of MSI region, which iommufd alone refuses, EINVAL (K: iopt_table_enforce_dev_resv_regions). */
  readonly mixedMsi: Answer
}

const NONE: RegionAnswers = { softwareMsiWindow: 'unknown', direct: 'no', directErrno: 'EINVAL', mixedMsi: 'no' }
const UNKNOWN: RegionAnswers = {
  softwareMsiWindow: 'unknown',
  direct: 'unknown',
  directErrno: 'unknown',
  mixedMsi: 'unknown',
}

const NO_WINDOW: MsiWindow = { kind: 'none' }
const NO_REGIONS: MsiWindow = { kind: 'unknown' }

const answer = (value: boolean): Answer => (value ? 'yes' : 'no')

/** Whose drivers attached a device with a `direct` region before 6.6. */
const ATTACHED_BEFORE_6_6: ReadonlySet<IommuKind> = new Set(['smmuv3', 'smmuv2', 'virtio-iommu', 'amd-vi'])

/**
 * What a `direct` region does to an assignment, if there is one. From 6.6 on the core keeps its device from a blocking
 * domain, which is where taking ownership puts it (K: commit a48ce36e2786). Before, VT-d's driver alone would not attach
 * such a device (K: device_is_rmrr_locked, removed by the same series).
 */
function directRefusal(
  { release }: KernelContext,
  { iommu }: Route,
  present: Answer,
): Pick<RegionAnswers, 'direct' | 'directErrno'> {
  if (!release || atLeast(release, 6, 6) || present === 'no') return { direct: present, directErrno: 'EINVAL' }
  const later = mayCarryLaterCode(release)
  if (iommu.kind === 'vt-d') return { direct: present, directErrno: later ? 'unknown' : 'EPERM' }
  return { direct: later || !ATTACHED_BEFORE_6_6.has(iommu.kind) ? 'unknown' : 'no', directErrno: 'EINVAL' }
}

/**
 * A group still to come has no regions to read; what IORT may bring then leaves open what they will be. Whether memory
 * ranges are honoured the host bridge's `_DSM` tells, which nobody reads here (iort-walk.md sections 8 and 9).
 */
function regionsToCome(context: KernelContext, route: Route): RegionAnswers {
  const { iommu } = route
  const { described } = iommu
  const { iort } = context.machine.acpi
  if (iommu.attachment.state !== 'later' || described.state !== 'decided' || described.value === 'none') return NONE
  const { iortOffset, streamIds } = described.value
  if (iortOffset === undefined || iort.state !== 'known') return NONE
  const smmu = iortNodeAt(iort.value, iortOffset)
  if (smmu?.type !== 'smmuv3' && smmu?.type !== 'smmu') return NONE
  const reserved = context.directStreams().get(smmu.offset) ?? []
  const mayBeDirect = streamIds.some((id) => rangeOf(reserved, id))
  const direct = directRefusal(context, route, mayBeDirect ? 'unknown' : 'no')
  const mixedMsi: Answer = smmu.type === 'smmuv3' && smmu.model === HISILICON_HI161X ? 'unknown' : 'no'
  return { softwareMsiWindow: 'unknown', ...direct, mixedMsi }
}

/** What the reserved regions of a function's group mean for its assignment. */
export function regionsOf(context: KernelContext, route: Route): RegionAnswers {
  const { group } = route.iommu
  if (!group) return regionsToCome(context, route)
  const regions = context.regionsOf(group)
  if (!regions) return UNKNOWN
  const { software, hardware, hasDirect, isEmpty } = regions
  // Drivers of these kinds reserve an MSI range for every group: an empty file is a loss, not an answer.
  if (isEmpty && RESERVES_MSI_RANGE.has(route.iommu.kind)) return UNKNOWN
  const direct = directRefusal(context, route, answer(hasDirect))
  const mixedMsi = answer(software !== undefined && hardware !== undefined)
  return { softwareMsiWindow: answer(software !== undefined), ...direct, mixedMsi }
}

/** Where the doorbell lies in the device's own address space: an object for all groups with the same regions. */
export function msiWindowOf(context: KernelContext, { iommu: { group, attachment } }: Pick<Route, 'iommu'>): MsiWindow {
  const regions = group && context.regionsOf(group)
  return regions?.window ?? (group || attachment.state === 'later' ? NO_REGIONS : NO_WINDOW)
}
