import type { PciePortType } from '../../../machine/pci.js'

/** How a quirk answers whether a function has the ACS that isolation requires (SV, RR, CR, UF). */
export type AcsQuirk =
  /** It has, by its design. */
  | { readonly kind: 'isolated' }
  /** It has, if it is a port of one of these types; otherwise the quirk says nothing. */
  | { readonly kind: 'isolated-as'; readonly portTypes: readonly PciePortType[] }
  /** As `isolated-as` for the listed devices; a port of these types that is not listed has not. */
  | { readonly kind: 'listed-ports'; readonly portTypes: readonly PciePortType[]; readonly devices: DeviceRanges }
  /** The listed devices have, all others of the vendor have not. */
  | { readonly kind: 'listed-only'; readonly devices: DeviceRanges }
  /** AMD southbridge functions: multifunction, on a root bus, and the machine has an IVRS. */
  | { readonly kind: 'amd-southbridge' }
  /** Registers outside what is decoded decide (for the listed devices, as a root port). */
  | { readonly kind: 'registers'; readonly devices: DeviceRanges; readonly needsAcsCapability: boolean }

/** Inclusive ranges of device ids. */
export type DeviceRanges = readonly (readonly [number, number])[]

export interface AcsQuirkEntry {
  readonly vendor: number
  /** Device ids; empty: every device of the vendor. */
  readonly devices: readonly number[]
  readonly quirk: AcsQuirk
  /** Function in drivers/pci/quirks.c. */
  readonly source: string
}

const ISOLATED: AcsQuirk = { kind: 'isolated' }
const ROOT_PORT: readonly PciePortType[] = ['root-port']
const single = (...devices: readonly number[]): DeviceRanges => devices.map((device) => [device, device] as const)

/**
 * Switch ports that lose completions to Source Validation: some kernel from 7.0 on, 7.2 for certain, takes it for not
 * implemented. Source: K: 7.2 drivers/pci/quirks.c, `pci_disable_broken_acs_cap` (IDT).
 */
export const SOURCE_VALIDATION_BROKEN: { readonly vendor: number; readonly devices: readonly number[] } = {
  vendor: 0x111d,
  devices: [0x80b5, 0x8090],
}

