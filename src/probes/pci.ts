import type { DeviceTree } from '../machine/devicetree.js'
import { absent, known, mapFact, unreadable, valueOr, type Fact } from '../machine/fact.js'
import { comparePciAddresses, formatPciAddress, parsePciAddress } from '../machine/identifiers.js'
import type { InterruptLine } from '../machine/interrupts.js'
import type { PciFunction } from '../machine/pci.js'
import type { Sysroot } from '../sysroot/sysroot.js'
import {
  damaged,
  factOf,
  intactText,
  parsed,
  readAttribute,
  readLinkedName,
  readMatching,
  readNames,
  required,
} from './attribute.js'
import { readDeviceTreeNode, readHostBridgeNode } from './device-tree-node.js'
import { confirmedByListing, type Memberships } from './membership.js'
import {
  PCI_DEVICES,
  confirmedConfiguration,
  pairMember,
  readPciFunction,
  type PciFunctionReading,
} from './pci-function-reading.js'
import { functionsWithMsi, readMsiVectors, withCollectedVectors } from './pci-msi-vectors.js'
import { parseDevicePath, upstreamOf, type DevicePath } from './pci-topology.js'
import { physicalFunctionOf, readPhysicalFunction, type PhysicalFunctionReading } from './pci-virtual-functions.js'
import { confirmedByUevent } from './uevent.js'

const GROUP_TARGET = /^(?:\.\.\/)+kernel\/iommu_groups\/(\d+)$/
const IOMMU_TARGET = /^\.\.\/.*\biommu\/([^/]+)$/
const DRIVER_TARGET = /^(?:\.\.\/)+bus\/pci\/drivers\/([^/]+)$/

/** What a function's facts are compared with. */
export interface PciSurroundings {
  readonly groups: Memberships
  readonly iommus: Memberships
  readonly tree: Fact<DeviceTree>
  readonly procInterrupts: Fact<readonly InterruptLine[]>
}

function subsystemIdentifier(sysroot: Sysroot, reading: PciFunctionReading, member: 1 | 2): Fact<number> {
  const { uevent, directory } = reading
  if (uevent.state === 'known') {
    return parsed(uevent, (variables) => {
      const digits = pairMember(member)(variables.get('PCI_SUBSYS_ID') ?? '')
      return digits === undefined ? undefined : Number.parseInt(digits, 16)
    })
  }
  const file = member === 1 ? 'subsystem_vendor' : 'subsystem_device'
  return required(
    readMatching(sysroot, `${directory}/${file}`, /^0x([0-9a-f]{4})$/, (digits) => Number.parseInt(digits, 16)),
  )
}

/**
 * Name of the IOMMU instance from the `iommu` link. A function that is an IOMMU itself (AMD) has a directory of that
 * name instead, which holds its instance.
 */
function readIommuLink(sysroot: Sysroot, directory: string, iommus: Memberships): Fact<string> {
  const path = `${directory}/iommu`
  const link = readLinkedName(sysroot, path, IOMMU_TARGET)
  if (link.state !== 'unreadable' || link.reason !== 'malformed') return link
  const held = readNames(sysroot, path)
  const isInstance =
    held.state === 'known' && held.value.length > 0 && held.value.every((name) => iommus.containers.has(name))
  return isInstance ? absent({ path }) : link
}

/** The name in `driver_override`; the kernel writes `(null)` where none is set (K: drivers/pci/pci-sysfs.c). */
function readDriverOverride(sysroot: Sysroot, directory: string): Fact<string> {
  const name = readAttribute(sysroot, `${directory}/driver_override`)
  return name.state === 'known' && name.value === '(null)' ? absent(...name.from) : name
}

/** The character device that VFIO gave the function; only a VFIO driver makes one (K: drivers/vfio/device_cdev.c). */
function readVfioDevice(sysroot: Sysroot, directory: string, driver: Fact<string>): Fact<string> {
  const path = `${directory}/vfio-dev`
  if (driver.state !== 'known' || !driver.value.includes('vfio')) return absent({ path })
  return parsed(readNames(sysroot, path), (names) => names.find((name) => /^vfio\d{1,6}$/.test(name)))
}

