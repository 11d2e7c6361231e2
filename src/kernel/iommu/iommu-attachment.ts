import type { Provenance } from '../../machine/fact.js'
import type { IommuInstance } from '../../machine/iommu.js'
import type { Answer } from '../../machine/kinds.js'
import type { PciFunction } from '../../machine/pci.js'
import { hasGivenUp, isAwaited } from './awaited-iommu.js'
import type { KernelContext } from '../context.js'
import { undecided, type Decision, type Undecided } from '../decision.js'
import { hasNoGroupToCome } from './groupless.js'
import type { DescribedIommu } from './described-iommu.js'
import { xenWithoutIommu } from '../x86/xen-log.js'
import { atLeast, mayCarryLaterCode } from '../release.js'

/**
 * Whether a function has an IOMMU group, or will have one when vfio-pci binds to it. "No `iommu_group` link" alone is
 * not "not translated": up to 6.14 firmware-described IOMMUs take a function when a driver binds.
 */
export type Attachment =
  | { readonly state: 'grouped'; readonly group: string; readonly from: readonly Provenance[] }
  /** Joins a group when vfio-pci binds. */
  | { readonly state: 'later'; readonly from: readonly Provenance[] }
  /** Has none and never gets one: binding fails, -EINVAL. `owner`: the function that has its StreamID. */
  | {
      readonly state: 'never'
      readonly why: NeverReason
      readonly owner?: string
      readonly from: readonly Provenance[]
    }
  /** An IOMMU is described that no driver runs, or none any more: binding fails, -EAGAIN. */
  | { readonly state: 'deferred'; readonly why: DeferredReason; readonly from: readonly Provenance[] }
  /** The same, and the kernel does not wait, or waits no longer: binding fails, -EINVAL. */
  | { readonly state: 'not-awaited'; readonly why: DeferredReason; readonly from: readonly Provenance[] }
  /** No group now and none to come; what the bind returns cannot be told. */
  | { readonly state: 'never-or-deferred'; readonly from: readonly Provenance[] }
  | Undecided

export type DeferredReason = 'not-driven' | 'registration-undone'
export type NeverReason = 'not-described' | 'not-driven' | 'refused' | 'stream-id-taken' | 'no-iommu-mode'

/**
 * Whether the core has taken a registered IOMMU back. From 6.15 on it takes the functions when the driver registers
 * the IOMMU (bus_iommu_probe()), and one that fails undoes it for all (iommu_device_register()). Only the driver of
 * virtio-iommu does not look at what that returns and leaves its class entry, with no device in it; seen with 7.2.
 */
function isRegistrationUndone(described: DescribedIommu, { devices }: IommuInstance): boolean {
  return described.kind === 'virtio-iommu' && devices.state === 'known' && devices.value.length === 0
}

/** What the functions that share a StreamID at the IOMMU say of this one. */
export interface StreamIdSiblings {
  readonly streamIdTaken: Answer
  /** Name of a function that certainly has it. */
  readonly owner?: string
  readonly aliasRefused: Answer
}

const TAKES_ALL_FUNCTIONS = new Set(['vt-d', 'amd-vi'])

/** The driver of the IOMMU was asked for the function and would not have it: for a StreamID that another has, if one does. */
function refused({ streamIdTaken, owner }: StreamIdSiblings, from: readonly Provenance[]): Attachment {
  if (streamIdTaken !== 'yes') return { state: 'never', why: 'refused', from }
  return { state: 'never', why: 'stream-id-taken', ...(owner === undefined ? {} : { owner }), from }
}

/**
 * What the no-IOMMU mode of VFIO holds had no group when it was bound: no IOMMU is described for it, one that no driver
 * runs and nobody waits for, or one that would not take it.
 */
function inNoIommuMode(
  context: KernelContext,
  described: Decision<DescribedIommu | 'none'>,
  from: readonly Provenance[],
): Attachment {
  const { iommus } = context.machine
  if (described.state === 'decided' && described.value !== 'none' && iommus.state !== 'unreadable') {
    const both = [...from, ...described.from]
    const noneDriven = iommus.state === 'absent' || iommus.value.length === 0
    if (TAKES_ALL_FUNCTIONS.has(described.value.kind)) {
      if (noneDriven) return { state: 'never', why: 'not-driven', from: both }
    } else if (!context.drivenIommus().of(described.value))
      return { state: 'not-awaited', why: 'not-driven', from: both }
  }
  return { state: 'never', why: 'no-iommu-mode', from }
}