/** In table order: the first entry that answers wins. Source: K: drivers/pci/quirks.c of 6.12, `pci_dev_acs_enabled`. */
export const ACS_QUIRKS: readonly AcsQuirkEntry[] = [
  {
    vendor: 0x1002,
    devices: [0x4385, 0x439c, 0x4383, 0x439d, 0x4384, 0x4399],
    quirk: { kind: 'amd-southbridge' },
    source: 'pci_quirk_amd_sb_acs (ATI SB)',
  },
  { vendor: 0x1022, devices: [0x780f, 0x7809], quirk: { kind: 'amd-southbridge' }, source: 'pci_quirk_amd_sb_acs' },
  {
    vendor: 0x1924,
    devices: [0x0903, 0x0923, 0x0a03],
    quirk: ISOLATED,
    source: 'pci_quirk_mf_endpoint_acs (Solarflare)',
  },
  {
    vendor: 0x8086,
    devices: [
      0x10c6, 0x10db, 0x10dd, 0x10e1, 0x10f1, 0x10f7, 0x10f8, 0x10f9, 0x10fa, 0x10fb, 0x10fc, 0x1507, 0x1514, 0x151c,
      0x1529, 0x152a, 0x154d, 0x154f, 0x1551, 0x1558, 0x1509, 0x150e, 0x150f, 0x1510, 0x1511, 0x1516, 0x1527, 0x10c9,
      0x10e6, 0x10e7, 0x10e8, 0x150a, 0x150d, 0x1518, 0x1526, 0x10a7, 0x10a9, 0x10d6, 0x1521, 0x1522, 0x1523, 0x1524,
      0x105e, 0x105f, 0x1060, 0x10d9, 0x15b7, 0x15b8,
    ],
    quirk: ISOLATED,
    source: 'pci_quirk_mf_endpoint_acs (Intel 8257x, 8258x, 8259x, I350, I219)',
  },
  {
    vendor: 0x8086,
    devices: [],
    quirk: { kind: 'isolated-as', portTypes: ['rc-integrated-endpoint'] },
    source: 'pci_quirk_rciep_acs (Intel root complex integrated endpoints)',
  },
  {
    vendor: 0x17cb,
    devices: [0x0400, 0x0401, 0x0115, 0x0111, 0x0120],
    quirk: ISOLATED,
    source: 'pci_quirk_qcom_rp_acs (QDF2xxx, SA8775P, Hamoa, Glymur)',
  },
  { vendor: 0x1dbf, devices: [0x0401], quirk: ISOLATED, source: 'pci_quirk_qcom_rp_acs (HXT SD4800)' },
  {
    vendor: 0x8086,
    devices: [],
    quirk: {
      kind: 'registers',
      needsAcsCapability: false,
      devices: [
        [0x3b42, 0x3b51],
        [0x1c10, 0x1c1f],
        [0x1e10, 0x1e1f],
        [0x8c10, 0x8c1f],
        [0x9c10, 0x9c1b],
        [0x9c90, 0x9c9b],
        ...single(0x1d10, 0x1d12, 0x1d14, 0x1d16, 0x1d18, 0x1d1a, 0x1d1c, 0x1d1e),
        [0x8d10, 0x8d1e],
        ...single(0x8c90, 0x8c92, 0x8c94, 0x8c96, 0x8c98, 0x8c9a, 0x8c9c, 0x8c9e),
      ],
    },
    source: 'pci_quirk_intel_pch_acs (root ports of 5 to 9 series PCHs)',
  },
  {
    vendor: 0x8086,
    devices: [],
    quirk: {
      kind: 'registers',
      needsAcsCapability: true,
      devices: [
        [0xa110, 0xa11f],
        [0xa167, 0xa16a],
        [0xa290, 0xa29f],
        [0xa2e7, 0xa2ee],
        [0x9d10, 0x9d1b],
      ],
    },
    source: 'pci_quirk_intel_spt_pch_acs (Sunrise Point and Union Point: control register at another offset)',
  },
  { vendor: 0x19a2, devices: [0x0710], quirk: ISOLATED, source: 'pci_quirk_mf_endpoint_acs (Emulex BE3-R)' },
  { vendor: 0x10df, devices: [0x0720], quirk: ISOLATED, source: 'pci_quirk_mf_endpoint_acs (Emulex Skyhawk-R)' },
  {
    vendor: 0x177d,
    devices: [...Array.from({ length: 0x800 }, (_, index) => 0xa000 + index), 0xaf84, 0xb884],
    quirk: { kind: 'isolated-as', portTypes: ROOT_PORT },
    source: 'pci_quirk_cavium_acs (ThunderX 1, 2 and 3 root ports)',
  },
  { vendor: 0x177d, devices: [0xa026, 0xa059, 0xa060], quirk: ISOLATED, source: 'pci_quirk_mf_endpoint_acs (Cavium)' },
  { vendor: 0x10e8, devices: [0xe004], quirk: ISOLATED, source: 'pci_quirk_xgene_acs (APM X-Gene)' },
  {
    vendor: 0x1def,
    devices: [0xe005, 0xe006, 0xe007, 0xe008, 0xe009, 0xe00a, 0xe00b, 0xe00c],
    quirk: ISOLATED,
    source: 'pci_quirk_xgene_acs (Ampere)',
  },
  {
    vendor: 0x14e4,
    devices: [0x16d7, 0x1750, 0x1751, 0x1752, 0x1760, 0x1761, 0x1762, 0x1763],
    quirk: ISOLATED,
    source: 'pci_quirk_mf_endpoint_acs (Broadcom)',
  },
  { vendor: 0x14e4, devices: [0xd714], quirk: ISOLATED, source: 'pci_quirk_brcm_acs (iProc PAXB root ports)' },
  {
    vendor: 0x0014,
    devices: [0x3c09, 0x3c19, 0x3c29, 0x7a09, 0x7a19, 0x7a29, 0x7a39, 0x7a49, 0x7a59, 0x7a69],
    quirk: ISOLATED,
    source: 'pci_quirk_loongson_acs (Loongson root ports)',
  },
  {
    vendor: 0x1c36,
    devices: [0x0031],
    quirk: { kind: 'isolated-as', portTypes: ROOT_PORT },
    source: 'pci_quirk_al_acs (Annapurna Labs root ports)',
  },
  { vendor: 0x1d17, devices: [0x3038, 0x3104, 0x9083], quirk: ISOLATED, source: 'pci_quirk_mf_endpoint_acs (Zhaoxin)' },
  {
    vendor: 0x1957,
    devices: [
      0x8d80, 0x8d81, 0x8d82, 0x8d83, 0x8d88, 0x8d89, 0x8d8a, 0x8d8b, 0x8d90, 0x8d91, 0x8d92, 0x8d93, 0x8d98, 0x8d99,
      0x8d9a, 0x8d9b, 0x8da0, 0x8da1, 0x8da8, 0x8da9, 0x8db0, 0x8db1, 0x8db8, 0x8db9,
    ],
    quirk: ISOLATED,
    source: 'pci_quirk_nxp_rp_acs (NXP LX2 root ports)',
  },
  {
    vendor: 0x1d17,
    devices: [],
    quirk: {
      kind: 'listed-ports',
      portTypes: ['root-port', 'downstream-port'],
      devices: [
        [0x0710, 0x071e],
        [0x0721, 0x0721],
        [0x0723, 0x0752],
      ],
    },
    source: 'pci_quirk_zhaoxin_pcie_ports_acs',
  },
  {
    vendor: 0x8088,
    devices: [],
    quirk: {
      kind: 'listed-only',
      devices: [[0x0100, 0x010f], ...single(0x1001, 0x2001, 0x5010, 0x5025, 0x5040, 0x5110, 0x5125, 0x5140)],
    },
    source: 'pci_quirk_wangxun_nic_acs',
  },
]
