import type { Doubt } from '../kernel/decision.js'
import type { NeverReason } from '../kernel/iommu/iommu-attachment.js'
import type { IommuKind, MsiControllerKind } from '../machine/kinds.js'
import type { Route } from '../routes/route.js'
import type { Reason, Verdict } from './verdict.js'

/** One thing that holds the verdict down, or up, with its word. */
export interface Ground {
  readonly verdict: Verdict
  readonly reason: Reason
}

const notIsolated = (reason: Reason): Ground => ({ verdict: 'not-isolated', reason })
const unknown = (doubt: Doubt): Ground => ({ verdict: 'unknown', reason: doubt })

/** Reason of a controller that takes any payload. */
function payloadReason(kind: MsiControllerKind): Reason {
  switch (kind) {
    case 'none':
      return 'no-msi-controller'
    case 'gicv2m':
    case 'gicv3-mbi':
      return kind
    case 'host-bridge':
      return 'host-bridge-msi'
    case 'x86-vector':
    case 'x86-remapped':
      return 'x86-not-remapped'
    case 'imsic':
    case 'its':
    case 'gicv5-its':
    case 'other':
    case 'unknown':
      return 'payload-not-checked'
  }
}

/** Reason of an isolated verdict. */
function isolatedReason(controller: MsiControllerKind, iommu: IommuKind): Reason {
  const smmu = iommu === 'smmuv3' || iommu === 'smmuv2'
  if (controller === 'its') return smmu ? 'its-behind-smmu' : 'its-behind-iommu'
  if (controller === 'gicv5-its') return smmu ? 'gicv5-its-behind-smmu' : 'its-behind-iommu'
  // What is left that isolates does so by the architecture, whatever takes the MSIs.
  return controller === 'x86-remapped' ? 'x86-remapped' : 'architecture-constant'
}

/** An IOMMU stands before the function, and its driver would not take it. */
export const isRefused = (why: NeverReason): boolean => why === 'refused' || why === 'stream-id-taken'

/** An IOMMU has to stand before the function, as firmware describes it and as the kernel drives it. */
function iommuGrounds(route: Route): Ground[] {
  const { attachment, described, instance, kind } = route.iommu
  switch (attachment.state) {
    case 'never':
      return [notIsolated(isRefused(attachment.why) ? 'stream-id-refused' : 'no-iommu')]
    // None is driven. Whether one is described could not be read, so that nothing says that none is there.
    case 'never-or-deferred':
    case 'deferred':
    case 'not-awaited':
      return [notIsolated('iommu-not-probed')]
    case 'undecided':
      // Whether it has a group cannot be told; that firmware describes no IOMMU for it can.
      return attachment.doubt === 'unreadable' && described.state === 'decided' && described.value === 'none'
        ? [notIsolated('no-iommu')]
        : [unknown(attachment.doubt)]
    case 'grouped':
    case 'later':
      break
  }
  if (described.state === 'undecided') return [unknown(described.doubt)]
  // A group without an IOMMU in the tables: of two witnesses that disagree the weaker counts.
  if (described.value === 'none') return [notIsolated('no-iommu')]
  if (kind === 'unknown') return [unknown('controller-unknown')]
  // What the architecture itself gives every function needs no instance to show for it.
  const named = instance !== undefined || described.value.source === 'architecture' || route.iommu.drivenByLog
  if (route.iommu.group && !named) return [unknown('witnesses-disagree')]
  return []
}

/** Its MSI controller has to check the payload, as described and as in use. */
function msiGrounds(route: Route): Ground[] {
  const { described, inUse } = route.msi
  // Whatever its interrupts in use are called.
  if (described.state === 'decided' && described.value.isConstant === true) return []
  const grounds: Ground[] = []
  if (inUse.state === 'unreadable') grounds.push(unknown('unreadable'))
  if (inUse.state === 'known') {
    if (inUse.doubt !== undefined) grounds.push(unknown(inUse.doubt))
    else if (inUse.isolated === 'no') grounds.push(notIsolated(payloadReason(route.msi.kind)))
    else if (inUse.isolated === 'unknown') grounds.push(unknown('controller-unknown'))
  }
  if (described.state === 'undecided') {
    grounds.push(unknown(described.doubt))
  } else {
    const { controller, payloadChecked } = described.value
    const kind = controller?.kind ?? 'none'
    if (payloadChecked === 'no' && !(inUse.state === 'known' && inUse.doubt !== undefined))
      grounds.push(notIsolated(controller?.preIts === 'yes' ? 'pre-its' : payloadReason(kind)))
    else if (payloadChecked === 'unknown') grounds.push(unknown('unreadable'))
    else if (controller && inUse.state === 'known' && inUse.isolated === 'yes' && inUse.kind !== kind) {
      grounds.push(unknown('witnesses-disagree'))
    }
  }
  return grounds
}

/**
 * The base of a function's verdict: no IOMMU before it, a controller that does not check the payload, or none at all
 * make it not isolated; what a hypervisor decides or nobody can read makes it unknown.
 */
export function baseGrounds(route: Route): readonly Ground[] {
  const grounds = [...iommuGrounds(route), ...msiGrounds(route)]
  if (grounds.length > 0) return grounds
  return [{ verdict: 'isolated', reason: isolatedReason(route.msi.kind, route.iommu.kind) }]
}
