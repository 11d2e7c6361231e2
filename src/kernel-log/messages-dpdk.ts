import { NAMES, wording, type KernelLogMessage } from './message.js'

const { function: pciFunction } = NAMES

/** What DPDK, and programs that bind devices through sysfs, print when VFIO does not take one. */
export const DPDK_MESSAGES: readonly KernelLogMessage[] = [
  {
    id: 'bind-refused',
    topic: 'refusal',
    words: ['bind', 'write'],
    wordings: [
      wording(
        `bind failed for ${pciFunction} - Cannot bind to driver vfio-pci(?:: \\[Errno \\d{1,3}\\] [A-Z][a-z ]{1,40})?`,
      ),
      wording(/\/drivers\/vfio-pci\/bind: (?:[Ii]nvalid argument|[Nn]o such device|[Dd]evice or resource busy)/),
      // Of the shell, which does not say what it wrote to.
      wording(/echo: write error: (?:Invalid argument|No such device|Device or resource busy)/),
    ],
    says: 'The kernel refused what was written. To bind of vfio-pci, Invalid argument (22) means that the device has no IOMMU group, that its IOMMU is not cache-coherent, or that it is on the denylist; before Linux 5.14 each of these reads No such device (19). Busy (16): a PF with VFs enabled, or the device is in use.',
    source: 'drivers/base/bus.c: bind_store; DPDK, usertools/dpdk-devbind.py: bind_one',
  },
  {
    id: 'dpdk-set-iommu-failed',
    topic: 'refusal',
    words: ['IOMMU'],
    wordings: [
      wording(`${pciFunction} failed to select IOMMU type`),
      wording(/[Ss]et IOMMU type 1 \(Type 1\) failed, error \d{1,3} \([A-Z][a-z ]{1,40}\)/),
    ],
    says: 'The VFIO container refused the group. Mostly that is EPERM: its MSIs are not isolated, or firmware keeps memory mapped for the device; the kernel log has the line.',
    source: 'DPDK, lib/eal/linux/eal_vfio.c: vfio_set_iommu_type, rte_vfio_setup_device',
  },
  {
    id: 'dpdk-group-refused',
    topic: 'refusal',
    words: ['container'],
    wordings: [
      wording(`${pciFunction} cannot add (?:VFIO|vfio) group to container, error \\d{1,3} \\([A-Z][a-z ]{1,40}\\)`),
    ],
    says: 'The kernel did not give the group to VFIO. Invalid argument (22): firmware keeps memory mapped for the device, and the kernel log has the line; busy (16): something else drives a member of the group.',
    source: 'drivers/iommu/iommu.c: iommu_group_claim_dma_owner; DPDK, lib/eal/linux/eal_vfio.c: rte_vfio_setup_device',
  },
]
