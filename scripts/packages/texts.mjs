/** What package managers show in lists: no article, no full stop, at most 80 characters. */
export const SYNOPSIS = 'tell whether PCI devices can raise only their own interrupts'

/** The longer text, in lines of at most 78 characters. */
export const DESCRIPTION = [
  'If software that may be hostile is given a PCI device, can it raise only that',
  "device's interrupts, or everybody's? intremap answers this for every PCI",
  'device and IOMMU group of a Linux machine: on Arm, where it takes an SMMU and',
  'a GIC ITS together, on x86 (VT-d and AMD-Vi interrupt remapping), and',
  'elsewhere. It reads sysfs, procfs and the tables or the device tree of the',
  'firmware, binds nothing and changes nothing, and judges captures of other',
  'machines as well.',
]
