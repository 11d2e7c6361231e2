import { idsOf, type PciFunction } from '../../../machine/pci.js'
import { DMA_ALIAS_QUIRKS, type DmaAliasQuirkEntry } from './dma-alias-quirks.js'

/** Device/function numbers, or that what decides on them cannot be read. */
export type QuirkAliases = readonly number[] | 'unknown'

function entriesFor(fn: PciFunction): readonly DmaAliasQuirkEntry[] | 'unknown' {
  const ids = idsOf(fn)
  if (typeof ids === 'string') return 'unknown'
  const candidates = DMA_ALIAS_QUIRKS.filter(
    ({ vendor, devices }) => vendor === ids.vendor && (devices.length === 0 || devices.includes(ids.device)),
  )
  const entries: DmaAliasQuirkEntry[] = []
  for (const entry of candidates) {
    const { subsystem, baseAndSubclass } = entry
    if (baseAndSubclass !== undefined) {
      if (fn.classCode.state !== 'known') return 'unknown'
      if (fn.classCode.value >>> 8 !== baseAndSubclass) continue
    }
    if (subsystem) {
      if (fn.subsystemVendor.state !== 'known' || fn.subsystemDevice.state !== 'known') return 'unknown'
      if (fn.subsystemVendor.value !== subsystem.vendor) continue
      if (!subsystem.devices.includes(fn.subsystemDevice.value)) continue
    }
    entries.push(entry)
  }
  return entries
}

/**
 * Device/function numbers that a function may use besides its own, on its own bus; each 8 bits, ascending.
 * Source: K: drivers/pci/quirks.c, calls of `pci_add_dma_alias`.
 */
export function quirkAliasesOf(fn: PciFunction): QuirkAliases {
  const entries = entriesFor(fn)
  if (entries === 'unknown') return 'unknown'
  const devfns = new Set<number>()
  for (const { quirk } of entries) {
    switch (quirk.kind) {
      case 'undetermined':
        return 'unknown'
      case 'fixed':
        for (const devfn of quirk.devfns) devfns.add(devfn)
        break
      case 'function':
        if (fn.address.function !== quirk.function) devfns.add((fn.address.device << 3) | quirk.function)
        break
    }
  }
  return [...devfns].sort((left, right) => left - right)
}
