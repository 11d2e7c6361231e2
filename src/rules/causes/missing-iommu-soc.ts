import type { PciFunction } from '../../machine/pci.js'
import type { Cause } from './cause.js'
import { KEEP_ON_HOST } from './keep-on-host.js'

/** Processors without an IOMMU before PCIe, by `vendor:device` of their root ports, which are on the chip. */
const WITHOUT_IOMMU: ReadonlyMap<string, string> = new Map([
  ['14e4:2711', 'BCM2711 (Raspberry Pi 4)'],
  ['14e4:2712', 'BCM2712 (Raspberry Pi 5)'],
  ['1d87:0100', 'Rockchip RK3399'],
  ['1d87:3566', 'Rockchip RK3566 or RK3568'],
])

const hex4 = (value: number) => value.toString(16).padStart(4, '0')

function idOf({ vendor, device }: PciFunction): string {
  return vendor.state === 'known' && device.state === 'known' ? `${hex4(vendor.value)}:${hex4(device.value)}` : ''
}

const socHasNone: Cause = {
  id: 'soc-has-no-iommu-before-pcie',
  family: 'missing-iommu',
  scope: 'device',
  actor: 'hardware',
  title: 'This processor has no IOMMU before PCIe',
  decidedBy: 'Vendor and device id of the root port above the function, which is on the chip.',
  summary: '{soc} has no IOMMU before PCIe; those that it has serve other blocks',
  remedy: KEEP_ON_HOST,
  lasting: true,
  references: [
    { kind: 'linux', title: 'Linux, device trees', locator: 'bcm2711.dtsi, bcm2712.dtsi, rk3399.dtsi, rk356x.dtsi' },
  ],
  decide: ({ routes: { context } }, { fn: { address } }) => {
    const port = context.functions.find(
      (other) => other.address.segment === address.segment && WITHOUT_IOMMU.has(idOf(other)),
    )
    if (port === undefined) return undefined
    const id = idOf(port)
    return {
      details: { soc: WITHOUT_IOMMU.get(id) ?? '' },
      evidence: [{ from: { path: `sys/bus/pci/devices/${port.name}` }, value: id }],
    }
  },
}

export const SOC_MISSING_IOMMU: readonly Cause[] = [socHasNone]
