/** A part of a machine's evidence that a collector takes or leaves as a whole. */
export type AreaName =
  | 'acpi-tables'
  | 'device-tree'
  | 'iommu-groups'
  | 'iommu-class'
  | 'configuration-space'
  | 'interrupts'
  | 'pci-functions'
  | 'kernel-modules'
  | 'kernel-log'
  | 'kernel-configuration'
  | 'modprobe-options'
  | 'device-nodes'

export interface EvidenceArea {
  readonly name: AreaName
  /** Where the kernel shows it, without leading slash; a `*` stands for every function. */
  readonly source: string
  /** Paths that belong to it. */
  readonly holds: RegExp
}

/** Empty where a container runtime laid a directory over it. */
export const MASKED_FIRMWARE = 'sys/firmware'
const DEBUGFS = 'sys/kernel/debug'

/** The areas; a path belongs to the first that holds it. */
const EVIDENCE_AREAS: readonly EvidenceArea[] = [
  { name: 'acpi-tables', source: 'sys/firmware/acpi/tables', holds: /^sys\/firmware\/acpi(?:\/|$)/ },
  {
    name: 'device-tree',
    source: 'sys/firmware/devicetree/base',
    holds: /^sys\/firmware\/(?:devicetree(?:\/|$)|fdt$)/,
  },
  { name: 'iommu-groups', source: 'sys/kernel/iommu_groups', holds: /^sys\/kernel\/iommu_groups(?:\/|$)/ },
  { name: 'iommu-class', source: 'sys/class/iommu', holds: /^sys\/class\/iommu(?:\/|$)/ },
  {
    name: 'configuration-space',
    source: 'sys/bus/pci/devices/*/config',
    holds: /^sys\/bus\/pci\/devices\/[^/]+\/config$/,
  },
  {
    name: 'interrupts',
    source: 'sys/bus/pci/devices/*/msi_irqs',
    holds: /^sys\/bus\/pci\/devices\/[^/]+\/msi_irqs(?:\/|$)|^sys\/kernel\/irq(?:\/|$)|^proc\/interrupts$/,
  },
  { name: 'pci-functions', source: 'sys/bus/pci/devices', holds: /^sys\/bus\/pci(?:\/|$)/ },
  { name: 'kernel-modules', source: 'sys/module', holds: /^sys\/module(?:\/|$)/ },
  { name: 'kernel-log', source: 'var/log/dmesg', holds: /^var\/log\/dmesg$/ },
  { name: 'kernel-configuration', source: 'proc/config.gz', holds: /^proc\/config\.gz$|^(?:boot|lib\/modules)\// },
  { name: 'modprobe-options', source: 'etc/modprobe.d', holds: /^(?:etc|run|lib|usr\/lib)\/modprobe\.d(?:\/|$)/ },
  { name: 'device-nodes', source: 'dev', holds: /^dev(?:\/|$)/ },
]

/**
 * What a report calls the place of a path: its area; `firmware` is the directory over the areas of firmware, which is named
 * where it is masked, `debugfs` what only root sees there, `other-files` what stands alone, such as `proc/cmdline`.
 */
export type EvidencePlace = AreaName | 'firmware' | 'debugfs' | 'other-files'

/** The area of a path of the machine; undefined for files that stand alone, such as `proc/cmdline`. */
export function areaOf(path: string): EvidenceArea | undefined {
  return EVIDENCE_AREAS.find(({ holds }) => holds.test(path))
}

/** The place of a path of the machine, without leading slash. */
export function placeOfPath(path: string): EvidencePlace {
  if (path === MASKED_FIRMWARE) return 'firmware'
  return areaOf(path)?.name ?? (path === DEBUGFS || path.startsWith(`${DEBUGFS}/`) ? 'debugfs' : 'other-files')
}
