import { idsOf, type PciFunction } from '../../../machine/pci.js'
import type { PciAddress } from '../../../machine/identifiers.js'
import { DMA_ALIAS_QUIRKS, type DmaAliasQuirk, type DmaAliasQuirkEntry } from './dma-alias-quirks.js'

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

function devfnsOf({ device, function: number }: PciAddress, quirk: DmaAliasQuirk): QuirkAliases {
  switch (quirk.kind) {
    case 'undetermined':
      return 'unknown'
    case 'fixed':
      return quirk.devfns
    case 'function':
      return number === quirk.function ? [] : [(device << 3) | quirk.function]
  }
}

/**
 * Device/function numbers that a function may use besides its own, on its own bus; each 8 bits, in the order of the table.
 * Source: K: drivers/pci/quirks.c, calls of `pci_add_dma_alias`.
 */
export function quirkAliasesOf(fn: PciFunction): QuirkAliases {
  const entries = entriesFor(fn)
  if (entries === 'unknown') return 'unknown'
  const devfns: number[] = []
  for (const { quirk } of entries) {
    const own = devfnsOf(fn.address, quirk)
    if (own === 'unknown') return 'unknown'
    for (const devfn of own) devfns.push(devfn)
  }
  return devfns
}
