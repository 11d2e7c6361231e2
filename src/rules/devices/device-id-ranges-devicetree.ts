import type { KernelContext } from '../../kernel/context.js'
import { nodeByPhandle } from '../../kernel/devicetree/of-property.js'
import { msiParentsOf } from '../../kernel/devicetree/of-msi-parent.js'
import { deviceTableOf, type MsiController } from '../../kernel/msi/msi-controller.js'
import {
  cellsOf,
  isEnabled,
  property,
  stringsOf,
  walkNodes,
  type DeviceTree,
  type DeviceTreeNode,
} from '../../machine/devicetree.js'
import type { Provenance } from '../../machine/fact.js'
import type { DeviceIdRange, DeviceIdRanges } from './device-id-range.js'

interface Walk {
  readonly context: KernelContext
  readonly tree: DeviceTree
  readonly keys: ReadonlyMap<string, string>
  readonly ranges: DeviceIdRange[]
  readonly unread: Provenance[]
}

/** RequesterIDs of the buses that a host bridge has. */
function busSpan(node: DeviceTreeNode): { readonly first: number; readonly last: number } {
  const buses = cellsOf(property(node, 'bus-range'))
  const [first = 0, last = 0xff] = buses.state === 'known' ? buses.value : []
  return { first: (first & 0xff) << 8, last: ((last & 0xff) << 8) | 0xff }
}

function ofMsiMap(walk: Walk, node: DeviceTreeNode): boolean {
  const map = cellsOf(property(node, 'msi-map'))
  if (map.state === 'absent') return false
  if (map.state === 'unreadable' || map.value.length % 4 !== 0) {
    if (map.state === 'unreadable') walk.unread.push(...map.from)
    return true
  }
  const span = busSpan(node)
  for (let at = 0; at < map.value.length; at += 4) {
    const [idBase = 0, phandle = 0, outBase = 0, length = 0] = map.value.slice(at, at + 4)
    const target = nodeByPhandle(walk.tree, phandle)
    const its = typeof target === 'string' ? undefined : walk.keys.get(target.path)
    const first = Math.max(idBase, span.first)
    const last = Math.min(idBase + length - 1, span.last)
    if (its === undefined || first > last) continue
    const from = map.from[0] ?? { path: node.source }
    walk.ranges.push({
      its,
      first: first - idBase + outBase,
      last: last - idBase + outBase,
      owner: node.path,
      kind: 'root-complex',
      from,
    })
  }
  return true
}

/** A host bridge's RequesterIDs pass as they are; another device's DeviceID is the cell behind the phandle. */
function ofMsiParent(walk: Walk, node: DeviceTreeNode): void {
  const parents = msiParentsOf(walk.tree, node, walk.context.release, 'platform')
  const from = { path: `${node.source}/msi-parent` }
  if (parents.end === 'unreadable') walk.unread.push(from)
  const type = stringsOf(property(node, 'device_type'))
  const isBridge = type.state === 'known' && type.value[0] === 'pci' && type.value.length === 1
  for (const { node: target, specifier } of parents.parents) {
    const its = walk.keys.get(target.path)
    if (its === undefined) continue
    const [deviceId] = specifier
    if (isBridge) walk.ranges.push({ its, ...busSpan(node), owner: node.path, kind: 'root-complex', from })
    else if (deviceId !== undefined)
      walk.ranges.push({ its, first: deviceId, last: deviceId, owner: node.path, kind: 'device', from })
  }
}

/** DeviceID ranges of host bridges (msi-map, msi-parent) and of devices with an msi-parent of their own. */
export function treeDeviceIdRanges(context: KernelContext, controllers: readonly MsiController[]): DeviceIdRanges {
  const { deviceTree } = context.machine
  const keys = new Map(
    controllers.flatMap((controller): [string, string][] => {
      const { node, kind } = controller
      return node && (kind === 'its' || kind === 'gicv5-its') ? [[node.path, deviceTableOf(controller)]] : []
    }),
  )
  if (deviceTree.state !== 'known' || keys.size === 0) return { ranges: [], unread: [] }
  const walk: Walk = { context, tree: deviceTree.value, keys, ranges: [], unread: [] }
  for (const node of walkNodes(deviceTree.value.root)) {
    const enabled = isEnabled(node)
    // An unreadable status counts as enabled on what endangers.
    if (enabled.state === 'known' && !enabled.value) continue
    if (!ofMsiMap(walk, node)) ofMsiParent(walk, node)
  }
  return { ranges: walk.ranges, unread: walk.unread }
}
