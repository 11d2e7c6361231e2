import type { Cause } from './cause.js'
import { KEEP_ON_HOST } from './keep-on-host.js'
import { idOf, WITHOUT_IOMMU } from './socs-without-iommu.js'

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
  decide: ({ portsWithoutIommu }, { fn: { address } }) => {
    const port = portsWithoutIommu().get(address.segment)
    if (port === undefined) return undefined
    const id = idOf(port)
    return {
      details: { soc: WITHOUT_IOMMU.get(id) ?? '' },
      evidence: [{ from: { path: `sys/bus/pci/devices/${port.name}` }, value: id }],
    }
  },
}

export const SOC_MISSING_IOMMU: readonly Cause[] = [socHasNone]
