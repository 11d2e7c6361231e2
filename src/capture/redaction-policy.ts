import { PCI_ID_DATABASES } from '../machine/pci-id-databases.js'
import { configurationSpace } from './redacted-configuration-space.js'
import { commandLine } from './redacted-command-line.js'
import {
  domainType,
  driverName,
  groupMembers,
  groupName,
  lspciText,
  msiMode,
  number,
  parameter,
  reservedRegions,
  resetMethods,
  uevent,
  word,
  xenCapabilities,
} from './redacted-device-files.js'
import { table, treeBlob, treeProperty } from './redacted-firmware.js'
import { cpuinfo, dmiName, firmwareVersion } from './redacted-identity.js'
import { CHIP_NAME, interruptDomain, interruptDomains, procInterrupts } from './redacted-interrupts.js'
import {
  compressedConfiguration,
  configuration,
  isKeptNode,
  modprobe,
  nodeList,
  release,
  version,
} from './redacted-kernel-files.js'
import { kernelLog } from './redacted-kernel-log.js'
import { attribute, type Redaction } from './redacted-text.js'

const SINGLE_FILES: ReadonlyMap<string, Redaction> = new Map<string, Redaction>([
  ['proc/cmdline', commandLine],
  ['proc/config.gz', compressedConfiguration],
  ['proc/cpuinfo', cpuinfo],
  ['proc/interrupts', procInterrupts],
  ['proc/sys/kernel/arch', word],
  ['proc/sys/kernel/osrelease', release],
  ['proc/version', version],
  ['proc/xen/capabilities', xenCapabilities],
  ['sys/class/dmi/id/bios_date', attribute(/^\d{2}\/\d{2}\/\d{4}$/)],
  ['sys/class/dmi/id/bios_version', firmwareVersion],
  ['sys/class/dmi/id/product_name', dmiName],
  ['sys/class/dmi/id/sys_vendor', dmiName],
  ['sys/firmware/fdt', treeBlob],
  ['sys/hypervisor/type', word],
  ['dev/nodes.txt', nodeList],
  ['var/log/dmesg', kernelLog],
  // The same everywhere; reports take names of it, captures leave it out.
  ...PCI_ID_DATABASES.map((path) => [path, (content: Uint8Array) => content] as const),
])

/** Files of devices, wherever below `sys` they are reached. */
const DEVICE_FILES: ReadonlyMap<string, Redaction> = new Map([
  ['class', number],
  ['config', configurationSpace],
  ['device', number],
  ['driver_override', driverName],
  ['lspci', lspciText],
  ['numa_node', number],
  ['reset_method', resetMethods],
  ['revision', number],
  ['sriov_numvfs', number],
  ['sriov_totalvfs', number],
  ['subsystem_device', number],
  ['subsystem_vendor', number],
  ['uevent', uevent],
  ['vendor', number],
])

const chipName = attribute(CHIP_NAME)

/** What the path begins with, which is a cheap test, and what it has to be. */
const PATTERNS: readonly (readonly [string, RegExp, Redaction])[] = [
  ['sys/', /^sys\/(?:bus|devices)\/.+\/msi_irqs\/\d+$/, msiMode],
  ['sys/kernel/iommu_groups/', /^sys\/kernel\/iommu_groups\/\d+\/type$/, domainType],
  ['sys/kernel/iommu_groups/', /^sys\/kernel\/iommu_groups\/\d+\/name$/, groupName],
  ['sys/kernel/iommu_groups/', /^sys\/kernel\/iommu_groups\/\d+\/lspci$/, groupMembers],
  ['sys/kernel/iommu_groups/', /^sys\/kernel\/iommu_groups\/\d+\/reserved_regions$/, reservedRegions],
  ['sys/kernel/iommu_groups/', /^sys\/kernel\/iommu_groups\/\d+\/devices\/[^/]+\/uevent$/, uevent],
  ['sys/class/iommu/', /^sys\/class\/iommu\/[^/]+\/devices\/[^/]+\/uevent$/, uevent],
  ['sys/class/iommu/', /^sys\/class\/iommu\/[^/]+\/intel-iommu\/(?:address|cap|ecap)$/, number],
  ['sys/kernel/irq/', /^sys\/kernel\/irq\/\d+\/chip_name$/, chipName],
  ['sys/kernel/debug/irq/domains/', /^sys\/kernel\/debug\/irq\/domains\/[^/]+$/, interruptDomain],
  ['sys/kernel/debug/irq/irqs/', /^sys\/kernel\/debug\/irq\/irqs\/\d+$/, interruptDomains],
  [
    'sys/module/',
    /^sys\/module\/\w+\/parameters\/(?:allow_unsafe_interrupts|disable_bypass|disable_denylist|enable_unsafe_noiommu_mode)$/,
    parameter,
  ],
  ['boot/config-', /^boot\/config-[^/]+$/, configuration],
  ['lib/modules/', /^lib\/modules\/[^/]+\/config$/, configuration],
  ['', /^(?:etc|run|lib|usr\/lib)\/modprobe\.d\/[^/]+\.conf$/, modprobe],
]

const TABLES: ReadonlyMap<string, Redaction> = new Map(
  ['APIC', 'DMAR', 'IORT', 'IVRS', 'MCFG', 'RIMT', 'VIOT'].map((signature) => [signature, table(signature)]),
)
const TABLE_FILE = /^sys\/firmware\/acpi\/tables\/([A-Z0-9_]{4})\d*$/
const TREE_FILE = /^sys\/firmware\/devicetree\/base\/(?:.*\/)?([^/]+)$/

/**
 * How the content of a file is redacted, by the path it is asked for. Undefined for a file of which nothing is kept: a
 * probe that reads another file needs a line here first.
 */
export function redactionOf(path: string): Redaction | undefined {
  // Most files that are read are those of devices.
  if (path.startsWith('sys/bus/') || path.startsWith('sys/devices/')) {
    const file = DEVICE_FILES.get(path.slice(path.lastIndexOf('/') + 1))
    if (file) return file
  }
  const single = SINGLE_FILES.get(path)
  if (single) return single
  const property = path.startsWith('sys/firmware/') ? TREE_FILE.exec(path)?.[1] : undefined
  if (property !== undefined) return treeProperty(property)
  const signature = path.startsWith('sys/firmware/') ? TABLE_FILE.exec(path)?.[1] : undefined
  if (signature !== undefined) return TABLES.get(signature)
  return PATTERNS.find(([start, pattern]) => path.startsWith(start) && pattern.test(path))?.[2]
}

/** Modules whose being loaded says something. */
const KEPT_MODULE = /^(?:vfio\w*|iommufd|arm_smmu\w*|virtio_iommu|kvm\w*|irqbypass)$/

/** What is kept of a listing; undefined for a directory of which nothing is told. Names in modprobe.d are judged apart. */
export function keptNames(directory: string, names: readonly string[]): readonly string[] | undefined {
  if (/^dev(?:\/vfio(?:\/devices)?)?$/.test(directory)) {
    return names.filter((name) => name === 'vfio' || isKeptNode(`${directory}/${name}`))
  }
  if (directory === 'sys/module') return names.filter((name) => KEPT_MODULE.test(name))
  if (directory === 'sys/firmware/acpi') return names.filter((name) => name === 'tables')
  if (directory === 'sys/firmware/acpi/tables') return names.filter((name) => /^[A-Z0-9_]{4}\d*$/.test(name))
  return directory.startsWith('sys/') ? names : undefined
}
