import type { Provenance } from '../../machine/fact.js'
import type { KernelContext, KernelView, NoIts } from '../context.js'
import { takenUnchecked, type Described } from './described-msi.js'

/** K: drivers/irqchip/irq-gic.c, gic_init_bases; the same words of a GICv3 begin with its own name. */
const GICV2_STARTS = /^GIC: Using split EOI\/Deactivate mode$/
/** K: drivers/irqchip/irq-gic.c, gic_init_chip, gic_of_init: its name in `/proc/interrupts`, up to 3.x with a number. */
const GICV2_CHIP = /^\s*(?:GICv2|GIC-0)\s/
/** A GICv3 itself, and what only stands below one. */
const LATER_CHIP = /^\s*(?:GICv[35]|ITS-)/
/**
 * K: its_init and its_cpu_init in drivers/irqchip/irq-gic-v3-its.c; below a GICv3 a GICv2m frame is taken where LPIs are
 * not usable, and not beside an ITS (irq-gic-v3.c, gic_init_bases).
 */
const NONE_USABLE = /^(?:ITS: No ITS available|CPU\d{1,4}: LPIs not supported|GICv2m: range)/

function inUse({ machine }: KernelView): Provenance | undefined {
  const lines = machine.interrupts.procInterrupts
  if (lines.state !== 'known') return undefined
  const shown = lines.value.find(({ description }) => GICV2_CHIP.test(description))
  const isOnly = shown !== undefined && !lines.value.some(({ description }) => LATER_CHIP.test(description))
  return isOnly ? { path: 'proc/interrupts', excerpt: shown.description.trim() } : undefined
}

/** What the kernel itself shows against any ITS: a GICv2, which has none, or an ITS that it could not use. */
export function gicWithoutIts(view: KernelView): NoIts | undefined {
  const { hazards } = view
  const inLog = (line: string): Provenance => ({ path: 'var/log/dmesg', excerpt: line })
  const shown = inUse(view)
  const gicv2 = [...hazards.of(GICV2_STARTS).slice(0, 1).map(inLog), ...(shown ? [shown] : [])]
  if (gicv2.length > 0) return { why: 'gicv2', from: gicv2 }
  const unusable = hazards.of(NONE_USABLE).slice(0, 1).map(inLog)
  return unusable.length > 0 ? { why: 'none-usable', from: unusable } : undefined
}

/** Key of the controller that stands for whatever takes MSIs on such a machine. */
export const WITHOUT_ITS = 'gic-without-its'

/** Where firmware leads MSIs cannot be told, and no ITS is there to lead them to: whatever takes them checks no sender. */
export function takenByNoIts(context: KernelContext): Described | undefined {
  const { from } = context.gicWithoutIts() ?? {}
  return from && takenUnchecked(WITHOUT_ITS, from)
}
