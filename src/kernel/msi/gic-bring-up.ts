import type { Answer } from '../../machine/kinds.js'
import { commandLineValues, configured, type KernelContext } from '../context.js'
import { atLeast } from '../release.js'
import { chipInUse, GICV3_STARTS, itsDigits } from './its-signs.js'

/**
 * `irqchip.gicv3_nolpi` keeps LPIs, and with them every ITS, from being used. The last value that reads as a boolean
 * counts; without one the word does nothing (K: drivers/irqchip/irq-gic-v3.c, gicv3_nolpi_cfg; lib/kstrtox.c, kstrtobool).
 */
export function lpisDisabled(context: KernelContext): Answer {
  if (context.machine.kernel.commandLine.state !== 'known') return 'unknown'
  const values = commandLineValues(context.machine, 'irqchip.gicv3_nolpi')
  const last = values.findLast((value) => /^(?:[ytnf01]|o[nf])/i.test(value))
  return last !== undefined && /^(?:[yt1]|on)/i.test(last) ? 'yes' : 'no'
}

/** The ITS's own line in the log shows that the ITS at `base` came up. */
export function itsCameUp(context: KernelContext, base: bigint | undefined): boolean {
  return base !== undefined && context.itsSigns().cameUp.has(itsDigits(base))
}

function itsFailed(context: KernelContext, base: bigint | undefined, nodePath: string | undefined): boolean {
  const { noneAvailable, failed, ignoredNodes } = context.itsSigns()
  if (noneAvailable || (base !== undefined && failed.has(itsDigits(base)))) return true
  return nodePath !== undefined && ignoredNodes.has(nodePath.split('/').at(-1) ?? nodePath)
}

/**
 * The option that this kernel was built without and without which no PCI function gets a domain of an ITS. Without PCI_MSI
 * nothing asks an ITS for one (K: include/linux/irqchip/irq-msi-lib.h, MATCH_PCI_MSI; up to 6.10 irq-gic-v3-its-pci-msi.c).
 */
export function missingItsOption({ machine }: KernelContext): string | undefined {
  return ['CONFIG_ARM_GIC_V3_ITS', 'CONFIG_PCI_MSI'].find((option) => configured(machine, option) === 'no')
}

/**
 * Whether this kernel has a domain for a GICv3 ITS: described and enabled is not yet brought up. What speaks against it
 * wins; what cannot be read leaves it open (K: its_init, its_probe_one in drivers/irqchip/irq-gic-v3-its.c).
 */
export function itsRegistered(context: KernelContext, base: bigint | undefined, nodePath?: string): Answer {
  const disabled = lpisDisabled(context)
  if (disabled === 'yes' || itsFailed(context, base, nodePath)) return 'no'
  if (missingItsOption(context) !== undefined) return 'no'
  if (disabled === 'unknown' || context.machine.kernel.log.state === 'unreadable') return 'unknown'
  // Some ITS failed, and without an address it may be this one.
  const { failed, logReachesBack, inUse } = context.itsSigns()
  if (base === undefined && failed.size > 0) return 'unknown'
  if (itsCameUp(context, base)) return 'yes'
  // Every release that prints the first line prints one for an ITS too: none, and nothing says why. An interrupt in use
  // does not help: it may be another ITS's.
  if (base !== undefined && logReachesBack) return 'unknown'
  if (inUse) return 'yes'
  return configured(context.machine, 'CONFIG_ARM_GIC_V3_ITS')
}

/**
 * Whether this kernel clears the flag of an ITS whose node has the pre-ITS property. It looks at GITS_IIDR too, which
 * shows only in the log: between the line that finds the ITS and the one that gives it its tables stands one for the
 * workaround (K: its_enable_quirk_socionext_synquacer).
 */
export function preItsQuirkApplied(context: KernelContext, base: bigint | undefined): Answer {
  if (configured(context.machine, 'CONFIG_SOCIONEXT_SYNQUACER_PREITS') === 'no') return 'no'
  if (context.hazards.of(/^GIC: enabling workaround for ITS: (?:Socionext Synquacer|redacted)/).length > 0) return 'yes'
  if (base === undefined || !itsCameUp(context, base)) return 'unknown'
  return context.itsSigns().withTables.has(itsDigits(base)) ? 'no' : 'unknown'
}

/** GICv5's ITS driver is there from 6.17 with a device tree, from 7.1 with ACPI. */
export function gicV5ItsRegistered(context: KernelContext, firmware: 'acpi' | 'devicetree'): Answer {
  if (!context.release) return 'unknown'
  const there = firmware === 'acpi' ? atLeast(context.release, 7, 1) : atLeast(context.release, 6, 17)
  if (!there) return 'no'
  if (context.machine.kernel.log.state === 'unreadable') return 'unknown'
  if (context.log.of(/GICv5 ITS: .{0,60}([Ff]ailed|[Uu]nable to)/).length > 0) return 'no'
  if (context.log.of(/^GICv5 ITS: ITS \S+ enabled/).length > 0) return 'yes'
  // The log reaches back to where the GICv5 comes up and shows no ITS, and nothing says why.
  return context.log.of(/^GICv5 IRS: .*detected SPI range/).length > 0 ? 'unknown' : 'yes'
}

/**
 * Whether the GICv2m frames have a domain. Under a GICv3 they are taken only when LPIs are not usable: not supported by
 * the distributor, or disabled (K: gic_init_bases in drivers/irqchip/irq-gic-v3.c).
 */
export function v2mRegistered(
  context: KernelContext,
  gicVersion: 2 | 3 | 5 | undefined,
  itsDescribed: boolean,
): Answer {
  if (gicVersion === 5) return 'no'
  if (gicVersion === 2) return 'yes'
  if (context.hazards.of(/GICv2m: (range|.{0,60}overriding)/).length > 0) return 'yes'
  if (chipInUse(context, /^GICv2m-/)) return 'yes'
  if (gicVersion === undefined) return 'unknown'
  // A log from the GICv3's start on that shows no frame shows that none was taken.
  if (context.log.of(GICV3_STARTS).length > 0) return 'no'
  return itsDescribed && lpisDisabled(context) === 'no' ? 'no' : 'unknown'
}

/**
 * Whether the GICv3's own message-based interrupts have a domain. Only a distributor with GICD_TYPER.MBIS gets one, which
 * the kernel's lines alone show (K: gic_init_bases in drivers/irqchip/irq-gic-v3.c, mbi_init in irq-gic-v3-mbi.c).
 */
export function mbiRegistered(context: KernelContext): Answer {
  if (context.log.of(/GICv3: Failed to initialize MBIs/).length > 0) return 'no'
  if (context.log.of(/GICv3: (?:MBI range|Using MBI frame)/).length > 0) return 'yes'
  if (chipInUse(context, /^MBI-/)) return 'yes'
  // A log from the GICv3's start on that shows no range shows that none was taken.
  return context.log.of(GICV3_STARTS).length > 0 ? 'no' : 'yes'
}