/** Device-tree nodes of root buses and what stands above them, read once each. */
function rootBusNodes(sysroot: Sysroot, tree: Fact<DeviceTree>): (path: DevicePath) => Fact<string> {
  const nodes = new Map<string, Fact<string>>()
  return ({ rootBusName, parentPath }) => {
    const above = parentPath === '' ? 'devices' : parentPath
    const key = `${above}/${rootBusName}`
    const found = nodes.get(key)
    if (found) return found
    const parent =
      parentPath === '' ? absent({ path: `sys/${key}` }) : readHostBridgeNode(sysroot, `sys/${above}`, tree)
    const node = parent.state === 'absent' ? readHostBridgeNode(sysroot, `sys/${key}`, tree) : parent
    nodes.set(key, node)
    return node
  }
}

/**
 * The node of a function that nobody collected: it has none where its host bridge's has no child with a unit address
 * (K: drivers/pci/of.c, pci_set_of_node; drivers/of/pci.c, of_pci_find_child_device).
 */
function orChildless(
  own: Fact<string>,
  path: Fact<DevicePath>,
  nodeOfRootBus: (path: DevicePath) => Fact<string>,
  tree: Fact<DeviceTree>,
): Fact<string> {
  if (own.state !== 'unreadable' || own.reason !== 'not-collected') return own
  if (tree.state !== 'known' || !tree.value.complete || path.state !== 'known') return own
  const bridge = nodeOfRootBus(path.value)
  const node = bridge.state === 'known' ? tree.value.byPath.get(bridge.value) : undefined
  const isChildless = node !== undefined && node.children.every(({ properties }) => !properties.has('reg'))
  return isChildless ? absent(...bridge.from) : own
}

/** Entries that lead to another name than their own, of which there are none on any machine. */
const MOST_ASTRAY = 256

/**
 * Whether so many entries lead to what is called otherwise that no kernel made them: each is called like the device that
 * it leads to (K: drivers/base/bus.c, bus_add_device). Asked only where a bus is large, since few cost little.
 */
function isAstray(sysroot: Sysroot, names: readonly string[]): boolean {
  if (names.length <= MOST_ASTRAY) return false
  let astray = 0
  for (const name of names) {
    const target = sysroot.link(`${PCI_DEVICES}/${name}`)
    if (target.state === 'known' && !target.value.endsWith(`/${name}`)) astray += 1
    if (astray > MOST_ASTRAY) return true
  }
  return false
}

/** Reads every listed function; those unplugged meanwhile are left out. */
function readFunctions(sysroot: Sysroot, names: readonly string[]): readonly PciFunctionReading[] {
  const readings: PciFunctionReading[] = []
  let listedNow: ReadonlySet<string> | undefined
  for (const name of names) {
    const address = parsePciAddress(name)
    if (!address || formatPciAddress(address) !== name) continue
    const reading = readPciFunction(sysroot, address, name)
    if (reading.vanished) {
      listedNow ??= new Set(valueOr(readNames(sysroot, PCI_DEVICES), names))
      if (!listedNow.has(name)) continue
    }
    readings.push(reading)
  }
  return readings.sort((left, right) => comparePciAddresses(left.address, right.address))
}

/**
 * The PCI functions of the machine in address order; absent on a machine without the bus. Every fact that a second
 * place in sysfs tells as well is compared with it, and unreadable where the two differ. Names in the directory that
 * are no addresses are passed over, and kept in the excerpt.
 */
