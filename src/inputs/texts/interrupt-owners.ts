import { formatPciAddress } from '../../machine/identifiers.js'

/** A vector that `/proc/interrupts` shows with its function. */
export interface OwnedVector {
  readonly irq: number
  readonly mode: 'msi' | 'msix' | undefined
}

/** With per-device domains the chip names the function. */
const NAMED = /PCI-MSI(X?)-([0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7])(?: |$)/
/** Before them the hardware number holds it: vector, RequesterID from bit 11, segment from bit 27 (K: pci_msi_domain_calc_hwirq). */
const SHARED = /(?:^|[ -])(?:IR-PCI-MSI|PCI-MSI|ITS-MSI|MSI) {1,8}(\d{1,15})(?:-edge| Edge)/
const RID_BITS = 2048
const SEGMENT_BITS = 65_536

/** The vectors of each function, by its name, as lines of `/proc/interrupts` show them. */
export function interruptsByFunction(table: string): ReadonlyMap<string, readonly OwnedVector[]> {
  const owners = new Map<string, OwnedVector[]>()
  const add = (name: string, vector: OwnedVector) => {
    const vectors = owners.get(name)
    if (vectors) vectors.push(vector)
    else owners.set(name, [vector])
  }
  for (const line of table.split('\n')) {
    const number = /^(\d{1,9}):/.exec(line)
    if (!number) continue
    const irq = Number(number[1])
    const named = NAMED.exec(line)
    if (named) {
      add(named[2] ?? '', { irq, mode: named[1] === 'X' ? 'msix' : 'msi' })
      continue
    }
    const shared = SHARED.exec(line)
    const hardware = Math.floor(Number(shared?.[1] ?? 0) / RID_BITS)
    if (!shared || hardware === 0) continue
    const requesterId = hardware % SEGMENT_BITS
    const address = {
      segment: Math.floor(hardware / SEGMENT_BITS),
      bus: requesterId >> 8,
      device: (requesterId >> 3) & 0x1f,
      function: requesterId & 7,
    }
    add(formatPciAddress(address), { irq, mode: undefined })
  }
  return owners
}
