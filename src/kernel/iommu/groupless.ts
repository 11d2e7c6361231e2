import type { PciFunction } from '../../machine/pci.js'
import type { KernelContext, KernelView } from '../context.js'
import { isVfioDriver } from './viability.js'

/**
 * Whether a function that is in no group will not get one when a driver binds, where nobody collected which IOMMUs are
 * driven. Those of x86 take every function in as Linux boots; others did so up to 6.14 as a driver bound, which root ports
 * always have. The control domain of Xen shows no groups at all: some group, a log without Xen, interrupts that go through
 * the machine's own controllers, or another hypervisor rules it out.
 * Source: K: drivers/iommu/iommu.c, probe_iommu_group; drivers/base/dd.c, really_probe (dma_configure).
 */
export function hasNoGroupToCome(context: KernelContext, fn: PciFunction): boolean {
  const { groups, kernel, virtualization } = context.machine
  if (fn.iommuGroup.state !== 'absent') return false
  const { hypervisor = 'xen' } = virtualization
  const isXenRuledOut =
    (groups.state === 'known' && groups.value.length > 0) ||
    kernel.log.state === 'known' ||
    hypervisor !== 'xen' ||
    context.drivesIoApics()
  if (!isXenRuledOut) return false
  if (kernel.architecture.state === 'known' && kernel.architecture.value === 'x86_64') return true
  if (fn.driver.state === 'known' && !isVfioDriver(fn.driver.value)) return true
  return context.segmentsWithoutGroups().has(fn.address.segment)
}

/** Segments of which a port is in no group: its driver was bound as Linux booted. */
export function segmentsWithoutGroups({ functions }: KernelView): ReadonlySet<number> {
  const segments = new Set<number>()
  for (const { address, classCode, iommuGroup } of functions)
    if (classCode.state === 'known' && classCode.value >> 8 === 0x0604 && iommuGroup.state === 'absent')
      segments.add(address.segment)
  return segments
}

/**
 * Whether Linux itself drives the IO-APICs of an x86 machine, as interrupts in use show. Below Xen those of the control
 * domain are `xen-pirq`, and others come from Xen too (K: drivers/xen/events/events_base.c).
 */
export function drivesIoApics({ machine: { interrupts } }: KernelView): boolean {
  const { procInterrupts } = interrupts
  const lines = procInterrupts.state === 'known' ? procInterrupts.value : []
  return (
    lines.some(({ description }) => /^(?:IR-)?IO-APIC\b/.test(description)) &&
    !lines.some(({ description }) => description.startsWith('xen-'))
  )
}
