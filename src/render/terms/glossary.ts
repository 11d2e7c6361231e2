/** An acronym that outputs use, in its spellings, and what it stands for. */
export interface Term {
  /** The spellings; any of them counts as the first use. */
  readonly forms: readonly string[]
  readonly expansion: string
}

const term = (expansion: string, ...forms: readonly string[]): Term => ({ forms, expansion })

/** Every acronym of any output. Names that everybody reads as names (PCI, USB, JSON) are in `KNOWN_NAMES`. */
export const GLOSSARY: readonly Term[] = [
  term('access control services', 'ACS'),
  term('advanced configuration and power interface', 'ACPI'),
  term('advanced programmable interrupt controller', 'APIC'),
  term('address translation services', 'ATS'),
  term('base address register', 'BAR'),
  term('bus, device and function number', 'BDF'),
  term('base system architecture', 'BSA'),
  term('direct memory access', 'DMA'),
  term('direct memory access remapping table', 'DMAR', 'DMAR-IR'),
  term('desktop management interface', 'DMI'),
  term('hypervisor exception level', 'EL2'),
  term('generic interrupt controller', 'GIC', 'GICv2', 'GICv3', 'GICv4', 'GICv4.1', 'GICv5'),
  term('version 2 generic interrupt controller with messages', 'GICv2m'),
  term('incoming message-signaled interrupt controller', 'IMSIC'),
  term('I/O interrupt controller', 'IO-APIC'),
  term('I/O memory management unit', 'IOMMU'),
  term('I/O remapping table', 'IORT'),
  term('I/O virtual address', 'IOVA'),
  term('interrupt routing service', 'IRS'),
  term('interrupt translation service', 'ITS'),
  term('I/O virtualization reporting structure', 'IVRS'),
  term('interrupt wire bridge', 'IWB'),
  term('kernel-based virtual machine', 'KVM'),
  term('locality-specific peripheral interrupt', 'LPI'),
  term('multiple interrupt controller description table', 'MADT'),
  term('message-based interrupt', 'MBI'),
  term('memory-mapped configuration table', 'MCFG'),
  term('message signaled interrupt', 'MSI'),
  term('extended message signaled interrupt', 'MSI-X'),
  term('process address space id', 'PASID'),
  term('performance monitor counter group', 'PMCG'),
  term('physical function', 'PF'),
  term('page request interface', 'PRI'),
  term('reduced instruction set I/O mapping table', 'RIMT'),
  term('reserved memory range', 'RMR'),
  term('requester id', 'RID'),
  term('system memory management unit', 'SMMU', 'SMMUv1', 'SMMUv2', 'SMMUv3'),
  term('shared peripheral interrupt', 'SPI'),
  term('single-root I/O virtualization', 'SR-IOV'),
  term('secure virtual machine', 'SVM'),
  term('virtual function', 'VF'),
  term('virtual function I/O', 'VFIO'),
  term('virtual I/O translation table', 'VIOT'),
  term('volume management device', 'VMD'),
  term('ACPI name-space device declaration', 'ANDD'),
  term('remapping hardware unit definition', 'DRHD'),
  term('I/O virtualization hardware definition', 'IVHD'),
  term('I/O virtualization memory definition', 'IVMD'),
  term('reserved memory region reporting', 'RMRR'),
]

/**
 * Capitals that are names to everyone who runs lspci, ids whose word says what they are, and words of Linux that are
 * quoted as Linux prints them.
 */
export const KNOWN_NAMES: ReadonlySet<string> = new Set(
  [
    'PCI PCIe U-Boot ISA USB SCSI IDE RAID ATA SATA SAS NVMe SMBus CXL InfiniBand ID IDs CPU CPUs JSON UEFI BIOS OEM QEMU I/O',
    'RequesterID RequesterIDs StreamID StreamIDs DeviceID DeviceIDs EventID VT-d AMD AMD-Vi RISC-V ARM LoongArch IBM',
    'EPERM EINVAL EAGAIN ENODEV SETLPI DMA-FQ KiB POWER PowerVM Hyper-V DesignWare SynQuacer PCIe-to-PCI DEN IO',
  ].flatMap((line) => line.split(' ')),
)
