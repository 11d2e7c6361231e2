import type { DeviceTree } from '../machine/devicetree.js'
import { absent, known, mapFact, unreadable, valueOr, type Fact } from '../machine/fact.js'
import { comparePciAddresses, formatPciAddress, parsePciAddress, type PciAddress } from '../machine/identifiers.js'
import type { InterruptLine } from '../machine/interrupts.js'
import type { PciFunction, RootBus } from '../machine/pci.js'
import type { Sysroot } from '../sysroot/sysroot.js'
import { damaged, readLink, readMatching, readNames, required } from './attribute.js'
import { readHostBridgeNode } from './device-tree-node.js'
import { confirmedByListing, type Memberships } from './membership.js'
import {
  PCI_DEVICES,
  confirmedConfiguration,
  readPciFunction,
  type PciFunctionReading,
} from './pci-function-reading.js'
import { readPciFunctionUse, type PciFunctionUse } from './pci-function-use.js'
import { confirmedVectors, functionsWithMsi, withCollectedVectors } from './pci-msi-vectors.js'
import { parseDevicePath, upstreamOf, type DevicePath } from './pci-topology.js'
import { physicalFunctionOf, readPhysicalFunction, type PhysicalFunctionReading } from './pci-virtual-functions.js'

/** What a function's facts are compared with. */
export interface PciSurroundings {
  readonly groups: Memberships
  readonly iommus: Memberships
  readonly tree: Fact<DeviceTree>
  readonly procInterrupts: Fact<readonly InterruptLine[]>
}

/** Root buses with the device-tree nodes of what stands above them, read once each. */
function rootBusesOf(sysroot: Sysroot, tree: Fact<DeviceTree>): (path: DevicePath) => RootBus {
  const buses = new Map<string, RootBus>()
  return ({ rootBusName, parentPath }) => {
    const above = parentPath === '' ? 'devices' : parentPath
    const key = `${above}/${rootBusName}`
    const found = buses.get(key)
    if (found) return found
    const parent =
      parentPath === '' ? absent({ path: `sys/${key}` }) : readHostBridgeNode(sysroot, `sys/${above}`, tree)
    const deviceTreeNode = parent.state === 'absent' ? readHostBridgeNode(sysroot, `sys/${key}`, tree) : parent
    const bus = { name: rootBusName, parentPath, deviceTreeNode }
    buses.set(key, bus)
    return bus
  }
}

/**
 * The node of a function that nobody collected: it has none where its host bridge's has no child with a unit address
 * (K: drivers/pci/of.c, pci_set_of_node; drivers/of/pci.c, of_pci_find_child_device).
 */
function orChildless(
  own: Fact<string>,
  path: Fact<DevicePath>,
  rootBusOf: (path: DevicePath) => RootBus,
  tree: Fact<DeviceTree>,
): Fact<string> {
  if (own.state !== 'unreadable' || own.reason !== 'not-collected') return own
  if (tree.state !== 'known' || !tree.value.complete || path.state !== 'known') return own
  const { deviceTreeNode: bridge } = rootBusOf(path.value)
  const node = bridge.state === 'known' ? tree.value.byPath.get(bridge.value) : undefined
  const isChildless = node !== undefined && node.children.every(({ properties }) => !properties.has('reg'))
  return isChildless ? absent(...bridge.from) : own
}

/** Entries that lead to another name than their own, of which there are none on any machine. */
const MOST_ASTRAY = 256

/** Everything that one function's own directory says. */
interface WholeReading extends PciFunctionReading {
  readonly use: PciFunctionUse
  readonly physical: PhysicalFunctionReading
}

/** An entry of the bus, and where it leads. */
interface Entry {
  readonly name: string
  readonly address: PciAddress
  readonly target: Fact<string>
}

/**
 * The functions that a bus lists. Undefined where so many entries lead to what is called otherwise that no kernel made
 * them: each is called like the device that it leads to (K: drivers/base/bus.c, bus_add_device). That is asked only of a
 * large bus, since few entries cost little, and before any entry is followed.
 */
