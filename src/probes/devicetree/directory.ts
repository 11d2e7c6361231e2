import { DraftNode } from '../../machine/devicetree-builder.js'
import { known, unreadable } from '../../machine/fact.js'
import { childOf } from '../../sysroot/path-walker.js'
import type { Read, Sysroot } from '../../sysroot/sysroot.js'
import { NODE_DEPTH } from './limits.js'
import { takesProperty } from './property-budget.js'
import { bindingProperties, type PropertyFilter } from './wanted-properties.js'

/** Names that real trees use both for a boolean property and for a child node. */
const ALSO_NODES: ReadonlySet<string> = new Set(['interrupt-controller', 'msi-controller'])

/**
 * Reads the tree that the kernel shows as files: a directory is a node, a file in it a property. The file `name`, which
 * the kernel adds to every node that firmware describes, is no property of the tree; a listing without it was cut and makes
 * the node incomplete.
 *
 * @param base directory of the root node, `sys/firmware/devicetree/base`; the empty string where the tree is all there is
 * @param listing of `base`
 * @param wanted the properties to read; the names of the others are kept in `unread`
 * @param isMadeByKernel whether the kernel made the node of a path itself: such a node has no `name`
 * Source: devicetree.md section 1; K: drivers/of/kobj.c.
 */
export function readDeviceTreeDirectory(
  sysroot: Sysroot,
  base: string,
  listing: readonly string[],
  wanted: PropertyFilter = bindingProperties,
  isMadeByKernel: (path: string) => boolean = () => false,
): DraftNode {
  const root = new DraftNode(undefined, '', base)
  new DirectoryReader(sysroot, wanted, isMadeByKernel).read(root, listing)
  return root
}

class DirectoryReader {
  private readonly sysroot: Sysroot
  private readonly wanted: PropertyFilter
  private readonly isMadeByKernel: (path: string) => boolean
  /** Names that were seen to be files, so that asking once is enough. */
  private readonly files = new Set<string>()

  constructor(sysroot: Sysroot, wanted: PropertyFilter, isMadeByKernel: (path: string) => boolean) {
    this.sysroot = sysroot
    this.wanted = wanted
    this.isMadeByKernel = isMadeByKernel
  }

  read(root: DraftNode, listing: readonly string[]): void {
    let level: readonly (readonly [DraftNode, readonly string[]])[] = [[root, listing]]
    for (let depth = 1; level.length > 0; depth++) {
      const next: [DraftNode, readonly string[]][] = []
      for (const [node, names] of level) this.readNode(node, names, depth < NODE_DEPTH ? next : undefined)
      level = next
    }
  }

  /** Puts the children to be read into `next`; undefined where they would be nested too deep. */
  private readNode(
    node: DraftNode,
    names: readonly string[],
    next: [DraftNode, readonly string[]][] | undefined,
  ): void {
    if (!names.includes('name')) {
      node.isMadeByKernel = this.isMadeByKernel(node.path)
      if (!node.isMadeByKernel) node.incomplete = 'malformed'
    }
    for (const name of names) {
      if (name === 'name') continue
      const path = childOf(node.source, name)
      // Unit addresses make a node, `#` begins only property names, and the rest has to be tried.
      if (name.includes('@')) this.readChild(node, name, path, this.sysroot.list(path), next)
      else if (this.wanted(name) && !this.readProperty(node, name, path)) continue
      else if (node.properties.has(name)) continue
      else if (name.startsWith('#')) node.unread.add(name)
      else this.readUnknown(node, name, path, next)
    }
  }

  /** False when nothing more is to be done about the name. */
  private readProperty(node: DraftNode, name: string, path: string): boolean {
    const read = this.sysroot.bytes(path)
    const from = { path, node: node.path, property: name }
    switch (read.state) {
      case 'known': {
        const fits = takesProperty(name, read.value.length, this.sysroot.budget)
        node.properties.set(name, fits ? known(read.value, from) : unreadable('too-large', from))
        return false
      }
      case 'absent':
        node.properties.set(name, unreadable('io', from))
        return false
      case 'unreadable':
        // A directory reads as malformed.
        if (read.reason === 'malformed' && this.sysroot.list(path).state === 'known') return true
        node.properties.set(name, unreadable(read.reason, from))
        if (ALSO_NODES.has(name)) node.incomplete ??= read.reason
        return false
    }
  }

  private readUnknown(
    node: DraftNode,
    name: string,
    path: string,
    next: [DraftNode, readonly string[]][] | undefined,
  ): void {
    const listing = this.sysroot.list(path)
    const isNode = listing.state === 'known' || (listing.state === 'unreadable' && listing.reason !== 'malformed')
    if (isNode) this.readChild(node, name, path, listing, next)
    else if (this.isFile(name, path)) node.unread.add(name)
    else node.incomplete ??= 'io'
  }

  /** That a name cannot be listed does not yet make it a file; reading it once does, also where that is forbidden. */
  private isFile(name: string, path: string): boolean {
    if (this.files.has(name)) return true
    const read = this.sysroot.bytes(path)
    const file = read.state === 'known' || (read.state === 'unreadable' && read.reason !== 'malformed')
    if (file) this.files.add(name)
    return file
  }

  private readChild(
    parent: DraftNode,
    name: string,
    path: string,
    listing: Read<readonly string[]>,
    next: [DraftNode, readonly string[]][] | undefined,
  ): void {
    const { budget } = this.sysroot
    if (!next || !budget.take('nodes') || !budget.take('pathCharacters', path.length)) {
      parent.incomplete = 'too-large'
      return
    }
    const child = new DraftNode(parent, name, path)
    if (listing.state === 'known') next.push([child, listing.value])
    else child.incomplete = listing.state === 'unreadable' ? listing.reason : 'io'
  }
}
