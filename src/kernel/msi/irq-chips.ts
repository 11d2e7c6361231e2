import type { Architecture } from '../../machine/kernel.js'
import type { MsiControllerKind } from '../../machine/kinds.js'

/** What an interrupt's chip name says about the MSI controller behind it. */
export interface ChipMeaning {
  readonly kind: MsiControllerKind
  /** Whether domains of that controller carry IRQ_DOMAIN_FLAG_ISOLATED_MSI. */
  readonly isolated: 'yes' | 'no' | 'unknown'
  /** The name has an owner outside Linux or no one knows it. */
  readonly doubt?: 'hypervisor-decides' | 'behind-vmd' | 'hypervisor-owns-iommu' | 'controller-unknown'
}

interface ChipRow extends ChipMeaning {
  readonly pattern: RegExp
  readonly architectures?: readonly Architecture[]
  /** File below the kernel's source that sets the name or the prefix. */
  readonly source: string
}

const ARM: readonly Architecture[] = ['arm64', 'arm']
const X86: readonly Architecture[] = ['x86_64']

/** A prefix of per-device domains (`PREFIX-PCI-MSI[X]-BDF`, 6.2 on x86, 6.11 on Arm), or the older fixed name. */
const privateMsi = (pattern: RegExp, source: string): ChipRow => ({
  pattern,
  kind: 'host-bridge',
  isolated: 'no',
  source,
})
const otherMsi = (pattern: RegExp, source: string): ChipRow => ({ pattern, kind: 'other', isolated: 'no', source })

