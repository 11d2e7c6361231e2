import type { DeviceTree } from '../machine/devicetree.js'
import { absent, unreadable, type Fact } from '../machine/fact.js'
import type { Sysroot } from '../sysroot/sysroot.js'
import { damaged, parsed, readLink } from './attribute.js'
import { confirmedByUevent, readUevent, type Uevent } from './uevent.js'

const BASE = 'firmware/devicetree/base'

/** The path in the tree that a link names; undefined for a link that leads elsewhere. */
function nodeNamedBy(target: string): string | undefined {
  const at = target.indexOf(BASE)
  if (at < 0 || (at > 0 && target[at - 1] !== '/')) return undefined
  const path = target.slice(at + BASE.length)
  return path === '' ? '/' : path.startsWith('/') ? path : undefined
}

/**
 * Device-tree path behind a device's `of_node`, `/pcie@10000000`. Witnesses: the `OF_FULLNAME` of its `uevent`, and the
 * tree itself, which must have the node. On a machine without a tree no device has one, and nothing is read.
 */
export function readDeviceTreeNode(
  sysroot: Sysroot,
  directory: string,
  tree: Fact<DeviceTree>,
  uevent?: Fact<Uevent>,
): Fact<string> {
  if (tree.state === 'absent') return absent(...tree.from)
  const target = readLink(sysroot, `${directory}/of_node`)
  const link = parsed(target, nodeNamedBy)
  const node = confirmedByUevent(link, uevent ?? readUevent(sysroot, directory), 'OF_FULLNAME')
  const dangling = node.state === 'known' && tree.state === 'known' && !tree.value.byPath.has(node.value)
  return dangling ? damaged(node) : node
}

/**
 * The same for a host bridge, which is asked even without a tree: a link that leads nowhere shows that there was one.
 */
export function readHostBridgeNode(sysroot: Sysroot, directory: string, tree: Fact<DeviceTree>): Fact<string> {
  if (tree.state !== 'absent') return readDeviceTreeNode(sysroot, directory, tree)
  const link = readLink(sysroot, `${directory}/of_node`)
  return link.state === 'absent' ? link : unreadable('io', ...link.from)
}
