import type { McfgTable } from '../machine/mcfg.js'
import { merged, type IdRange } from '../kernel/id-ranges.js'
import type { Fact } from '../machine/fact.js'
import { requesterIdOf } from '../machine/identifiers.js'
import type { PciFunction } from '../machine/pci.js'

const ALL_BUSES: IdRange = { first: 0, last: 0xffff }

/** RequesterIDs of the buses that MCFG gives each segment; all of them where it says nothing of one. */
export function busesBySegment(mcfg: Fact<McfgTable>): (segment: number) => readonly IdRange[] {
  const bySegment = new Map<number, IdRange[]>()
  for (const { segment, startBus, endBus } of mcfg.state === 'known' ? mcfg.value.allocations : []) {
    if (endBus < startBus) continue
    const buses = bySegment.get(segment) ?? []
    bySegment.set(segment, buses)
    buses.push({ first: startBus << 8, last: (endBus << 8) | 0xff })
  }
  return (segment) => merged(bySegment.get(segment) ?? [ALL_BUSES])
}

/** Buses that bridges forward: a device plugged in below gets one of them. */
export function busesBehindBridges(functions: readonly PciFunction[]): readonly IdRange[] {
  return functions.flatMap(({ configuration }) => {
    const bridge = configuration.state === 'known' ? configuration.value.bridge : undefined
    if (!bridge || bridge.secondaryBus === 0 || bridge.subordinateBus < bridge.secondaryBus) return []
    return [{ first: bridge.secondaryBus << 8, last: (bridge.subordinateBus << 8) | 0xff }]
  })
}

/**
 * RequesterIDs of the VFs that a physical function can still make, as its SR-IOV capability numbers them now.
 * Source: PCI Express base specification, SR-IOV chapter: First VF Offset, VF Stride.
 */
export function freeVfs(fn: PciFunction): readonly number[] {
  const sriov = fn.configuration.state === 'known' ? fn.configuration.value.sriov : undefined
  if (sriov?.state !== 'known') return []
  const { totalVfs, firstVfOffset, vfStride, vfEnabled, numVfs } = sriov.value
  const made = vfEnabled ? numVfs : 0
  const own = requesterIdOf(fn.address)
  const first = own + firstVfOffset + made * vfStride
  const ids = Array.from({ length: Math.max(0, totalVfs - made) }, (_, index) => first + index * vfStride)
  return ids.filter((id) => id !== own && id <= ALL_BUSES.last)
}