/** First match wins. An unlisted name means `unknown`, never `no`. */
const CHIPS: readonly ChipRow[] = [
  { pattern: /^ITS-v5-/, kind: 'gicv5-its', isolated: 'yes', source: 'drivers/irqchip/irq-gic-v5-its.c' },
  {
    pattern: /^ITS-(MSI|PCI-MSIX?(-.*)?)$/,
    kind: 'its',
    isolated: 'yes',
    source: 'drivers/irqchip/irq-gic-its-msi-parent.c',
  },
  { pattern: /^ITS-/, kind: 'its', isolated: 'yes', source: 'drivers/irqchip/irq-gic-its-msi-parent.c' },
  { pattern: /^GICv2m-/, kind: 'gicv2m', isolated: 'no', source: 'drivers/irqchip/irq-gic-v2m.c' },
  { pattern: /^MBI-/, kind: 'gicv3-mbi', isolated: 'no', source: 'drivers/irqchip/irq-gic-v3-mbi.c' },
  {
    pattern: /^v?IR-PCI-MSIX?(-.*)?$/,
    kind: 'x86-remapped',
    isolated: 'yes',
    architectures: X86,
    source: 'drivers/iommu/intel/irq_remapping.c, drivers/iommu/amd/iommu.c',
  },
  {
    pattern: /^VMD-/,
    kind: 'other',
    isolated: 'no',
    doubt: 'behind-vmd',
    source: 'drivers/pci/controller/vmd.c',
  },
  {
    pattern: /^(Hyper-V PCIe MSI|HV-PCI-MSI)/,
    kind: 'other',
    isolated: 'no',
    doubt: 'hypervisor-decides',
    source: 'drivers/pci/controller/pci-hyperv.c',
  },
  {
    pattern: /^PNV-PCI-MSI|^pSeries-PCI-MSI/,
    kind: 'other',
    isolated: 'no',
    doubt: 'hypervisor-decides',
    source: 'arch/powerpc/platforms/powernv/pci-ioda.c',
  },
  // Arm before 6.11: GICv2m, MBI and several host bridges all print MSI. None of them checks the payload.
  {
    pattern: /^MSI$/,
    kind: 'other',
    isolated: 'no',
    architectures: ARM,
    source: 'drivers/irqchip/irq-gic-v2m.c and others',
  },
  privateMsi(/^DW-PCI-MSI/, 'drivers/pci/controller/dwc/pcie-designware-host.c'),
  privateMsi(/^(BRCM STB PCIe MSI|BRCM-PCI-MSI)/, 'drivers/pci/controller/pcie-brcmstb.c'),
  privateMsi(/^(nwl_pcie:msi|nwl-PCI-MSI)/, 'drivers/pci/controller/pcie-xilinx-nwl.c'),
  privateMsi(/^(Xilinx|xilinx-|pl_dma)/, 'drivers/pci/controller/pcie-xilinx.c'),
  privateMsi(/^(Rcar\/PCIe MSI|RCAR-)/, 'drivers/pci/controller/pcie-rcar-host.c'),
  privateMsi(/^Altera/, 'drivers/pci/controller/pcie-altera-msi.c'),
  privateMsi(/^MTK3?[- ]/, 'drivers/pci/controller/pcie-mediatek-gen3.c'),
  privateMsi(/^iProc-/, 'drivers/pci/controller/pcie-iproc-msi.c'),
  privateMsi(/^Mobiveil/, 'drivers/pci/controller/mobiveil/pcie-mobiveil-host.c'),
  privateMsi(/^Tegra PCIe MSI/, 'drivers/pci/controller/pci-tegra.c'),
  privateMsi(/^PLDA/, 'drivers/pci/controller/plda/pcie-plda-host.c'),
  privateMsi(/^advk-/, 'drivers/pci/controller/pci-aardvark.c'),
  privateMsi(/^RZG3S-/, 'drivers/pci/controller/pcie-rzg3s-host.c'),
  privateMsi(/^ASPEED-/, 'drivers/pci/controller/pcie-aspeed.c'),
  otherMsi(/^MIP-MSI-/, 'drivers/irqchip/irq-bcm2712-mip.c'),
  otherMsi(/^ODMI-/, 'drivers/irqchip/irq-mvebu-odmi.c'),
  otherMsi(/^GICP-/, 'drivers/irqchip/irq-mvebu-gicp.c'),
  otherMsi(/^SEI-/, 'drivers/irqchip/irq-mvebu-sei.c'),
  otherMsi(/^MPIC-/, 'drivers/irqchip/irq-armada-370-xp.c'),
  otherMsi(/^ALPINE-/, 'drivers/irqchip/irq-alpine-msi.c'),
  otherMsi(/^MSI-PCI-MSI/, 'drivers/irqchip/irq-ls-scfg-msi.c'),
  otherMsi(/^SG204[24]-/, 'drivers/irqchip/irq-sg2042-msi.c'),
  otherMsi(/^MU-MSI/, 'drivers/irqchip/irq-imx-mu-msi.c'),
  otherMsi(/^PCH([- ]PCI)?[- ]MSI|^PCH-PCI-MSI/, 'drivers/irqchip/irq-loongson-pch-msi.c'),
  {
    pattern: /^PCI-MSIX?(-.*)?$/,
    kind: 'x86-vector',
    isolated: 'no',
    architectures: X86,
    source: 'arch/x86/kernel/apic/msi.c',
  },
  {
    pattern: /^PCI-MSIX?(-.*)?$/,
    kind: 'imsic',
    isolated: 'no',
    architectures: ['riscv64'],
    source: 'drivers/irqchip/irq-riscv-imsic-platform.c',
  },
  {
    pattern: /^PCI-MSIX?(-.*)?$/,
    kind: 'other',
    isolated: 'yes',
    architectures: ['s390x'],
    source: 'arch/s390/pci/pci_irq.c',
  },
  // Arm: DesignWare up to 6.14, and parents without a prefix (Tegra, X-Gene, Apple).
  {
    pattern: /^PCI-MSIX?(-.*)?$/,
    kind: 'host-bridge',
    isolated: 'no',
    architectures: ARM,
    source: 'drivers/pci/controller/dwc/pcie-designware-host.c',
  },
]

/**
 * What `chip_name` says of a PCI device's MSI vector. Wired chips never stand behind an MSI vector, so they are unknown
 * here as well. The SynQuacer pre-ITS is not visible in the name: the caller looks at the device tree.
 */
export function meaningOfChip(chipName: string, architecture: Architecture | undefined): ChipMeaning {
  const row = CHIPS.find(
    (chip) =>
      chip.pattern.test(chipName) &&
      (chip.architectures === undefined || (architecture !== undefined && chip.architectures.includes(architecture))),
  )
  return row ?? { kind: 'unknown', isolated: 'unknown', doubt: 'controller-unknown' }
}
