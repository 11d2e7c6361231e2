import type { DeviceTree, DeviceTreeNode } from '../../machine/devicetree.js'
import type { Fact } from '../../machine/fact.js'
import { ofMapId, type MapOptions, type MapReadings } from './of-map-id.js'
import { firstMsiParent } from './of-msi-parent.js'
import type { OfDoubt, OfError } from './of-property.js'
import { atLeast, type KernelRelease } from '../release.js'

/** A node whose `msi-map` the kernel passed over because of an error in it. */
export interface PassedMap {
  readonly node: DeviceTreeNode
  readonly error: OfError
}

/** Answer of `of_msi_xlate`. `id` is what the MSI controller would see. */
export type OfMsiResult = { readonly passed: readonly PassedMap[] } & (
  | {
      readonly kind: 'mapped'
      readonly controller: DeviceTreeNode
      readonly id: number
      readonly via: 'msi-map' | 'msi-parent'
      /** The node that had the property. */
      readonly at: DeviceTreeNode
    }
  /** An `msi-map` without an entry for the id ends the walk: no controller from here, the bus default applies. */
  | { readonly kind: 'bypass'; readonly id: number; readonly at: DeviceTreeNode }
  | { readonly kind: 'none'; readonly id: number }
  | { readonly kind: 'unreadable'; readonly reason: OfDoubt; readonly at: DeviceTreeNode | undefined }
)

/**
 * Walks up a device's chain to the MSI controller and the id it sees.
 *
 * @param chain device-tree nodes of the device and its parent devices, nearest first: PCI function, bridges, host
 *   bridge, platform device, and so on. A device without a node is an absent fact and is passed over; an unreadable one
 *   ends the walk, since it might have held the answer
 * @param requesterId of the function, after cross-bus aliases
 * @param release `msi-parent` counts from 6.18 on
 * @param options.filter only entries for this controller count (DeviceID of a chosen domain)
 *
 * Source: K: drivers/of/irq.c, `of_msi_xlate` (6.17 and later), `__of_msi_map_id` before; devicetree.md section 3.
 */
export function ofMsiXlate(
  tree: DeviceTree,
  chain: readonly Fact<DeviceTreeNode>[],
  requesterId: number,
  release: KernelRelease | undefined,
  options: MapOptions = {},
): OfMsiResult {
  const passed: PassedMap[] = []
  for (const link of chain) {
    if (link.state === 'unreadable') return { kind: 'unreadable', reason: link.reason, at: undefined, passed }
    if (link.state === 'absent') continue
    const node = link.value
    const map = ofMapId(tree, node, requesterId, 'msi-map', release, options)
    switch (map.kind) {
      case 'matched':
        return { kind: 'mapped', controller: map.target, id: map.id, via: 'msi-map', at: node, passed }
      case 'no-match':
        return { kind: 'bypass', id: map.id, at: node, passed }
      case 'unreadable':
        return { kind: 'unreadable', reason: map.reason, at: node, passed }
      case 'error':
        passed.push({ node, error: map.error })
        break
      case 'absent':
        break
    }
    if (release && !atLeast(release, 6, 18)) continue
    const parent = firstMsiParent(tree, node)
    if (parent.kind === 'unreadable') return { kind: 'unreadable', reason: parent.reason, at: node, passed }
    if (parent.kind === 'none') continue
    if (options.filter && options.filter.path !== parent.node.path) continue
    // Releases before 6.18 go on upwards here, so an unknown release cannot be answered.
    if (!release) return { kind: 'unreadable', reason: 'release-undetermined', at: node, passed }
    return { kind: 'mapped', controller: parent.node, id: requesterId, via: 'msi-parent', at: node, passed }
  }
  return { kind: 'none', id: requesterId, passed }
}

/**
 * DeviceID that a chosen controller sees: the same walk, restricted to its entries. Where no map is found (`msi-parent`
 * only) and where a map has no entry it is the RequesterID.
 * Source: K: drivers/of/irq.c, `of_msi_map_id`; drivers/irqchip/irq-gic-its-msi-parent.c; devicetree.md section 3.
 */
export function ofMsiDeviceId(
  tree: DeviceTree,
  chain: readonly Fact<DeviceTreeNode>[],
  requesterId: number,
  release: KernelRelease | undefined,
  controller: DeviceTreeNode,
  readings?: MapReadings,
):
  | { readonly kind: 'id'; readonly id: number; readonly guessed: boolean }
  | { readonly kind: 'unreadable'; readonly reason: OfDoubt } {
  const result = ofMsiXlate(tree, chain, requesterId, release, { filter: controller, readings })
  if (result.kind === 'unreadable') return { kind: 'unreadable', reason: result.reason }
  // A map was there and was of no use: nobody says that the controller sees the RequesterID.
  const guessed = result.kind === 'bypass' || (result.kind === 'none' && result.passed.length > 0)
  return { kind: 'id', id: result.id, guessed }
}
