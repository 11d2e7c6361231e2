import { takesText } from '../budget/text.js'
import { textOf, type Redaction } from './redacted-text.js'

const MOST_LINES = 50_000
const LONGEST_LINE = 500
/** Level, time stamp and, with CONFIG_PRINTK_CALLER, the caller. */
const PREFIX = /^(?:<\d+>)?\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? ?/
const DAMAGED_LINE = /[\u0000-\u0008\u000b-\u001f\u007f\ufffd]/

const ADDRESS = '0x[0-9a-f]{1,16}'
const RANGE = String.raw`\[mem ${ADDRESS}-${ADDRESS}\]`
const FUNCTION = String.raw`[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]`
const SMMU = String.raw`arm-smmu(?:-v3)? (?:[0-9a-f]{1,16}\.(?:smmuv3|smmu|iommu)|arm-smmu(?:-v3)?\.\d{1,3}\.auto)`

/**
 * What is kept of a line (sysfs-procfs.md section 7): the part that matches, whose free parts are addresses and numbers,
 * or the given words in its place, with `$1` for its first group. The first that matches counts.
 */
const KEPT: readonly (readonly [RegExp, string?])[] = [
  [new RegExp(String.raw`^ITS ${RANGE}`)],
  [
    new RegExp(
      `ITS@${ADDRESS}: (?:No ITS detected|Unable to (?:map ITS registers|locate ITS domain|(?:allocate|register) GICv3 ITS domain token)|Failed to quiesce|failed probing)`,
    ),
  ],
  [/(?:\/[\w,.+@-]{1,64}){1,16}: (?:no msi-controller property, ITS ignored|no regs\?)/],
  [/no msi-controller property, ITS ignored/, 'no msi-controller property, ITS ignored'],
  [
    new RegExp(
      `^ITS@${ADDRESS}: allocated \\d{1,9} Devices @[0-9a-f]{1,16} \\((?:flat|indirect), esz \\d+, psz \\d+K(?:, shr \\d+\\))?`,
    ),
  ],
  [new RegExp(`ITS@${ADDRESS}: Using GICv4\\.1 mode`)],
  [/ITS: (?:No ITS available, not enabling LPIs|Allocated DevID [0-9a-f]{1,8} as GICv4 proxy device)/],
  [/^GIC: enabling workaround for ITS: [A-Z]\w{1,15} errat(?:um|a) [A-Z0-9]{1,12}(?:, [A-Z0-9]{1,12}){0,3}$/],
  [/^GIC: enabling workaround for ITS: (?:Socionext Synquacer pre-ITS|non-coherent attribute)$/],
  [/^GIC: enabling workaround for ITS: /, 'GIC: enabling workaround for ITS: redacted'],
  [/GICv5 ITS: .*(?:[Ff]ailed|[Uu]nable to)/, 'GICv5 ITS: failed'],
  [
    /^GICv5 ITS: ITS [\w,.+-]{1,31}@((?:0x)?[0-9a-f]{1,16}) enabled using .* device_id_bits (\d{1,2})\b/,
    'GICv5 ITS: ITS its@$1 enabled using device table device_id_bits $2',
  ],
  [/^GICv5 IRS: .*detected SPI range/, 'GICv5 IRS: detected SPI range'],
  [/GICv2m: .*overriding/, 'GICv2m: overriding'],
  [new RegExp(String.raw`GICv2m: range${RANGE}, SPI\[\d{1,4}:\d{1,4}\]`)],
  [/GICv2m: range/, 'GICv2m: range'],
  [/GICv3: \d{1,4} SPIs implemented/],
  [/GICv3: \d+ SPIs implemented/, 'GICv3: 0 SPIs implemented'],
  [/GICv3: GICv[34] features: \d{1,4} PPIs/],
  [/GICv3: GICv4 features:/],
  [/ITS: Enabling GICv4 support/],
  [/kvm \[\d{1,7}\]: HYP mode not available/],
  [/kvm \[\d{1,7}\]: GICv4(?:\.1)? support (?:en|dis)abled/],
  [/kvm \[\d{1,7}\]: (?:VHE|Hyp|Hyp nVHE|Protected nVHE|Protected hVHE) mode initialized/],
  [/kvm: (?:no hardware support|disabled by bios)/],
  [/kvm_(?:intel: VMX|amd: SVM) not supported by CPU \d{1,5}/],
  [/GICv3: Failed to initialize MBIs/],
  [/GICv3: MBI range \[\d{1,4}:\d{1,4}\]/],
  [new RegExp(`GICv3: Using MBI frame ${ADDRESS}`)],
  [new RegExp(`${SMMU}: (?:ias \\d+-bit, )?oas \\d+-bit \\(features ${ADDRESS}\\)`)],
  [new RegExp(`${SMMU}: option mask ${ADDRESS}`)],
  [new RegExp(`${SMMU}: IDR0\\.COHACC overridden by FW configuration \\((?:false|true)\\)`)],
  [new RegExp(`${SMMU}: (?:probing hardware configuration|SMMUv[12] with)`)],
  [new RegExp(`${FUNCTION}: stream \\d{1,10} already in tree(?: from dev ${FUNCTION})?`)],
  [new RegExp(`${FUNCTION}: Aliasing StreamID ${ADDRESS} \\(from ${FUNCTION}\\) unsupported`)],
  [/iommu: Default domain type: (?:Translated|Passthrough)(?: \(set via kernel command line\))?/],
  [new RegExp(`pci ${FUNCTION}: Adding to iommu group \\d{1,6}`)],
  [/ACPI: IORT: \[Firmware Bug\]: .*conflicting mapping/, 'ACPI: IORT: [Firmware Bug]: conflicting mapping'],
  [/ACPI: IORT: .*SINGLE MAPPING flag not allowed/, 'ACPI: IORT: [Firmware Bug]: SINGLE MAPPING flag not allowed'],
  [/DMAR-IR: Enabled IRQ remapping in (?:x2apic|xapic) mode/],
  [/DMAR-IR: Enabled IRQ remapping in/, 'DMAR-IR: Enabled IRQ remapping in'],
  [/DMAR-IR: (?:Not enabling interrupt remapping|Failed to enable irq remapping)/],
  [/Not enabling interrupt remapping due to skipped IO-APIC setup/],
  [/DMAR-IR: This system BIOS has enabled interrupt remapping/],
  [/Compatibility-format IRQs enabled despite intr remapping/],
  [/AMD-Vi: (?:Interrupt remapping enabled|Disabling interrupt remapping)/],
  [/vfio_iommu_type1_attach_group: No interrupt remapping support/],
  [/^CPU: All CPU\(s\) started at EL2$/],
  [/MSI interrupts are not secure, they cannot be isolated by the platform/],
  [new RegExp(`${FUNCTION}: deferred probe timeout, ignoring dependency`)],
  [
    /^Unknown kernel command line parameters ".*(?<=[ "])pcie_acs_override\b/,
    'Unknown kernel command line parameters "pcie_acs_override"',
  ],
  [/no msi-map translation for id 0x[0-9a-f]{1,8}/],
]

function keptPart(line: string): string | undefined {
  if (DAMAGED_LINE.test(line)) return undefined
  const message = line.replace(PREFIX, '').slice(0, LONGEST_LINE)
  for (const [pattern, words] of KEPT) {
    const match = pattern.exec(message)
    if (match) return words?.replaceAll(/\$(\d)/g, (_, group: string) => match[Number(group)] ?? '') ?? match[0]
  }
  return undefined
}

/** The kernel log: only lines that tell something, without time stamps. A log that was cut keeps no final newline. */
export const kernelLog: Redaction = (content, budget) => {
  if (content.length === 0) return content
  if (!takesText(content, budget)) return undefined
  const text = textOf(content)
  const lines = text.split('\n')
  const whole = lines.at(-1) === ''
  const kept = (whole ? lines.slice(0, -1) : lines).slice(0, MOST_LINES).flatMap((line) => keptPart(line) ?? [])
  return new TextEncoder().encode(`${kept.join('\n')}${whole ? '\n' : ''}`)
}
