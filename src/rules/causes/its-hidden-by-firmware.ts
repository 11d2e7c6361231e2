import type { PciFunction } from '../../machine/pci.js'

/** A chip whose ACPI firmware leaves its ITS out, because plain ACPI systems cannot know of its erratum. */
interface HiddenIts {
  readonly soc: string
  /** `vendor:device` of its root ports. */
  readonly rootPort: string
  readonly erratum: string
  /** First release whose device-tree code has the workaround. */
  readonly release: string
}

/**
 * K: irq-gic-v3-its.c, its_quirks: both errata are told by the compatible string of the board, which ACPI does not have.
 * Commits a8707f553884 (6.4) and 2d81e1bb6252 (6.15).
 */
const HIDDEN: readonly HiddenIts[] = [
  { soc: 'RK3588', rootPort: '1d87:3588', erratum: '3588001', release: '6.4' },
  { soc: 'RK3566 and RK3568', rootPort: '1d87:3566', erratum: '3568002', release: '6.15' },
]

const hex4 = (value: number) => value.toString(16).padStart(4, '0')

/** The chip whose root port is among the functions, with the port that shows it. */
export function itsHiddenUnderAcpi(
  functions: readonly PciFunction[],
): (HiddenIts & { readonly seen: string; readonly id: string }) | undefined {
  for (const { name, vendor, device } of functions) {
    if (vendor.state !== 'known' || device.state !== 'known') continue
    const id = `${hex4(vendor.value)}:${hex4(device.value)}`
    const hidden = HIDDEN.find(({ rootPort }) => rootPort === id)
    if (hidden) return { ...hidden, seen: name, id }
  }
  return undefined
}
