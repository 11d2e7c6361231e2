import { expect, it } from 'vitest'
import { acsEnabled } from '../../../../../src/kernel/pci/acs.js'
import { buildPciTopology } from '../../../../../src/kernel/pci/pci-topology.js'
import { ACS_QUIRKS } from '../../../../../src/kernel/pci/quirks/acs-quirks.js'
import {
  DMA_ALIAS_QUIRKS,
  HIDDEN_PCIE_TO_PCI_BRIDGES,
  TRANSLATION_ROOT_BRIDGES,
} from '../../../../../src/kernel/pci/quirks/dma-alias-quirks.js'
import type { PciePortType } from '../../../../../src/machine/pci.js'
import { pciFunction } from '../pci-functions.js'

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

// A function whose port type cannot be read passes over rows that ask for one: what stands behind must not say yes then.
it('no row that may refuse a port stands before one that says yes of the same device', () => {
  const refuses = new Set(['listed-ports', 'listed-only', 'registers'])
  const allows = new Set(['isolated', 'isolated-as'])
  const overlap = (one: Row, two: Row) =>
    one.vendor === two.vendor &&
    (one.devices.length === 0 || two.devices.length === 0 || one.devices.some((id) => two.devices.includes(id)))
  const behind = ACS_QUIRKS.flatMap((row, at) =>
    refuses.has(row.quirk.kind)
      ? ACS_QUIRKS.slice(at + 1).filter((later) => allows.has(later.quirk.kind) && overlap(row, later))
      : [],
  )
  expect(ACS_QUIRKS.filter(({ quirk }) => refuses.has(quirk.kind))).toHaveLength(4)
  expect(behind).toEqual([])
})

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
  [0x1c28, 'quirk_dma_func1_alias', 1, 0x122],
  [0x9005, 'quirk_fixed_dma_alias', 1, 0x285],
  [0x8086, 'quirk_mic_x200_dma_alias', 2, 0x44c4],
  [0x8086, 'quirk_pex_vca_alias', 6, 0xf80a],
  [0x10b5, 'quirk_plx_ntb_dma_alias', 2, 0x10f61],
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

/**
 * What the functions of the table themselves list, in quirks.c of 7.2: single ids and ranges of them, hexadecimal, of
 * ports of this type with this answer, where the others of the vendor have another. Without an ACS capability that is `no`,
 * but for those of which only registers tell.
 */
it.each<[string, number, PciePortType, 'yes' | 'unknown', string]>([
  ['pci_quirk_cavium_acs', 0x177d, 'root-port', 'yes', 'a000-a7ff af84 b884'],
  ['pci_quirk_zhaoxin_pcie_ports_acs', 0x1d17, 'root-port', 'yes', '0710-071e 0721 0723-0752'],
  ['pci_quirk_zhaoxin_pcie_ports_acs', 0x1d17, 'downstream-port', 'yes', '0710-071e 0721 0723-0752'],
  ['pci_quirk_wangxun_nic_acs', 0x8088, 'endpoint', 'yes', '0100-010f 1001 2001 5010 5025 5040 5110 5125 5140'],
  [
    'pci_quirk_intel_pch_acs',
    0x8086,
    'root-port',
    'unknown',
    '3b42-3b51 1c10-1c1f 1e10-1e1f 8c10-8c1f 9c10-9c1b 9c90-9c9b 1d10 1d12 1d14 1d16 1d18 1d1a 1d1c 1d1e 8d10-8d1e ' +
      '8c90 8c92 8c94 8c96 8c98 8c9a 8c9c 8c9e',
  ],
  ['pci_quirk_intel_spt_pch_acs', 0x8086, 'root-port', 'unknown', 'a110-a11f a167-a16a a290-a29f a2e7-a2ee 9d10-9d1b'],
])('%s (row %#)', (source, vendor, type, expected, list) => {
  const acs = source.includes('spt') ? { acs: [0x1d, 0] as const } : {}
  const answer = (device: number) => {
    const fn = pciFunction({ at: '00:05.0', type, multifunctionBit: true, ids: [vendor, device], ...acs })
    return acsEnabled(buildPciTopology([fn], undefined), fn, { hasIvrs: 'no' })
  }
  const ranges = list.split(' ').map((range) => range.split('-').map((id) => Number.parseInt(id, 16)))
  const edges = ranges.map(([first = 0, last = first]) => [first - 1, first, last, last + 1])
  expect(edges.map((ids) => ids.map(answer))).toEqual(edges.map(() => ['no', expected, expected, 'no']))
})
