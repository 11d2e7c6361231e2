import type { KernelContext } from '../kernel/context.js'
import type { Decision } from '../kernel/decision.js'
import { attachmentOf, type Attachment } from '../kernel/iommu/iommu-attachment.js'
import { isDrivenByLog } from '../kernel/iommu/driven-by-log.js'
import type { DescribedIommu } from '../kernel/iommu/described-iommu.js'
import type { IommuGroup, IommuInstance } from '../machine/iommu.js'
import type { PciFunction } from '../machine/pci.js'
import type { IommuLink } from './route.js'
import { streamIdSiblings, type StreamIdTable } from './stream-id-siblings.js'

/** The driven IOMMU that description and `iommu` link agree on; undefined where they name different ones. */
function agreedInstance(
  context: KernelContext,
  target: DescribedIommu | undefined,
  linked: IommuInstance | undefined,
): IommuInstance | undefined {
  // VT-d and AMD-Vi units are told by the link alone; elsewhere description and link have to name the same one.
  if (target?.kind === 'vt-d' || target?.kind === 'amd-vi') return linked?.kind === target.kind ? linked : undefined
  const described = target && context.drivenIommus().of(target)
  return linked && linked !== described ? undefined : described
}

function hostDomainOf(group: IommuGroup | undefined, attachment: Attachment): string {
  if (group) return group.type.state === 'known' ? group.type.value : 'unknown'
  return attachment.state === 'undecided' ? 'unknown' : 'none'
}

/**
 * The IOMMU in front of a function, joined from what firmware describes, the kernel drives and the function's links.
 *
 * @param table who shares a StreamID with whom
 */
export function iommuLink(
  context: KernelContext,
  fn: PciFunction,
  described: Decision<DescribedIommu | 'none'>,
  table: StreamIdTable,
): IommuLink {
  const attachment = attachmentOf(context, fn, described, streamIdSiblings(fn, described, table))
  const undecided = described.state === 'undecided'
  const target = !undecided && described.value !== 'none' ? described.value : undefined
  const linkName = fn.iommu.state === 'known' ? fn.iommu.value : undefined
  const linked = context.drivenIommus().named(linkName)
  const instance = agreedInstance(context, target, linked)
  const group = attachment.state === 'grouped' ? context.groups.get(attachment.group) : undefined
  const seen = instance ?? linked
  const kind = seen?.kind ?? target?.kind ?? (undecided ? 'unknown' : 'none')
  const ownName = target?.nodePath ?? target?.ownFunction ?? target?.source
  return {
    kind,
    name: seen?.name ?? ownName ?? (kind === 'none' ? 'none' : 'unknown'),
    described,
    instance: instance ?? (undecided ? linked : undefined),
    drivenByLog: target !== undefined && isDrivenByLog(context, target),
    attachment,
    group,
    streamIds: target?.streamIds ?? (undecided ? 'unknown' : []),
    hostDomain: hostDomainOf(group, attachment),
  }
}
