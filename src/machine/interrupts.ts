import type { Fact } from './fact.js'

/** One interrupt that a PCI function's `msi_irqs` names, or a line of `/proc/interrupts`. */
export interface Interrupt {
  readonly irq: number
  /** `/sys/kernel/irq/N/chip_name`, else the chip column of `/proc/interrupts`. */
  readonly chipName: Fact<string>
}

/** A line of `/proc/interrupts` without its counters. */
export interface InterruptLine {
  readonly irq: number
  /** Chip and what follows it, as printed: chip names may contain spaces, so nothing here is split further. */
  readonly description: string
}

/** A domain below `/sys/kernel/debug/irq/domains`, with the chain of its parents. */
export interface InterruptDomain {
  readonly name: string
  readonly flags: number
  /** From the nearest parent outwards. */
  readonly parents: readonly { readonly name: string; readonly flags: number }[]
}

export interface InterruptFacts {
  /** By Linux number: those of every `msi_irqs` entry. */
  readonly byNumber: ReadonlyMap<number, Interrupt>
  /** All of `/proc/interrupts`: second witness, and how `IR-IO-APIC` is seen. */
  readonly procInterrupts: Fact<readonly InterruptLine[]>
  /** debugfs: root and CONFIG_GENERIC_IRQ_DEBUGFS only. */
  readonly domains: Fact<readonly InterruptDomain[]>
  /** debugfs `irq/irqs/N`: names of the domains of an interrupt, device domain first. */
  readonly domainChains: ReadonlyMap<number, Fact<readonly string[]>>
}
