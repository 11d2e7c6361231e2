import type { IdRange } from '../../kernel/ids/id-ranges.js'
import { requesterIdOf } from '../../machine/identifiers.js'
import type { PciFunction } from '../../machine/pci.js'

/** RequesterIDs of the buses behind a bridge: a device plugged in there gets one of them. */
export function requesterIdsBehind(fn: PciFunction): IdRange | undefined {
  const bridge = fn.configuration.state === 'known' ? fn.configuration.value.bridge : undefined
  if (!bridge || bridge.secondaryBus === 0 || bridge.subordinateBus < bridge.secondaryBus) return undefined
  return { first: bridge.secondaryBus << 8, last: (bridge.subordinateBus << 8) | 0xff }
}

/**
 * RequesterIDs of the virtual functions that a physical function can still make, as its SR-IOV capability numbers them
 * now; at most 65535, ascending where the stride is.
 * Source: PCI Express base specification, SR-IOV chapter: First VF Offset, VF Stride.
 */
export function requesterIdsOfFreeVfs(fn: PciFunction): readonly number[] {
  const sriov = fn.configuration.state === 'known' ? fn.configuration.value.sriov : undefined
  if (sriov?.state !== 'known') return []
  const { totalVfs, firstVfOffset, vfStride, vfEnabled, numVfs } = sriov.value
  const made = vfEnabled ? numVfs : 0
  const own = requesterIdOf(fn.address)
  const ids: number[] = []
  for (let index = made; index < Math.min(totalVfs, 0xffff); index++) {
    const id = own + firstVfOffset + index * vfStride
    if (id > 0xffff) break
    if (id !== own) ids.push(id)
  }
  return ids
}