function readEntries(sysroot: Sysroot, names: readonly string[]): readonly Entry[] | undefined {
  const entries: Entry[] = []
  let astray = 0
  for (const name of names) {
    const address = parsePciAddress(name)
    const isFunction = address !== undefined && formatPciAddress(address) === name
    if (!isFunction && names.length <= MOST_ASTRAY) continue
    const target = readLink(sysroot, PCI_DEVICES, name)
    if (target.state === 'known' && !target.value.endsWith(`/${name}`)) astray += 1
    if (isFunction) entries.push({ name, address, target })
    if (names.length > MOST_ASTRAY && astray > MOST_ASTRAY) return undefined
  }
  return entries
}

/**
 * Reads every function of a bus, each directory in one go; those unplugged meanwhile are left out. Undefined where their
 * virtual functions are more than machines have.
 */
function readFunctions(
  sysroot: Sysroot,
  entries: readonly Entry[],
  surroundings: PciSurroundings,
): readonly WholeReading[] | undefined {
  const readings: WholeReading[] = []
  let listedNow: ReadonlySet<string> | undefined
  for (const { name, address, target } of entries) {
    const reading = readPciFunction(sysroot, address, name, target)
    if (reading.vanished) {
      listedNow ??= new Set(
        valueOr(
          readNames(sysroot, PCI_DEVICES),
          entries.map((entry) => entry.name),
        ),
      )
      if (!listedNow.has(name)) continue
    }
    const physical = readPhysicalFunction(sysroot, reading, entries.length)
    if (!physical) return undefined
    const use = readPciFunctionUse(sysroot, reading, surroundings)
    // What `uevent` says was compared with the rest by now.
    const { uevent: _, ...kept } = reading
    readings.push({ ...kept, physical, use })
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
  const { groups, iommus, tree } = surroundings
  const entries = readEntries(sysroot, names.value)
  if (!entries) return unreadable('malformed', ...names.from)
  const readings = readFunctions(sysroot, entries, surroundings)
  if (!readings) return unreadable('too-large', ...names.from)
  const inUse = functionsWithMsi(surroundings.procInterrupts)
  const rootBusOf = rootBusesOf(sysroot, tree)

  const physicalFunctions = new Map<string, PhysicalFunctionReading>()
  const claims = new Map<string, string[]>()
  for (const reading of readings) {
    physicalFunctions.set(reading.name, reading.physical)
    for (const virtual of reading.physical.virtualFunctions) {
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
    const { name, address, directory, use } = reading
    const configuration = members.get(name)?.configuration ?? reading.configuration
    const path = parseDevicePath(reading.target, name)
    const counts = physicalFunctions.get(name)
    // Behind a dangling entry every attribute is missing, which tells nothing.
    const present = <T>(fact: Fact<T>) => (reading.vanished ? required(fact) : fact)
    return {
      address,
      name,
      vendor: reading.vendor,
      device: reading.device,
      subsystemVendor: reading.subsystemVendor,
      subsystemDevice: reading.subsystemDevice,
      classCode: reading.classCode,
      revision:
        configuration.state === 'known'
          ? mapFact(configuration, (space) => space.revision)
          : required(
              readMatching(sysroot, directory, 'revision', /^0x[0-9a-f]{2}$/, (text) => Number.parseInt(text, 16)),
            ),
      configuration,
      upstream: upstreamOf(path, isVirtual(reading), (component) => members.get(component)),
      rootBus: mapFact(path, rootBusOf),
      driver: use.driver,
      iommuGroup: present(confirmedByListing(name, use.iommuGroup, groups)),
      iommu: present(confirmedByListing(name, use.iommu, iommus)),
      physicalFunction: present(physicalFunctionOf(reading, claims, physicalFunctions)),
      sriovNumVfs: present(counts?.numVfs ?? damaged(names)),
      sriovTotalVfs: present(counts?.totalVfs ?? damaged(names)),
      msiVectors: present(confirmedVectors(use.msiVectors, configuration, inUse.has(name))),
      deviceTreeNode: orChildless(use.deviceTreeNode, path, rootBusOf, tree),
      driverOverride: use.driverOverride,
      resetMethod: use.resetMethod,
      vfioDevice: use.vfioDevice,
      numaNode: present(use.numaNode),
    }
  })
  const ignored = names.value.length - readings.length
  return known(withCollectedVectors(sysroot, functions, surroundings.procInterrupts), {
    path: PCI_DEVICES,
    ...(ignored > 0 ? { excerpt: `${ignored} of ${names.value.length} entries are no functions` } : {}),
  })
}
