import type { PciFunction } from '../../machine/pci.js'
import { configured, type KernelContext } from '../context.js'
import { iommuDriverOf } from './iommu-driver.js'
import type { DescribedIommu } from './described-iommu.js'
import { atLeast } from '../release.js'

/** What the driver core says of each function that it binds without the IOMMU, once its timeout has passed. */
const GIVEN_UP = /[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]: deferred probe timeout, ignoring dependency/

/** Whether the timeout of deferred probing has passed, and drivers are no longer put off. */
export function hasGivenUp({ log }: KernelContext): boolean {
  return log.of(GIVEN_UP).length > 0
}

/**
 * Whether the kernel puts drivers off until a driver runs `iommu`, which none does. Not from a table that it does not
 * look at for want of the driver or of the table's reader (K: iort_iommu_driver_enabled, viot_dev_iommu_init; the VIOT
 * is read from 5.14 on); and not once the timeout of deferred probing has passed, which on a device tree holds on all
 * releases and for ACPI on late ones (K: driver_deferred_probe_check_state). Seen with 5.10, 6.1, 6.12 and 7.2.
 */
export function isAwaited(context: KernelContext, fn: PciFunction, iommu: DescribedIommu): boolean {
  const { machine, observedRelease } = context
  const { source, kind } = iommu
  if (source === 'viot' && observedRelease && !atLeast(observedRelease, 5, 14)) return false
  const option = iommuDriverOf(kind)?.option
  if (source !== 'devicetree' && option !== undefined && configured(machine, option) === 'no') return false
  if (hasGivenUp(context)) return false
  // A driver that has the function without the IOMMU shows the same.
  return source !== 'devicetree' || fn.driver.state !== 'known'
}
