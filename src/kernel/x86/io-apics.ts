import type { MadtTable } from '../../machine/madt.js'
import type { KernelView } from '../context.js'

/** An IO-APIC as Linux registers it. */
export interface IoApic {
  readonly id: number
  readonly address: number
  /** First global system interrupt; the southbridge's is 0. */
  readonly gsiBase: number
  /** Place of its entry in the MADT. */
  readonly offset: number
  readonly length: number
}

const SKIPPED = /I\/O APIC 0x([0-9a-f]{1,16}) registers return all ones, skipping/

/** Addresses at which the kernel log says that nobody answered. */
function skippedAddresses({ log }: KernelView): ReadonlySet<number> {
  const found = log.of(SKIPPED).map((line) => Number.parseInt(SKIPPED.exec(line)?.[1] ?? '', 16))
  return new Set(found)
}

/**
 * The IO-APICs of a MADT whose ids Linux keeps, in table order. Left out: one at address 0 or at the address of another,
 * one that the log says was skipped, and a second one with an id that is taken, for Linux gives that one an id of its own.
 * Source: K: arch/x86/kernel/apic/io_apic.c, mp_register_ioapic, bad_ioapic_register, io_apic_unique_id.
 */
export function ioApicsOf(view: KernelView, madt: MadtTable): readonly IoApic[] {
  const skipped = skippedAddresses(view)
  const ids = new Set<number>()
  const addresses = new Set<number>()
  const kept: IoApic[] = []
  for (const entry of madt.entries) {
    if (entry.type !== 'io-apic') continue
    const { ioApicId: id, address, gsiBase, offset, length } = entry
    if (address === 0 || addresses.has(address) || skipped.has(address)) continue
    addresses.add(address)
    if (ids.has(id)) continue
    ids.add(id)
    kept.push({ id, address, gsiBase, offset, length })
  }
  return kept
}
