import type { KernelContext } from '../context.js'
import type { DescribedIommu } from './described-iommu.js'

/** The SMMU that the tree describes at `address` started, or as many as the IORT has did. */
function smmuStarted(context: KernelContext, kind: 'smmuv3' | 'smmuv2', { source, address }: DescribedIommu): boolean {
  const started = context.startedSmmus()?.[kind]
  if (!started) return false
  if (source === 'devicetree') return address !== undefined && started.bases.has(address.toString(16))
  return source === 'iort' && started.numbered === started.inIort
}

/**
 * Whether the kernel log shows the driver of a described IOMMU at work, where nobody collected `/sys/class/iommu`. It is
 * no more than a second witness: the function's own group is the first, and only the driver of the IOMMU that firmware
 * describes for it makes that (K: iommu_probe_device; iort_iommu_configure_id, of_iommu_configure). On x86 the tables
 * leave one driver to choose from. What was collected, or could not be read, is never outdone by the log.
 */
export function isDrivenByLog(context: KernelContext, described: DescribedIommu): boolean {
  const { iommus, kernel } = context.machine
  if (iommus.state !== 'unreadable' || iommus.reason !== 'not-collected' || kernel.log.state !== 'known') return false
  switch (described.kind) {
    case 'vt-d':
    case 'amd-vi':
      return true
    case 'smmuv3':
    case 'smmuv2':
      return smmuStarted(context, described.kind, described)
    case 'virtio-iommu':
    case 'riscv':
    case 'other':
    case 'none':
    case 'unknown':
      return false
  }
}
