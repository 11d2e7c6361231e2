import type { EncodedNode } from './devicetree-source.js'
import type { SysfsBuilder } from '../sysfs-builder.js'

const encoder = new TextEncoder()

/**
 * The tree as the kernel shows it in sysfs: a directory a node, a file a property, and the file `name`, which Linux adds
 * (the node's name without its unit address; a single NUL for the root). `base` is `sys/firmware/devicetree/base`.
 * Source: drivers/of/kobj.c, __of_attach_node_sysfs.
 */
export function writeDeviceTreeDirectory(root: EncodedNode, builder: SysfsBuilder, base: string): void {
  builder.directory(base)
  builder.file(`${base}/name`, encoder.encode(`${root.name.split('@')[0] ?? ''}\0`))
  for (const [name, value] of root.properties) builder.file(`${base}/${name}`, value)
  for (const child of root.children) writeDeviceTreeDirectory(child, builder, `${base}/${child.name}`)
}
