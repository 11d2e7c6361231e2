/** Which extra device/function numbers a function may use as RequesterID on its own bus. */
export type DmaAliasQuirk =
  /** The same device's function of that number, unless the function is it. */
  | { readonly kind: 'function'; readonly function: number }
  /** These device/function numbers (device << 3 | function). */
  | { readonly kind: 'fixed'; readonly devfns: readonly number[] }
  /** Set from the device's own registers: nobody can tell. */
  | { readonly kind: 'undetermined' }

export interface DmaAliasQuirkEntry {
  readonly vendor: number
  readonly devices: readonly number[]
  /** Only with one of these subsystem ids. */
  readonly subsystem?: { readonly vendor: number; readonly devices: readonly number[] }
  /** Only with this class (base class and subclass). */
  readonly baseAndSubclass?: number
  readonly quirk: DmaAliasQuirk
  /** Name of the fixup in drivers/pci/quirks.c, and where the entry was argued when it says so. */
  readonly source: string
}

const devfn = (device: number, fn: number) => (device << 3) | fn
const range = (count: number, of: (index: number) => number) => Array.from({ length: count }, (_, index) => of(index))

/** Source: K: drivers/pci/quirks.c of 6.12 and 7.1, calls of `pci_add_dma_alias`; pci-config.md section 5. */
export const DMA_ALIAS_QUIRKS: readonly DmaAliasQuirkEntry[] = [
  {
    vendor: 0x1180,
    devices: [0xe832, 0xe476],
    quirk: { kind: 'function', function: 0 },
    source: 'quirk_dma_func0_alias (Ricoh), bugzilla.redhat.com 605888',
  },
  {
    vendor: 0x6766,
    devices: [0x3d40, 0x3d41],
    quirk: { kind: 'function', function: 0 },
    source: 'quirk_dma_func0_alias (Glenfly)',
  },
  {
    vendor: 0x1b4b,
    devices: [
      0x9120, 0x9123, 0x9125, 0x9128, 0x9130, 0x9170, 0x9172, 0x917a, 0x9182, 0x9183, 0x91a0, 0x9215, 0x9220, 0x9230,
      0x9235,
    ],
    quirk: { kind: 'function', function: 1 },
    source: 'quirk_dma_func1_alias (Marvell), bugzilla.kernel.org 42679',
  },
  {
    vendor: 0x1103,
    devices: [0x0642, 0x0645],
    quirk: { kind: 'function', function: 1 },
    source: 'quirk_dma_func1_alias (HighPoint)',
  },
  {
    vendor: 0x197b,
    devices: [0x2392],
    quirk: { kind: 'function', function: 1 },
    source: 'quirk_dma_func1_alias (JMicron JMB388 ESD), bugs.gentoo.org 497630',
  },
  {
    vendor: 0x1c28,
    devices: [0x0122],
    quirk: { kind: 'function', function: 1 },
    source: 'quirk_dma_func1_alias (Lite-On/Plextor M6E), bugzilla.kernel.org 42679',
  },
  {
    vendor: 0x9005,
    devices: [0x0285],
    subsystem: { vendor: 0x9005, devices: [0x02bb, 0x02bc] },
    quirk: { kind: 'fixed', devfns: [devfn(1, 0)] },
    source: 'quirk_fixed_dma_alias (Adaptec 3405, 3805)',
  },
  {
    vendor: 0x8086,
    devices: [0x2260, 0x2264],
    quirk: { kind: 'fixed', devfns: [devfn(0x10, 0), devfn(0x11, 0), devfn(0x12, 3)] },
    source: 'quirk_mic_x200_dma_alias (Intel MIC x200)',
  },
  {
    vendor: 0x8086,
    devices: [0x2954, 0x2955, 0x2956, 0x2958, 0x2959, 0x295a],
    quirk: { kind: 'fixed', devfns: range(0x20 * 5, (index) => devfn(Math.floor(index / 5), index % 5)) },
    source: 'quirk_pex_vca_alias (Intel VCA): functions 0 to 4 of all 32 devices',
  },
  {
    vendor: 0x10b5,
    devices: [0x87b0, 0x87b1],
    quirk: { kind: 'fixed', devfns: range(256, (index) => index) },
    source: 'quirk_plx_ntb_dma_alias (PLX NTB)',
  },
  {
    // Microsemi Switchtec. The fixup lists device ids; all functions of the vendor with class 0680 are taken here, since
    // what the aliases are cannot be told anyway.
    vendor: 0x11f8,
    devices: [],
    baseAndSubclass: 0x0680,
    quirk: { kind: 'undetermined' },
    source: 'quirk_switchtec_ntb_dma_alias (Switchtec NTB)',
  },
  {
    vendor: 0x1055,
    devices: [],
    baseAndSubclass: 0x0680,
    quirk: { kind: 'undetermined' },
    source: 'quirk_switchtec_ntb_dma_alias (Switchtec PCI100x NTB, Efar)',
  },
]

export interface BridgeQuirkEntry {
  readonly vendor: number
  readonly devices: readonly number[]
  readonly source: string
}

/**
 * PCIe-to-PCI bridges without a PCI Express capability: they alias like one where the bridge above them is PCI Express
 * and no PCIe-to-PCI bridge itself. Source: K: drivers/pci/quirks.c, `quirk_use_pcie_bridge_dma_alias`.
 */
export const HIDDEN_PCIE_TO_PCI_BRIDGES: readonly BridgeQuirkEntry[] = [
  { vendor: 0x1b21, devices: [0x1080], source: 'ASMedia ASM1083/1085, bugzilla.kernel.org 44881' },
  { vendor: 0x10e3, devices: [0x8113], source: 'Tundra 8113, bugzilla.kernel.org 44881' },
  { vendor: 0x1283, devices: [0x8892, 0x8893], source: 'ITE 8892 and 8893, bugzilla.kernel.org 73551' },
  { vendor: 0x8086, devices: [0x244e], source: 'Intel 82801, bugzilla.kernel.org 44881' },
]

/**
 * Bridges below which IOMMU and interrupt controller see a device, so that nothing above aliases.
 * Source: K: drivers/pci/quirks.c, `quirk_bridge_cavm_thrx2_pcie_root`.
 */
export const TRANSLATION_ROOT_BRIDGES: readonly BridgeQuirkEntry[] = [
  { vendor: 0x14e4, devices: [0x9000, 0x9084], source: 'Broadcom Vulcan / Cavium ThunderX2' },
]

/**
 * PCIe-to-PCI bridges that keep the RequesterIDs of what is below them, known to the kernel from 7.0 on.
 * Source: K: drivers/pci/quirks.c, PCI_DEV_FLAGS_PCI_BRIDGE_NO_ALIAS (commit 550a190494a0).
 */
export const BRIDGES_WITHOUT_ALIAS: readonly BridgeQuirkEntry[] = [
  { vendor: 0x1a03, devices: [0x1150], source: 'ASPEED AST1150' },
]
