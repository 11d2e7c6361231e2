import type { PciFunction } from '../../machine/pci.js'

/** Processors without an IOMMU before PCIe, by `vendor:device` of their root ports, which are on the chip. */
export const WITHOUT_IOMMU: ReadonlyMap<string, string> = new Map([
  ['14e4:2711', 'BCM2711 (Raspberry Pi 4)'],
  ['14e4:2712', 'BCM2712 (Raspberry Pi 5)'],
  ['1d87:0100', 'Rockchip RK3399'],
  ['1d87:3566', 'Rockchip RK3566 or RK3568'],
])

const hex4 = (value: number) => value.toString(16).padStart(4, '0')

/** `vendor:device` of a function; empty where it is not known. */
export function idOf({ vendor, device }: PciFunction): string {
  return vendor.state === 'known' && device.state === 'known' ? `${hex4(vendor.value)}:${hex4(device.value)}` : ''
}

/** The first root port of such a processor in each segment that has one. */
export function portsWithoutIommu(functions: readonly PciFunction[]): ReadonlyMap<number, PciFunction> {
  const ports = new Map<number, PciFunction>()
  for (const fn of functions) {
    const { segment } = fn.address
    if (!ports.has(segment) && WITHOUT_IOMMU.has(idOf(fn))) ports.set(segment, fn)
  }
  return ports
}