export function probePciFunctions(sysroot: Sysroot, surroundings: PciSurroundings): Fact<readonly PciFunction[]> {
  const names = readNames(sysroot, PCI_DEVICES)
  if (names.state !== 'known') return names
  if (!sysroot.budget.take('functions', names.value.length)) return unreadable('too-large', ...names.from)
  if (isAstray(sysroot, names.value)) return unreadable('malformed', ...names.from)
  const { groups, iommus, tree } = surroundings
  const readings = readFunctions(sysroot, names.value)
  const inUse = functionsWithMsi(surroundings.procInterrupts)
  const nodeOfRootBus = rootBusNodes(sysroot, tree)

  const physicalFunctions = new Map<string, PhysicalFunctionReading>()
  const claims = new Map<string, string[]>()
  for (const reading of readings) {
    const physical = readPhysicalFunction(sysroot, reading, readings.length)
    physicalFunctions.set(reading.name, physical)
    for (const virtual of physical.virtualFunctions) {
      const claimants = claims.get(virtual)
      if (claimants) claimants.push(reading.name)
      else claims.set(virtual, [reading.name])
    }
  }
  const isVirtual = ({ name, physicalFunction }: PciFunctionReading) =>
    physicalFunction.state !== 'absent' || claims.has(name)
  const members = new Map(
    readings.map((reading) => [
      reading.name,
      { address: reading.address, configuration: confirmedConfiguration(reading, isVirtual(reading)) },
    ]),
  )

  const functions = readings.map((reading): PciFunction => {
    const { name, address, directory, uevent } = reading
    const configuration = members.get(name)?.configuration ?? reading.configuration
    const path = parseDevicePath(reading.target, name)
    const counts = physicalFunctions.get(name)
    // Behind a dangling entry every attribute is missing, which tells nothing.
    const present = <T>(fact: Fact<T>) => (reading.vanished ? required(fact) : fact)
    const groupLink = readLinkedName(sysroot, `${directory}/iommu_group`, GROUP_TARGET)
    const driverLink = readLinkedName(sysroot, `${directory}/driver`, DRIVER_TARGET)
    return {
      address,
      name,
      vendor: reading.vendor,
      device: reading.device,
      subsystemVendor: subsystemIdentifier(sysroot, reading, 1),
      subsystemDevice: subsystemIdentifier(sysroot, reading, 2),
      classCode: reading.classCode,
      revision:
        configuration.state === 'known'
          ? mapFact(configuration, (space) => space.revision)
          : required(
              readMatching(sysroot, `${directory}/revision`, /^0x([0-9a-f]{2})$/, (text) => Number.parseInt(text, 16)),
            ),
      configuration,
      upstream: upstreamOf(path, isVirtual(reading), (component) => members.get(component)),
      rootBus: mapFact(path, (value) => ({
        name: value.rootBusName,
        parentPath: value.parentPath,
        deviceTreeNode: nodeOfRootBus(value),
      })),
      driver: confirmedByUevent(driverLink, uevent, 'DRIVER'),
      iommuGroup: present(confirmedByListing(name, groupLink, groups)),
      iommu: present(confirmedByListing(name, readIommuLink(sysroot, directory, iommus), iommus)),
      physicalFunction: present(physicalFunctionOf(reading, claims, physicalFunctions)),
      sriovNumVfs: present(counts?.numVfs ?? damaged(names)),
      sriovTotalVfs: present(counts?.totalVfs ?? damaged(names)),
      msiVectors: present(readMsiVectors(sysroot, directory, configuration, inUse.has(name))),
      deviceTreeNode: orChildless(readDeviceTreeNode(sysroot, directory, tree, uevent), path, nodeOfRootBus, tree),
      driverOverride: readDriverOverride(sysroot, directory),
      resetMethod: factOf(sysroot.text(`${directory}/reset_method`), `${directory}/reset_method`, (text) =>
        intactText(text, true)?.trim(),
      ),
      vfioDevice: readVfioDevice(sysroot, directory, driverLink),
      numaNode: present(readMatching(sysroot, `${directory}/numa_node`, /^(-1|\d{1,5})$/, Number)),
    }
  })
  const ignored = names.value.length - readings.length
  return known(withCollectedVectors(sysroot, functions, surroundings.procInterrupts), {
    path: PCI_DEVICES,
    ...(ignored > 0 ? { excerpt: `${ignored} of ${names.value.length} entries are no functions` } : {}),
  })
}
