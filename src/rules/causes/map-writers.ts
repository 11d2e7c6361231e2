import { compatibleOf, type DeviceTreeNode } from '../../machine/devicetree.js'

/**
 * Host bridges whose iommu-map and msi-map the boot loader writes: U-Boot on Layerscape gives every function that it
 * enumerates an entry of the bridge's lookup table and of both maps; what is plugged or made later has none unless it
 * is named to it.
 * Source: U-Boot, drivers/pci/pcie_layerscape_fixup.c, fdt_fixup_pcie_ls.
 */
const WRITTEN_BY_U_BOOT = /^fsl,(?:ls1028a|ls1043a|ls1046a|ls1088a|ls208[058]a|lx2160a)-pcie$/

/** Whether the boot loader writes the maps of a host bridge. */
export function isMapWrittenByBootLoader(bridge: DeviceTreeNode): boolean {
  const compatible = compatibleOf(bridge)
  return compatible.state === 'known' && compatible.value.some((name) => WRITTEN_BY_U_BOOT.test(name))
}

/** The step for a function that U-Boot did not see; the same for both maps, so that it is one step. */
export const TELL_U_BOOT =
  'Name them to the boot loader: U-Boot writes iommu-map and msi-map of {bridge} for functions in its variable pci_iommu_extra as well (pci@{registers},<bus>.<device>.<function>,vfs=<number> for virtual functions, hp for a slot).'

/** What fills it: the unit address of a Layerscape host bridge is that of its registers. */
export function uBootDetails(bridge: DeviceTreeNode): Readonly<Record<string, string>> {
  return { bridge: bridge.path, registers: `0x${bridge.name.split('@')[1] ?? ''}` }
}
