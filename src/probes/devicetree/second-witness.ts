import { DraftNode } from '../../machine/devicetree-builder.js'
import { placeOfNode, placeOfProperty, type DeviceTreeNode, type TreeDisagreement } from '../../machine/devicetree.js'
import { unreadable, type Fact } from '../../machine/fact.js'
import type { PropertyFilter } from './wanted-properties.js'

/**
 * Compares the tree of the running kernel with the blob it booted with, and takes back what the blob contradicts: a node
 * or property that only the blob has is there but not known, and a property with other bytes in each is not known. What
 * only the running tree has was added by the kernel or an overlay.
 *
 * Not compared: `/chosen` and `/memory…`, which the kernel edits (seeds are wiped, memory is hot-plugged), and
 * properties outside of `compared`. Bound: one step a node and property of the blob.
 */
export function confirmByBlob(
  running: DraftNode,
  blob: DeviceTreeNode,
  compared: PropertyFilter,
): readonly TreeDisagreement[] {
  const disagreements: TreeDisagreement[] = []
  const pairs: [DraftNode, DeviceTreeNode][] = [[running, blob]]
  for (let pair = pairs.pop(); pair; pair = pairs.pop()) {
    const [here, witness] = pair
    for (const [name, fact] of witness.properties) {
      if (!compared(name)) continue
      const kind = disagreementOn(here, name, fact)
      if (kind) disagreements.push({ path: here.path, property: name, kind, witness: placeOfProperty(witness, name) })
    }
    const children = new Map(here.children.map((child) => [child.name, child]))
    for (const child of witness.children) {
      if (here.parent === undefined && isEditedByKernel(child.name)) continue
      const counterpart = children.get(child.name) ?? renamed(here, child.name)
      if (counterpart) pairs.push([counterpart, child])
      else if (here.incomplete === undefined) disagreements.push(missingNode(here, child))
    }
    orderAs(witness, here)
  }
  return disagreements
}

/** The kernel keeps the order of the blob, and adds at the end what it adds. */
function orderAs(witness: DeviceTreeNode, here: DraftNode): void {
  const place = new Map(witness.children.map((child, index) => [child.name, index]))
  const last = place.size
  const rank = (name: string): number => place.get(name) ?? place.get(name.replace(/#\d+$/, '')) ?? last
  here.children.sort((left, right) => rank(left.name) - rank(right.name))
}

function isEditedByKernel(name: string): boolean {
  return name === 'chosen' || name === 'memory' || name.startsWith('memory@')
}

/** How the blob contradicts a property of the running tree, which is then no longer known; undefined where it does not. */
function disagreementOn(here: DraftNode, name: string, fact: Fact<Uint8Array>): TreeDisagreement['kind'] | undefined {
  const found = here.properties.get(name)
  if (found === undefined) {
    if (here.incomplete !== undefined || here.unread.has(name)) return undefined
    here.properties.set(name, unreadable('io', placeOfProperty(here, name), ...fact.from))
    return 'missing'
  }
  if (found.state !== 'known' || fact.state !== 'known' || sameBytes(found.value, fact.value)) return undefined
  here.properties.set(name, unreadable('malformed', ...found.from, ...fact.from))
  return 'differs'
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index])
}

/** Where a property or sibling has the name already, the kernel adds `#1` (K: drivers/of/kobj.c, safe_name). */
function renamed(parent: DraftNode, name: string): DraftNode | undefined {
  return parent.children.find(
    (child) => child.name.startsWith(`${name}#`) && /^\d+$/.test(child.name.slice(name.length + 1)),
  )
}

/** Puts a node that only the blob has below `parent`, as one that cannot be read. */
function missingNode(parent: DraftNode, witness: DeviceTreeNode): TreeDisagreement {
  const node = new DraftNode(parent, witness.name, `${parent.source}/${witness.name}`)
  node.incomplete = 'io'
  return { path: node.path, kind: 'missing', witness: placeOfNode(witness) }
}
