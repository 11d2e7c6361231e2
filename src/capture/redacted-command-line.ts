import { commandLineWords } from '../machine/command-line-words.js'
import { ofLines, type Redaction } from './redacted-text.js'

/** Parameters that say how interrupts and DMA are remapped (sysfs-procfs.md section 5), with `_` for `-`. */
const KEPT_NAMES: ReadonlySet<string> = new Set([
  'acpi',
  'amd_iommu',
  'amd_iommu_intr',
  'arm_smmu.disable_bypass',
  'arm_smmu_v3.disable_bypass',
  'initcall_blacklist',
  'intel_iommu',
  'intremap',
  'iommu',
  'iommu.forcedac',
  'iommu.passthrough',
  'iommu.strict',
  'iommufd.allow_unsafe_interrupts',
  'irqchip.gicv2_force_probe',
  'irqchip.gicv3_nolpi',
  'irqchip.gicv3_pseudo_nmi',
  'ivrs_hpet',
  'ivrs_ioapic',
  'modprobe.blacklist',
  'module_blacklist',
  'noapic',
  'nointremap',
  'nox2apic',
  'pci',
  'pcie_acs_override',
  'vfio.enable_unsafe_noiommu_mode',
  'vfio_iommu_type1.allow_unsafe_interrupts',
  'vfio_pci.disable_denylist',
  'vfio_pci.ids',
])

/** Words that values of those parameters are made of. */
const KEPT_WORDS: ReadonlySet<string> = new Set(
  `acpi allowdac biosirq bus conf1 conf2 config_acs copy_dsdt disable disable_acs_redir downstream earlydump ecrc
  firmware flush force force_enable force_isolation forcedac forced fullflush ht igfx_off irtcachedis lazy legacy merge
  multifunction n N no no_x2apic_optout noacpi noaer noari noats nobios nobounce nocrs nodomains noearly noforce
  nofullflush noioapicquirk noirq nomerge nommconf nomsi nopanic nopost nopt norom nosid nosmp nostrict off on
  pcie_bus_perf pcie_bus_safe pcie_scan_all pgtbl_v1 pgtbl_v2 posted_msi pt realloc rsdt sm_off sm_on soft sp_off strict
  tboot_noforce true use_crs usedac v1 v2 vapic x2apic y Y yes`.split(/\s+/),
)

/** Numbers too short to be a serial, PCI addresses, pairs and quadruples of ids, and ACS flags. */
const KEPT_FORMS =
  /^(?:\d{1,4}|0x[0-9a-f]{1,8}|(?:[0-9a-f]{4}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]|(?:(?:id|pci):)?[0-9a-f]{4}:[0-9a-f]{4}(?::[0-9a-f]{4}:[0-9a-f]{4})?|[01x]{1,8})$/

/** Modules and initialisers of IOMMU drivers, as they stand in lists of what not to start. */
const IOMMU_DRIVER =
  /^(?:arm_smmu(?:_v3)?|intel_iommu|amd_iommu|virtio_iommu|riscv_iommu)(?:_pci|_platform)?(?:_driver)?(?:_init)?$/

/** A part of a value that is none of these is only told as true or false, which is all that a switch needs. */
function keptPart(part: string): string {
  if (KEPT_WORDS.has(part) || KEPT_FORMS.test(part) || IOMMU_DRIVER.test(part)) return part
  const driver = /smmu|iommu/.exec(part)?.[0]
  if (driver !== undefined) return driver
  return /^(?:y|1|on)/i.test(part) ? 'y' : /^t/i.test(part) ? 'true' : 'redacted'
}

/** Kept parameter with what of its value is kept; undefined for a word that is none of them. */
function keptWord(word: string): string | undefined {
  const equals = word.indexOf('=')
  const name = equals < 0 ? word : word.slice(0, equals)
  // `ivrs_ioapic[7]`: the number is that of an interrupt controller.
  const plain = name.replaceAll('-', '_').replace(/\[\d{1,9}\]$/, '')
  if (!KEPT_NAMES.has(plain)) return undefined
  return equals < 0 ? name : `${name}=${word.slice(equals + 1).replaceAll(/[^,;@=]+/g, keptPart)}`
}

/**
 * `/proc/cmdline`: every word that is not on the list of parameters becomes `redacted-N`, equal words with the same
 * number, in order of appearance, so that their count and order stay. Words are split as the kernel does (quotes).
 */
export const commandLine: Redaction = ofLines((lines) => {
  const [line, ...more] = lines
  if (line === undefined || more.length > 0) return undefined
  const numbers = new Map<string, number>()
  const words = commandLineWords(line).map((quoted) => {
    const word = quoted.replaceAll('"', '')
    const kept = keptWord(word)
    if (kept !== undefined) return kept
    const number = numbers.get(word) ?? numbers.size + 1
    numbers.set(word, number)
    return `redacted-${number}`
  })
  return [words.join(' ')]
})
