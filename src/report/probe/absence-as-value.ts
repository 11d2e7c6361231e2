/**
 * Where Linux or a binding defines absence as a value, the disappearance of a file cannot be told from the fact, and a
 * report may become stronger by it. These are all such facts (the law of soundness, part 2); a test fails on any other,
 * and on a row that nothing needs.
 */
export interface AbsenceAsValue {
  /** Matches the path that is gone. */
  readonly path: RegExp
  readonly fact: string
  /** The text that defines what absence means. */
  readonly definedBy: string
  readonly meaning: string
  /** What goes unseen when the fact was there and was lost. */
  readonly hazard: string
  /** What would show the loss. */
  readonly secondWitness: string
}

const TREE = 'sys/firmware/devicetree/base'
const BLOB = 'sys/firmware/fdt, readable by root'

export const ABSENCE_AS_VALUE: readonly AbsenceAsValue[] = [
  {
    path: new RegExp(`^${TREE}/(.+/)?status$`),
    fact: 'device-tree status',
    definedBy: 'Devicetree specification 0.4, section 2.3.4; K: drivers/of/base.c, __of_device_is_available',
    meaning: 'The node is enabled.',
    hazard: 'A disabled IOMMU or ITS is taken for one in service.',
    secondWitness: BLOB,
  },
  {
    path: new RegExp(`^${TREE}/(.+/)?(msi|iommu)-map-mask$`),
    fact: 'msi-map-mask, iommu-map-mask',
    definedBy: 'Documentation/devicetree/bindings/pci/pci-msi.txt and pci-iommu.txt',
    meaning: 'All bits of the RequesterID count.',
    hazard: 'Functions that share a DeviceID or StreamID are taken for separate ones.',
    secondWitness: BLOB,
  },
  {
    path: new RegExp(`^${TREE}/(.+/)?(ats-supported|external-facing|dma-noncoherent)$`),
    fact: 'boolean properties',
    definedBy: 'Devicetree specification 0.4, section 2.2.4: an empty property is true by being there',
    meaning: 'False.',
    hazard: 'Translated requests of a device go unseen, or that VFIO refuses what stands behind a non-coherent SMMU.',
    secondWitness: BLOB,
  },
  {
    path: new RegExp(`^${TREE}/[^.]*$`),
    fact: 'device-tree nodes',
    definedBy: 'Devicetree specification 0.4, section 2.2.1: the tree describes what there is',
    meaning: 'There is no such device.',
    hazard: 'An MSI controller that checks no payload goes unseen, which the global rule of 4.11 to 6.2 asks about.',
    secondWitness: BLOB,
  },
  {
    path: /^var\/log(\/dmesg)?$/,
    fact: 'kernel log',
    definedBy: 'dmesg(1): a ring buffer, old lines are overwritten',
    meaning: 'The line has rotated away or was never printed.',
    hazard: 'An ITS or a remapping unit that failed to come up is taken for one in service.',
    secondWitness: 'interrupt chips in use, sys/kernel/debug/irq/domains',
  },
  {
    path: /^sys\/kernel\/debug(\/irq(\/(domains|irqs)(\/[^/]+)?)?)?$/,
    fact: 'debugfs',
    definedBy: 'CONFIG_GENERIC_IRQ_DEBUGFS: not built or not mounted on most hosts',
    meaning: 'The kernel does not show its interrupt domains.',
    hazard: 'A domain without the isolation flag behind a chip name that promises it goes unseen.',
    secondWitness: 'boot/config-RELEASE',
  },
  {
    path: /^sys\/bus\/pci\/devices(\/[^/]+)?$/,
    fact: 'a whole function',
    definedBy: 'Documentation/ABI/testing/sysfs-bus-pci: hot-plug removes the directory',
    meaning: 'There is no such function.',
    hazard: 'A function that is not isolated, or that shares its DeviceID with another, goes unseen.',
    secondWitness: 'sys/kernel/iommu_groups/N/devices',
  },
  {
    path: /^sys\/kernel\/iommu_groups(\/\d+(\/devices(\/[^/]+)?)?)?$/,
    fact: 'a member of a group',
    definedBy: 'Documentation/ABI/testing/sysfs-kernel-iommu_groups',
    meaning: 'The group has no such member.',
    hazard: "The group's weakest member goes unseen.",
    secondWitness: 'sys/bus/pci/devices/ADDRESS/iommu_group',
  },
]
