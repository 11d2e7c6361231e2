import { bridgesAbove, type PciTopology } from '../../../src/kernel/pci/pci-topology.js'
import { ACS_QUIRKS } from '../../../src/kernel/pci/quirks/acs-quirks.js'
import { idsOf, type PciFunction } from '../../../src/machine/pci.js'

function asksRegisters(fn: PciFunction): boolean {
  const ids = idsOf(fn)
  if (typeof ids === 'string') return false
  return ACS_QUIRKS.some(
    ({ vendor, quirk }) =>
      vendor === ids.vendor &&
      quirk.kind === 'registers' &&
      quirk.devices.some(([first, last]) => ids.device >= first && ids.device <= last),
  )
}

/** Whether ACS of a function, or of a bridge above it, stands in registers outside what is decoded: Intel's PCH ports. */
export function readsAcsRegisters(topology: PciTopology, fn: PciFunction): boolean {
  return [fn, ...(bridgesAbove(topology, fn) ?? [])].some(asksRegisters)
}
