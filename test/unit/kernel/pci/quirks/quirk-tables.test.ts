import { expect, it } from 'vitest'
import { ACS_QUIRKS } from '../../../../../src/kernel/pci/quirks/acs-quirks.js'
import {
  DMA_ALIAS_QUIRKS,
  HIDDEN_PCIE_TO_PCI_BRIDGES,
  TRANSLATION_ROOT_BRIDGES,
} from '../../../../../src/kernel/pci/quirks/dma-alias-quirks.js'

interface Row {
  readonly vendor: number
  readonly devices: readonly number[]
  readonly source: string
}

/** How many devices a vendor has in the rows of one function, and the sum of their ids. */
function totals(rows: readonly Row[], vendor: number, of: string): readonly [number, number] {
  const devices = rows.filter((row) => row.vendor === vendor && row.source.startsWith(of)).flatMap((row) => row.devices)
  return [devices.length, devices.reduce((sum, id) => sum + id, 0)]
}

// Counted in drivers/pci/quirks.c of 6.12 and 7.2, which have the same rows, with the numbers of include/linux/pci_ids.h.
it.each([
  [0x1002, 'pci_quirk_amd_sb_acs', 6, 0x1955e],
  [0x1022, 'pci_quirk_amd_sb_acs', 2, 0xf018],
  [0x1924, 'pci_quirk_mf_endpoint_acs', 3, 0x1c29],
  [0x8086, 'pci_quirk_mf_endpoint_acs', 48, 0x39864],
  [0x17cb, 'pci_quirk_qcom_rp_acs', 5, 0xb47],
  [0x1dbf, 'pci_quirk_qcom_rp_acs', 1, 0x401],
  [0x19a2, 'pci_quirk_mf_endpoint_acs', 1, 0x710],
  [0x10df, 'pci_quirk_mf_endpoint_acs', 1, 0x720],
  [0x177d, 'pci_quirk_mf_endpoint_acs', 3, 0x1e0df],
  [0x10e8, 'pci_quirk_xgene_acs', 1, 0xe004],
  [0x1def, 'pci_quirk_xgene_acs', 8, 0x70044],
  [0x14e4, 'pci_quirk_mf_endpoint_acs', 8, 0xba50],
  [0x14e4, 'pci_quirk_brcm_acs', 1, 0xd714],
  [0x0014, 'pci_quirk_loongson_acs', 10, 0x40bda],
  [0x1c36, 'pci_quirk_al_acs', 1, 0x31],
  [0x1d17, 'pci_quirk_mf_endpoint_acs', 3, 0xf1bf],
  [0x1957, 'pci_quirk_nxp_rp_acs', 24, 0xd463c],
])('vendor %#x: %s has %i devices in pci_dev_acs_enabled', (vendor, of, count, sum) => {
  expect(totals(ACS_QUIRKS, vendor, of)).toEqual([count, sum])
})

it.each([
  [0x1180, 'quirk_dma_func0_alias', 2, 0x1cca8],
  [0x6766, 'quirk_dma_func0_alias', 2, 0x7a81],
  [0x1b4b, 'quirk_dma_func1_alias', 15, 0x8875b],
  [0x1103, 'quirk_dma_func1_alias', 2, 0xc87],
  [0x197b, 'quirk_dma_func1_alias', 1, 0x2392],
  [0x9005, 'quirk_fixed_dma_alias', 1, 0x285],
  [0x8086, 'quirk_mic_x200_dma_alias', 2, 0x44c4],
  [0x8086, 'quirk_pex_vca_alias', 6, 0xf80a],
])('vendor %#x: %s is for %i devices', (vendor, of, count, sum) => {
  expect(totals(DMA_ALIAS_QUIRKS, vendor, of)).toEqual([count, sum])
})

it.each([
  ['quirk_use_pcie_bridge_dma_alias', HIDDEN_PCIE_TO_PCI_BRIDGES, 0x1b21, 1, 0x1080],
  ['quirk_use_pcie_bridge_dma_alias', HIDDEN_PCIE_TO_PCI_BRIDGES, 0x10e3, 1, 0x8113],
  ['quirk_use_pcie_bridge_dma_alias', HIDDEN_PCIE_TO_PCI_BRIDGES, 0x1283, 2, 0x11125],
  ['quirk_use_pcie_bridge_dma_alias', HIDDEN_PCIE_TO_PCI_BRIDGES, 0x8086, 1, 0x244e],
  ['quirk_bridge_cavm_thrx2_pcie_root', TRANSLATION_ROOT_BRIDGES, 0x14e4, 2, 0x12084],
] as const)('%s (row %#)', (_, rows, vendor, count, sum) => {
  expect(totals(rows, vendor, '')).toEqual([count, sum])
})
