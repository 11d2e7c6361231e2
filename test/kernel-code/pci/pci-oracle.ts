import { join } from 'node:path'
import { cutBetween, cutFunction, cutFunctionIfThere, functionsThatMention } from '../cut.js'
import type { IdSource } from './drawing.js'
import { kernelFile, Oracle, SOURCES, withStubs } from '../oracle.js'

/** What makes a device use RequesterIDs that are not its own, or a bridge put its own in place of others. */
const ALIAS_MARKS =
  /\bpci_add_dma_alias\(|PCI_DEV_FLAGS_BRIDGE_XLATE_ROOT|PCI_DEV_FLAG_PCIE_BRIDGE_ALIAS|_BRIDGE_NO_ALIAS/

/** Reads registers behind a BAR; the stubs have their own in its place. */
const OF_THE_STUBS = 'quirk_switchtec_ntb_dma_alias'

/** Every fixup that sets an alias, with the declarations and tables that call it. */
function aliasFixups(quirks: string): string {
  const handlers = functionsThatMention(quirks, ALIAS_MARKS)
  if (handlers.length < 8 || !handlers.includes(OF_THE_STUBS)) throw new Error(`fixups found: ${handlers.join(', ')}`)
  const parts = [cutBetween(quirks, 'static const struct pci_device_id fixed_dma_alias_tbl', 'static void quirk_fixed')]
  for (const handler of handlers) {
    if (handler !== OF_THE_STUBS) parts.push(cutFunction(quirks, handler))
    for (const [declaration] of quirks.matchAll(/^DECLARE_PCI_FIXUP_\w+\([^;]*;/gm))
      if (new RegExp(String.raw`\b${handler}\)`).test(declaration)) parts.push(declaration)
  }
  for (const [definition, name = ''] of quirks.matchAll(/^#define (\w+)\(vid\) \\\n.*\\\n.*\)$/gm)) {
    if (!definition.includes(OF_THE_STUBS)) continue
    parts.push(definition, ...[...quirks.matchAll(new RegExp(String.raw`^${name}\(.*?\);`, 'gm'))].map(([use]) => use))
  }
  return parts.join('\n')
}

const PCI_VENDOR_ID_IDT = 0x111d

export interface PciOracle {
  readonly oracle: Oracle
  /** Vendor and device ids that its tables name, and numbers in the text of the ACS quirks: device ids in functions. */
  readonly source: IdSource
}

/** The PCI walks and quirks of a release, and the choice of a group. */
export function pciOracle(release: string): PciOracle {
  const file = (path: string) => kernelFile(release, path)
  const header = file('include/linux/pci.h')
  const probe = file('drivers/pci/probe.c')
  const pci = file('drivers/pci/pci.c')
  const quirks = file('drivers/pci/quirks.c')
  const iommu = file('drivers/iommu/iommu.c')
  const acs = cutBetween(quirks, 'static int pci_acs_ctrl_enabled(', '/* Config space offset of Root Complex Base')
  const keepsAcs = pci.includes('pci_disable_broken_acs_cap(dev)')
  const inline = [
    'pci_dev_id',
    'pci_is_root_bus',
    'pci_pcie_cap',
    'pci_is_pcie',
    'pci_physfn',
    'pci_upstream_bridge',
    'pcie_caps_reg',
  ]
  const flags = [...header.matchAll(/^\t(PCI_DEV_FLAG\w+) = \(__force pci_dev_flags_t\) (.*),$/gm)]
  const parts = [
    ...flags.map(([, name = '', value = '']) => `#define ${name} ${value}`),
    cutBetween(header, 'struct pci_fixup {', 'enum pci_fixup_pass {'),
    ...inline.map((name) => cutFunction(header, name)),
    cutFunction(header, 'pci_pcie_type'),
    cutFunction(file('drivers/pci/pci.h'), 'pcie_downstream_port'),
    cutFunction(probe, 'set_pcie_port_type'),
    cutFunction(file('arch/x86/pci/common.c'), 'pci_real_dma_dev'),
    cutFunction(pci, 'pci_add_dma_alias'),
    cutFunction(pci, 'pci_devs_are_dma_aliases'),
    cutFunctionIfThere(quirks, 'pci_disable_broken_acs_cap'),
    ...(keepsAcs ? ['#define ACS_IS_KEPT', cutFunction(pci, 'pci_acs_init')] : []),
    aliasFixups(quirks),
    cutFunction(quirks, 'pci_do_fixups'),
    acs,
    ...['pci_acs_flags_enabled', 'pci_acs_enabled', 'pci_acs_path_enabled'].map((name) => cutFunction(pci, name)),
    cutFunction(file('drivers/pci/search.c'), 'pci_for_each_dma_alias'),
    cutFunction(file('drivers/pci/msi/irqdomain.c'), 'get_msi_id_cb'),
    'static struct iommu_group *get_pci_alias_group(struct pci_dev *, unsigned long *);',
    cutBetween(iommu, '#define REQ_ACS_FLAGS', '/*\n * For multifunction devices which are not isolated'),
    cutFunction(iommu, 'get_pci_function_alias_group'),
    cutFunction(iommu, 'get_pci_alias_group'),
    cutBetween(iommu, 'struct group_for_pci_data {', '/*\n * DMA alias iterator callback'),
    cutFunction(iommu, 'get_pci_alias_or_group'),
    cutFunction(iommu, 'pci_device_group'),
  ]
  const include = ['include/linux/pci_ids.h', 'include/uapi/linux/pci_regs.h'].flatMap((path) => [
    '-include',
    join(SOURCES, release, path),
  ])
  const oracle = new Oracle(withStubs('pci/stubs.c', parts.join('\n')), include)
  const ids = oracle.list('tables').map((line): readonly [number, number] => {
    const [vendor = 0, device = 0] = line.split(' ').map(Number)
    return [vendor, device]
  })
  for (const [text] of cutFunctionIfThere(quirks, 'pci_disable_broken_acs_cap').matchAll(/\b0x[0-9a-f]{4}\b/g))
    ids.push([PCI_VENDOR_ID_IDT, Number(text)])
  const vendors = [...new Set(ids.map(([vendor]) => vendor))]
  const numbers = [...acs.matchAll(/\b0x[0-9a-fA-F]{3,4}\b/g)].map(([text]) => Number(text))
  return { oracle, source: { ids: vendors.map((of) => ids.filter(([vendor]) => vendor === of)), numbers } }
}
