import type { MsiControllerKind } from './kinds.js'

/** What a node has to have, besides its `compatible`, for Linux to make an MSI domain of it. */
export type MsiCondition =
  | 'none'
  | 'msi-controller'
  /** `msi-controller` and `mbi-ranges`. */
  | 'mbi-ranges'

/** One `compatible` string of an MSI controller that is a node of its own. */
export interface MsiBinding {
  readonly kind: Extract<MsiControllerKind, 'its' | 'gicv2m' | 'gicv3-mbi' | 'host-bridge' | 'imsic' | 'other'>
  readonly name: string
  /** File of Linux that makes the domain, below `drivers/`. */
  readonly driver: string
  readonly condition: MsiCondition
  /** `platform`: serves devices on the chip only, never a PCI function. */
  readonly serves: 'pci' | 'platform'
  /** Chip names in `/sys/kernel/irq` begin with it (Linux 6.11 to 6.17 on). */
  readonly chipPrefix: string | undefined
}

type Row = readonly [compatible: string, name: string, driver: string, chipPrefix?: string]

const ITS: MsiBinding = {
  kind: 'its',
  name: 'GICv3 ITS',
  driver: 'irqchip/irq-gic-v3-its.c',
  condition: 'msi-controller',
  serves: 'pci',
  chipPrefix: 'ITS-',
}
const GICV2M: MsiBinding = {
  kind: 'gicv2m',
  name: 'GICv2m frame',
  driver: 'irqchip/irq-gic-v2m.c',
  condition: 'msi-controller',
  serves: 'pci',
  chipPrefix: 'GICv2m-',
}
const MBI: MsiBinding = {
  kind: 'gicv3-mbi',
  name: 'GICv3 MBI',
  driver: 'irqchip/irq-gic-v3-mbi.c',
  condition: 'mbi-ranges',
  serves: 'pci',
  chipPrefix: 'MBI-',
}
const IMSIC: MsiBinding = {
  kind: 'imsic',
  name: 'RISC-V IMSIC',
  driver: 'irqchip/irq-riscv-imsic-platform.c',
  condition: 'none',
  serves: 'pci',
  chipPrefix: undefined,
}
const IPROC: MsiBinding = {
  kind: 'host-bridge',
  name: 'Broadcom iProc MSI',
  driver: 'pci/controller/pcie-iproc-msi.c',
  condition: 'msi-controller',
  serves: 'pci',
  chipPrefix: 'iProc-',
}

/** Controllers that no PCI payload check stands behind; kernel-decision.md section 5. */
const PCI_ROWS: readonly Row[] = [
  ['al,alpine-msix', 'Alpine MSIX', 'irqchip/irq-alpine-msi.c', 'ALPINE-'],
  ['marvell,mpic', 'Marvell MPIC', 'irqchip/irq-armada-370-xp.c', 'MPIC-'],
  ['brcm,bcm2712-mip', 'Broadcom MIP', 'irqchip/irq-bcm2712-mip.c', 'MIP-MSI-'],
  ['fsl,ls1012a-msi', 'Layerscape SCFG MSI', 'irqchip/irq-ls-scfg-msi.c', 'MSI-'],
  ['fsl,ls1021a-msi', 'Layerscape SCFG MSI', 'irqchip/irq-ls-scfg-msi.c', 'MSI-'],
  ['fsl,ls1043a-msi', 'Layerscape SCFG MSI', 'irqchip/irq-ls-scfg-msi.c', 'MSI-'],
  ['fsl,ls1043a-v1.1-msi', 'Layerscape SCFG MSI', 'irqchip/irq-ls-scfg-msi.c', 'MSI-'],
  ['fsl,ls1046a-msi', 'Layerscape SCFG MSI', 'irqchip/irq-ls-scfg-msi.c', 'MSI-'],
  // Misspelt with the digit one in early trees, and still matched.
  ['fsl,1s1021a-msi', 'Layerscape SCFG MSI', 'irqchip/irq-ls-scfg-msi.c', 'MSI-'],
  ['fsl,1s1043a-msi', 'Layerscape SCFG MSI', 'irqchip/irq-ls-scfg-msi.c', 'MSI-'],
  ['marvell,ap806-gicp', 'Marvell GICP', 'irqchip/irq-mvebu-gicp.c', 'GICP-'],
  ['marvell,odmi-controller', 'Marvell ODMI', 'irqchip/irq-mvebu-odmi.c', 'ODMI-'],
  ['marvell,ap806-sei', 'Marvell SEI', 'irqchip/irq-mvebu-sei.c', 'SEI-'],
  ['loongson,pch-msi-1.0', 'Loongson PCH-MSI', 'irqchip/irq-loongson-pch-msi.c', 'PCH-'],
  ['sophgo,sg2042-msi', 'Sophgo MSI', 'irqchip/irq-sg2042-msi.c', 'SG2042-'],
  ['sophgo,sg2044-msi', 'Sophgo MSI', 'irqchip/irq-sg2042-msi.c', 'SG2044-'],
  ['apm,xgene1-msi', 'X-Gene MSI', 'pci/controller/pci-xgene-msi.c'],
  ['altr,msi-1.0', 'Altera MSI', 'pci/controller/pcie-altera-msi.c', 'Altera-'],
]

/** Wired interrupts turned into MSIs, mailboxes and the like: devices on the chip are behind them. */
const PLATFORM_ROWS: readonly Row[] = [
  ['fsl,imx7ulp-mu-msi', 'i.MX MU MSI', 'irqchip/irq-imx-mu-msi.c', 'MU-MSI-'],
  ['fsl,imx6sx-mu-msi', 'i.MX MU MSI', 'irqchip/irq-imx-mu-msi.c', 'MU-MSI-'],
  ['fsl,imx8ulp-mu-msi', 'i.MX MU MSI', 'irqchip/irq-imx-mu-msi.c', 'MU-MSI-'],
  ['hisilicon,mbigen-v2', 'HiSilicon MBIGEN', 'irqchip/irq-mbigen.c'],
  ['ti,sci-inta', 'TI K3 interrupt aggregator', 'irqchip/irq-ti-sci-inta.c'],
  ['marvell,cp110-icu', 'Marvell ICU', 'irqchip/irq-mvebu-icu.c'],
  ['marvell,cp110-icu-nsr', 'Marvell ICU', 'irqchip/irq-mvebu-icu.c'],
  ['marvell,cp110-icu-sei', 'Marvell ICU', 'irqchip/irq-mvebu-icu.c'],
]

function others(rows: readonly Row[], serves: 'pci' | 'platform'): [string, MsiBinding][] {
  return rows.map(([compatible, name, driver, chipPrefix]) => [
    compatible,
    { kind: 'other', name, driver, condition: 'none', serves, chipPrefix },
  ])
}

/** By `compatible`. The translate frames of a GICv5 ITS have none: see `msiProviderOf`. */
export const MSI_BINDINGS: ReadonlyMap<string, MsiBinding> = new Map([
  ['arm,gic-v3-its', ITS],
  ['arm,gic-v2m-frame', GICV2M],
  ['arm,gic-v3', MBI],
  ['riscv,imsics', IMSIC],
  ['brcm,iproc-msi', IPROC],
  ...others(PCI_ROWS, 'pci'),
  ...others(PLATFORM_ROWS, 'platform'),
])
