import type { DmarDeviceScope } from '../../machine/dmar.js'
import type { KernelContext } from '../../kernel/context.js'
import { functionAt } from '../../kernel/pci/pci-topology.js'
import type { PciFunction } from '../../machine/pci.js'

/**
 * The function that a device scope leads to: from the start bus down, each step of the path to the secondary bus of the
 * bridge before. Undefined where no function is there; unknown where a bridge on the way cannot be read.
 * Source: Intel VT-d specification section 8.3.1; K: drivers/iommu/intel/dmar.c, dmar_match_pci_path.
 */
export function functionOfScope(
  { topology }: KernelContext,
  segment: number,
  { startBus, path }: DmarDeviceScope,
): PciFunction | 'unknown' | undefined {
  let bus = startBus
  let found: PciFunction | undefined
  for (const [index, step] of path.entries()) {
    found = functionAt(topology, { segment, bus, ...step })
    if (!found) return undefined
    if (index === path.length - 1) break
    if (found.configuration.state !== 'known' || !found.configuration.value.bridge) return 'unknown'
    bus = found.configuration.value.bridge.secondaryBus
  }
  return found
}
