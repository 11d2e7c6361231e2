import { finishTree } from '../../machine/devicetree-builder.js'
import type { DeviceTree } from '../../machine/devicetree.js'
import { absent, known, unreadable, type Fact } from '../../machine/fact.js'
import type { Sysroot } from '../../sysroot/sysroot.js'
import { FIRMWARE_PARSERS, type FirmwareParsers } from '../firmware-parsers.js'
import { readDeviceTreeDirectory } from './directory.js'
import { confirmByBlob } from './second-witness.js'
import { bindingProperties, type PropertyFilter } from './wanted-properties.js'

/** The tree of the running kernel, world readable. */
export const DEVICE_TREE_DIRECTORY = 'sys/firmware/devicetree/base'
/** The blob at boot, readable for root only. */
export const DEVICE_TREE_BLOB = 'sys/firmware/fdt'

/**
 * Nodes that the kernel makes for PCI bridges and devices (6.6 and later, CONFIG_PCI_DYNAMIC_OF_NODES): they have no file
 * `name`, and the blob has them not. None of them holds a map or a parent for MSIs (K: drivers/pci/of.c,
 * of_pci_make_dev_node; drivers/pci/of_property.c).
 */
const MADE_BY_KERNEL = /\/(?:pci|dev)@[0-9a-f]{1,2},[0-7]$/

/**
 * The device tree of the machine. The directory is what the running kernel acts on; the blob beside it is the second
 * witness, and stands in where there is no directory. A blob that is damaged or cannot be read bears no witness.
 *
 * Absent where there is neither. On a machine that booted with ACPI there may be a tree that holds nothing but
 * `/chosen`: see `isPopulated`. Properties outside of `wanted` are named in `unread` and not compared.
 * Source: devicetree.md section 1.
 */
export function probeDeviceTree(
  sysroot: Sysroot,
  wanted: PropertyFilter = bindingProperties,
  parse = FIRMWARE_PARSERS.deviceTreeBlob,
): Fact<DeviceTree> {
  const from = { path: DEVICE_TREE_DIRECTORY }
  const listing = sysroot.list(DEVICE_TREE_DIRECTORY)
  if (listing.state === 'unreadable') return unreadable(listing.reason, from)
  if (listing.state === 'absent') return fromBlob(sysroot, parse)
  // The kernel gives every node a file `name`: a listing without it is not all of the directory.
  if (!listing.value.includes('name')) return unreadable('malformed', from)
  const bytes = sysroot.bytes(DEVICE_TREE_BLOB)
  const blob = bytes.state === 'known' ? parse(bytes.value, DEVICE_TREE_BLOB, sysroot.budget) : undefined
  const witness = blob && !blob.damaged ? blob.tree : undefined
  const isMadeByKernel = (path: string) =>
    witness !== undefined && MADE_BY_KERNEL.test(path) && !witness.byPath.has(path)
  const root = readDeviceTreeDirectory(sysroot, DEVICE_TREE_DIRECTORY, listing.value, wanted, isMadeByKernel)
  if (!witness) return known(finishTree(root, false), from)
  const disagreements = confirmByBlob(root, witness.root, wanted)
  return known(finishTree(root, true, disagreements), from, { path: DEVICE_TREE_BLOB })
}

function fromBlob(sysroot: Sysroot, parse: FirmwareParsers['deviceTreeBlob']): Fact<DeviceTree> {
  const from = { path: DEVICE_TREE_BLOB }
  const bytes = sysroot.bytes(DEVICE_TREE_BLOB)
  switch (bytes.state) {
    case 'absent':
      return absent({ path: DEVICE_TREE_DIRECTORY }, from)
    case 'unreadable':
      return unreadable(bytes.reason, from)
    case 'known': {
      const { tree, damaged } = parse(bytes.value, DEVICE_TREE_BLOB, sysroot.budget)
      return tree && !damaged ? known(tree, from) : unreadable('malformed', from)
    }
  }
}
