/** A device with another way to its MSI registers or MSI-X table than the one that a host can watch. */
export interface MsiBackDoor {
  readonly vendor: number
  /** Undefined: every device of the vendor. */
  readonly device?: number
  /** Base class and subclass. */
  readonly baseAndSubclass?: number
  readonly name: string
  readonly way: string
  readonly source: string
}

/** Source of all: QEMU, hw/vfio/pci-quirks.c, which traps these ways for its guests. */
export const MSI_BACK_DOORS: readonly MsiBackDoor[] = [
  {
    vendor: 0x10ec,
    device: 0x8168,
    name: 'Realtek RTL8168',
    way: 'registers 0x70 (data) and 0x74 (address) of BAR 2 reach the MSI-X table',
    source: 'QEMU hw/vfio/pci-quirks.c: vfio_probe_rtl8168_bar2_window_quirk',
  },
  {
    vendor: 0x1002,
    baseAndSubclass: 0x0300,
    name: 'AMD graphics',
    way: 'configuration space shows at 0x4000 of BAR 2 and through a window of I/O BAR 4',
    source: 'QEMU hw/vfio/pci-quirks.c: vfio_probe_ati_bar2_4000_quirk, vfio_probe_ati_bar4_window_quirk',
  },
  {
    vendor: 0x10de,
    baseAndSubclass: 0x0300,
    name: 'NVIDIA graphics',
    way: 'configuration space shows at 0x1800 and 0x88000 of BAR 0, through a window of I/O BAR 5 and through VGA ports',
    source:
      'QEMU hw/vfio/pci-quirks.c: vfio_probe_nvidia_bar0_quirk, vfio_probe_nvidia_bar5_quirk, vfio_vga_probe_nvidia_3d0_quirk',
  },
]