/**
 * The rules of drivers/iommu/iommu.c and of commit bcb81ac6ae3c (6.15), in the kernel's order. `siblings` tells of the
 * functions that share one of its StreamIDs: whether one of them owns it already, or was refused.
 */
export function attachmentOf(
  context: KernelContext,
  fn: PciFunction,
  described: Decision<DescribedIommu | 'none'>,
  siblings: StreamIdSiblings,
): Attachment {
  const { iommus, virtualization } = context.machine
  if (virtualization.controlDomain) {
    const without = xenWithoutIommu(context)
    return without === undefined
      ? undecided('hypervisor-owns-iommu', virtualization.evidence.from)
      : { state: 'never', why: 'not-driven', from: [without] }
  }
  if (fn.iommuGroup.state === 'unreadable') return undecided('unreadable', fn.iommuGroup.from)
  if (fn.iommuGroup.state === 'known') {
    const id = fn.iommuGroup.value
    const group = context.groups.get(id)
    if (!group) return undecided('unreadable', fn.iommuGroup.from)
    if (group.name.state === 'known' && group.name.value === 'vfio-noiommu') {
      return inNoIommuMode(context, described, group.name.from)
    }
    if (group.name.state === 'unreadable') return undecided('unreadable', group.name.from)
    return { state: 'grouped', group: id, from: fn.iommuGroup.from }
  }
  const from = fn.iommuGroup.from
  if (iommus.state === 'unreadable') {
    const isNone = iommus.reason === 'not-collected' && hasNoGroupToCome(context, fn)
    return isNone ? { state: 'never-or-deferred', from } : undecided('unreadable', iommus.from)
  }
  const noneDriven = iommus.state === 'absent' || iommus.value.length === 0
  if (described.state === 'undecided') {
    return noneDriven && described.doubt === 'unreadable' ? { state: 'never-or-deferred', from } : described
  }
  if (described.value === 'none') return { state: 'never', why: 'not-described', from: [...from, ...described.from] }
  const iommu = described.value
  if (TAKES_ALL_FUNCTIONS.has(iommu.kind)) {
    return { state: 'never', why: noneDriven ? 'not-driven' : 'refused', from }
  }
  const instance = context.drivenIommus().of(iommu)
  if (!instance) {
    const both = [...described.from, ...iommus.from]
    return { state: isAwaited(context, fn, iommu) ? 'deferred' : 'not-awaited', why: 'not-driven', from: both }
  }
  const { observedRelease } = context
  if (!observedRelease) return undecided('kernel-unknown', context.machine.kernel.release.from)
  if (atLeast(observedRelease, 6, 15)) {
    if (!isRegistrationUndone(iommu, instance)) return refused(siblings, from)
    const both = [...described.from, ...instance.devices.from]
    return { state: hasGivenUp(context) ? 'not-awaited' : 'deferred', why: 'registration-undone', from: both }
  }
  if (fn.driver.state === 'unreadable') return undecided('unreadable', fn.driver.from)
  const keepsStreamIds = atLeast(observedRelease, 5, 13)
  if (fn.driver.state === 'known') {
    const both = [...from, ...fn.driver.from]
    return keepsStreamIds ? refused(siblings, both) : { state: 'never', why: 'refused', from: both }
  }
  if (siblings.streamIdTaken === 'yes') {
    // Before 5.13 the driver kept no table of StreamIDs: it takes the second owner and stops in a BUG_ON.
    if (!keepsStreamIds) return undecided('kernel-unknown', context.machine.kernel.release.from)
    return refused(siblings, from)
  }
  if (siblings.aliasRefused === 'yes') return { state: 'never', why: 'refused', from }
  if (siblings.streamIdTaken === 'unknown' || siblings.aliasRefused === 'unknown') return undecided('unreadable', from)
  // From 6.15 on the driver would have been asked by now.
  if (mayCarryLaterCode(observedRelease)) return undecided('kernel-unknown', context.machine.kernel.release.from)
  return { state: 'later', from: [...from, ...described.from] }
}
