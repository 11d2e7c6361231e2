import type { KernelView } from '../context.js'
import { against, type RemappingByLog, type RemappingObstacle, type RemappingWitness } from './remapping-witness.js'

const LOG = 'var/log/dmesg'

/** Lines that say that remapping is on; up to 4.2 Intel's has no prefix. */
const ON =
  /^(?:(?:DMAR-IR: )?Enabled IRQ remapping in (?:x2apic|xapic) mode|DMAR-IR: Enabled IRQ remapping in|AMD-Vi: Interrupt remapping enabled)/

/** Lines that say that it is off, in the spellings of 3.x to 7.x, with what each gives for a reason. */
const OFF: readonly { readonly line: RegExp; readonly obstacle: RemappingObstacle }[] = [
  { line: /This system BIOS has enabled interrupt remapping/, obstacle: 'chipset-erratum' },
  { line: /DMAR reported at address [0-9a-f]{1,16}(?:!| returns all ones)/, obstacle: 'unit-silent' },
  { line: /ioapic \d{1,3} has no mapping iommu/, obstacle: 'io-apic-in-no-scope' },
  { line: /Not all IO-APIC's listed under remapping hardware/, obstacle: 'io-apic-in-no-scope' },
  { line: /IOAPIC\[\d{1,3}\] not in IVRS table/, obstacle: 'io-apic-not-in-ivrs' },
  { line: /No southbridge IOAPIC found/, obstacle: 'southbridge-not-named' },
  { line: /IVRS invalid checksum/, obstacle: 'table-refused' },
  { line: /Disable IOMMU on Stoney Ridge/, obstacle: 'stoney-ridge' },
  { line: /Not enabling interrupt remapping due to skipped IO-APIC setup/, obstacle: 'command-line' },
  { line: /Not enabl(?:e|ing) interrupt remapping/, obstacle: 'observed' },
  { line: /Failed to enable irq remapping/, obstacle: 'observed' },
  { line: /AMD-Vi: Disabling interrupt remapping/, obstacle: 'observed' },
  // VFIO asked, and was told that nothing remaps (K: vfio_iommu_type1_attach_group).
  { line: /No interrupt remapping support/, obstacle: 'observed' },
]

/** What VT-d prints of each unit as it reads the DMAR. */
const UNIT = /^(?:DMAR|dmar): (?:dmar\d{1,4}|IOMMU \d{1,4}): reg_base_addr \S{1,16} .{1,60} ecap ([0-9a-f]{1,16})$/
const CAN_REMAP = 8n

/** Units that cannot remap interrupts, by the capabilities that the log shows (K: intel_prepare_irq_remapping). */
function unitsWithoutRemapping({ hazards }: KernelView): readonly RemappingWitness[] {
  const lines = hazards.of(UNIT)
  const without = lines.find((line) => (BigInt(`0x${UNIT.exec(line)?.[1] ?? 'f'}`) & CAN_REMAP) === 0n)
  return without === undefined ? [] : [against('unit-cannot-remap', { path: LOG, excerpt: without })]
}

/** Whose units the log shows: VT-d's, as Linux reads the DMAR, or those of AMD-Vi. */
export function remappingDriverByLog({ hazards }: KernelView): 'vt-d' | 'amd-vi' | undefined {
  const shows = (pattern: RegExp) => hazards.of(pattern).length > 0
  if (shows(UNIT) || shows(/^(?:DMAR-IR: |Enabled IRQ remapping)/)) return 'vt-d'
  return shows(/AMD-Vi: /) ? 'amd-vi' : undefined
}

/** The part of the first line that matches which says it: a capture keeps no more of the line. */
function firstMatch([line]: readonly string[], pattern: RegExp): string | undefined {
  return line === undefined ? undefined : pattern.exec(line)?.[0]
}

/**
 * What the kernel log says of interrupt remapping: at most one line of each kind.
 * Source: K: drivers/iommu/intel/irq_remapping.c, intel_prepare_irq_remapping; drivers/iommu/amd/init.c,
 * check_ioapic_information; drivers/iommu/intel/dmar.c, warn_invalid_dmar.
 */
export function logWitnesses(view: KernelView): readonly RemappingWitness[] {
  const on = firstMatch(view.log.of(ON), ON)
  const off = OFF.flatMap(({ line, obstacle }) => {
    const excerpt = firstMatch(view.hazards.of(line), line)
    return excerpt === undefined ? [] : [against(obstacle, { path: LOG, excerpt })]
  })
  const all = [...off, ...unitsWithoutRemapping(view)]
  return on === undefined ? all : [{ says: 'on', from: { path: LOG, excerpt: on } }, ...all]
}

/**
 * The kernel's own last word, where it is that remapping is on and no line speaks against it. It comes after every unit was
 * asked and every IO-APIC was looked for (K: intel_enable_irq_remapping; amd_iommu_enable_interrupts), so it stands for
 * what tells of these where nobody collected that; for no other release than the one that printed it.
 */
export function remappingByLog(view: KernelView): RemappingByLog | undefined {
  if (view.hypothetical) return undefined
  const words = logWitnesses(view)
  const on = words.find(({ says }) => says === 'on')
  if (!on || words.some(({ says }) => says === 'off')) return undefined
  return { kind: on.from.excerpt?.startsWith('AMD-Vi') ? 'amd-vi' : 'vt-d', from: on.from }
}
