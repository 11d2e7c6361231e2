import { logLines, type KernelContext } from '../context.js'
import type { DescribedIommu } from './iommu-description.js'

/** K: arm_smmu_device_hw_probe, arm_smmu_device_cfg_probe. */
const FOUND = /^arm-smmu(-v3)? (\S{1,80}): (?:(?:ias \d+-bit, )?oas \d+-bit \(features|SMMUv[12] with)/
/** Whatever an SMMU's driver printed as it gave up. */
const FAILED =
  /^arm-smmu(?:-v3)?[: ].{0,120}(?:failed|[Ff]ailed to|unable to|missing|no translation support|not responding|too small|unknown output|not supported)/
/** Devices of an IORT have the number of their making in place of an address. */
const NUMBERED = /^arm-smmu(?:-v3)?\.\d{1,3}\.auto$/

/** The SMMU that the tree describes at `address` started, or as many as the IORT has did. */
function smmuStarted(context: KernelContext, described: DescribedIommu): boolean {
  const { machine } = context
  if (logLines(machine, FAILED).length > 0) return false
  const isV3 = described.kind === 'smmuv3'
  const names = new Set<string>()
  for (const line of logLines(machine, FOUND)) {
    const [, version, name = ''] = FOUND.exec(line) ?? []
    if ((version !== undefined) === isV3) names.add(name)
  }
  if (described.source === 'devicetree') {
    const digits = described.address?.toString(16)
    return digits !== undefined && [...names].some((name) => name.startsWith(`${digits}.`))
  }
  const { iort } = machine.acpi
  if (described.source !== 'iort' || iort.state !== 'known') return false
  const nodes = iort.value.nodes.filter(({ type }) => type === described.kind)
  return [...names].filter((name) => NUMBERED.test(name)).length === nodes.length
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
      return smmuStarted(context, described)
    case 'virtio-iommu':
    case 'riscv':
    case 'other':
    case 'none':
    case 'unknown':
      return false
  }
}
