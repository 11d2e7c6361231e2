import { describe, expect, it } from 'vitest'
import { meaningOfChip } from '../../../../src/kernel/msi/irq-chips.js'
import type { Architecture } from '../../../../src/machine/kernel.js'

const BDF = '0000:01:00.0'

// sysfs-procfs.md section 4 and kernel-decision.md sections 4 and 5: the prefix of each provider, and who carries the flag.
describe('the name of a chip', () => {
  it.each<[string, Architecture, string]>([
    ['ITS-MSI', 'arm64', 'its yes'],
    [`ITS-PCI-MSI-${BDF}`, 'arm64', 'its yes'],
    [`ITS-PCI-MSIX-${BDF}`, 'arm64', 'its yes'],
    ['ITS-pMSI', 'arm64', 'its yes'],
    ['ITS-fMSI', 'arm64', 'its yes'],
    [`ITS-v5-PCI-MSIX-${BDF}`, 'arm64', 'gicv5-its yes'],
    [`GICv2m-PCI-MSIX-${BDF}`, 'arm64', 'gicv2m no'],
    [`MBI-PCI-MSI-${BDF}`, 'arm64', 'gicv3-mbi no'],
    ['MSI', 'arm64', 'other no'],
    ['MSI', 'arm', 'other no'],
    // A name without a prefix belongs to whoever has none on that architecture; on s390 isolation is a constant.
    ['PCI-MSI', 'arm64', 'host-bridge no'],
    [`PCI-MSIX-${BDF}`, 'arm', 'host-bridge no'],
    ['PCI-MSI', 'x86_64', 'x86-vector no'],
    [`PCI-MSIX-${BDF}`, 'x86_64', 'x86-vector no'],
    [`PCI-MSIX-${BDF}`, 'riscv64', 'imsic no'],
    ['PCI-MSI', 's390x', 'other yes'],
    ['IR-PCI-MSI', 'x86_64', 'x86-remapped yes'],
    [`IR-PCI-MSIX-${BDF}`, 'x86_64', 'x86-remapped yes'],
    [`vIR-PCI-MSI-${BDF}`, 'x86_64', 'x86-remapped yes'],
    ['VMD-MSI', 'x86_64', 'other no behind-vmd'],
    [`VMD-PCI-MSIX-10000:e1:00.0`, 'x86_64', 'other no behind-vmd'],
    ['Hyper-V PCIe MSI', 'x86_64', 'other no hypervisor-decides'],
    [`HV-PCI-MSIX-${BDF}`, 'arm64', 'other no hypervisor-decides'],
    ['PNV-PCI-MSI', 'powerpc', 'other no hypervisor-decides'],
    ['pSeries-PCI-MSI', 'powerpc', 'other no hypervisor-decides'],
    ['PCH PCI MSI', 'loongarch64', 'other no'],
    [`PCH-PCI-MSIX-${BDF}`, 'loongarch64', 'other no'],
    ...['MIP-MSI', 'ODMI', 'GICP', 'SEI', 'MPIC', 'ALPINE', 'MSI', 'SG2042', 'SG2044', 'MU-MSI'].map(
      (prefix): [string, Architecture, string] => [`${prefix}-PCI-MSI-${BDF}`, 'arm64', 'other no'],
    ),
    ...[
      'DW',
      'BRCM',
      'nwl',
      'xilinx',
      'pl_dma',
      'RCAR',
      'Altera',
      'MTK',
      'MTK3',
      'iProc',
      'Mobiveil',
      'PLDA',
      'advk',
      'RZG3S',
      'ASPEED',
    ].map((prefix): [string, Architecture, string] => [`${prefix}-PCI-MSI-${BDF}`, 'arm64', 'host-bridge no']),
    ...[
      'BRCM STB PCIe MSI',
      'nwl_pcie:msi',
      'Rcar/PCIe MSI',
      'Altera PCIe MSI',
      'MTK PCIe MSI',
      'iProc-MSI',
      'Tegra PCIe MSI',
    ].map((name): [string, Architecture, string] => [name, 'arm64', 'host-bridge no']),
    // Wired chips and names that nobody lists say nothing, nor do those of another architecture.
    ...['GICv3', 'IO-APIC', 'IR-IO-APIC', 'XT-PIC', 'DMAR-MSI', 'SOMEBODY-PCI-MSI', ''].map(
      (name): [string, Architecture, string] => [name, 'x86_64', 'unknown unknown controller-unknown'],
    ),
    [`IR-PCI-MSIX-${BDF}`, 'arm64', 'unknown unknown controller-unknown'],
    ['MSI', 'x86_64', 'unknown unknown controller-unknown'],
    ['PCI-MSI', 'powerpc', 'unknown unknown controller-unknown'],
  ])('%s on %s: %s', (name, architecture, expected) => {
    const { kind, isolated, doubt } = meaningOfChip(name, architecture)
    expect([kind, isolated, ...(doubt === undefined ? [] : [doubt])].join(' ')).toBe(expected)
  })

  it('that several architectures have says nothing where the architecture is not known', () => {
    expect(meaningOfChip('PCI-MSI', undefined)).toMatchObject({ isolated: 'unknown' })
    expect(meaningOfChip('ITS-MSI', undefined)).toMatchObject({ kind: 'its', isolated: 'yes' })
  })
})
