import type { DeviceTree } from '../machine/devicetree.js'
import { absent, known, unreadable, type Fact } from '../machine/fact.js'
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
 * tree itself, which must have the node. On a machine without a tree no device has one, and nothing is read. A node that
 * the kernel made comes after its device, which has no link to it (K: drivers/pci/of.c, of_pci_make_dev_node).
 */
export function readDeviceTreeNode(
  sysroot: Sysroot,
  directory: string,
  tree: Fact<DeviceTree>,
  uevent?: Fact<Uevent>,
): Fact<string> {
  if (tree.state === 'absent') return absent(...tree.from)
  const target = readLink(sysroot, directory, 'of_node')
  const link = parsed(target, nodeNamedBy)
  const variables = uevent ?? readUevent(sysroot, directory)
  const said = variables.state === 'known' ? variables.value.get('OF_FULLNAME') : undefined
  const named = said !== undefined && tree.state === 'known' ? tree.value.byPath.get(said) : undefined
  if (link.state === 'absent' && named?.isMadeByKernel === true) return known(named.path, ...variables.from)
  const node = confirmedByUevent(link, variables, 'OF_FULLNAME')
  const dangling = node.state === 'known' && tree.state === 'known' && !tree.value.byPath.has(node.value)
  return dangling ? damaged(node) : node
}

/**
 * The same for a host bridge, which is asked even without a tree: a link that leads nowhere shows that there was one.
 */
export function readHostBridgeNode(sysroot: Sysroot, directory: string, tree: Fact<DeviceTree>): Fact<string> {
  if (tree.state !== 'absent') return readDeviceTreeNode(sysroot, directory, tree)
  const link = readLink(sysroot, directory, 'of_node')
  return link.state === 'absent' ? link : unreadable('io', ...link.from)
}
