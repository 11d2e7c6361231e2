import type { Answer } from '../../machine/kinds.js'
import { comparePciAddresses, type PciAddress } from '../../machine/identifiers.js'
import type { PciFunction, PciePortType } from '../../machine/pci.js'
import type { KernelRelease } from '../release.js'
import { quirkAliasesOf, type QuirkAliases } from './quirks/quirk-aliases.js'

/** The functions of a machine as the kernel's bus walks see them. */
export interface PciTopology {
  /** In address order. */
  readonly functions: readonly PciFunction[]
  readonly byName: ReadonlyMap<string, PciFunction>
  /** Functions of one bus: key `segment:bus`, in address order. */
  readonly byBus: ReadonlyMap<string, readonly PciFunction[]>
  /** The first function of each device-tree node that has one. */
  readonly byNode: ReadonlyMap<string, PciFunction>
  /** What the kernel takes ports for that lead on: asked of every bridge above every function. */
  readonly portTypes: ReadonlyMap<PciFunction, PortType>
  /** What a function may use besides its own number, on its own bus: asked of every pair of functions there. */
  readonly quirkAliases: ReadonlyMap<PciFunction, QuirkAliases>
  /** Decides which quirks the kernel has; undefined when it could not be read. */
  readonly release: KernelRelease | undefined
}

type ByName = PciTopology['byName']

const busKey = (segment: number, bus: number): string => `${segment}:${bus}`

/** Indexes the functions of a machine. Pure; build it once per machine. */
export function buildPciTopology(functions: readonly PciFunction[], release: KernelRelease | undefined): PciTopology {
  const sorted = [...functions].sort((left, right) => comparePciAddresses(left.address, right.address))
  const byBus = new Map<string, PciFunction[]>()
  const byNode = new Map<string, PciFunction>()
  for (const fn of sorted) {
    const { address, deviceTreeNode: node } = fn
    const onBus = byBus.get(busKey(address.segment, address.bus))
    if (onBus) onBus.push(fn)
    else byBus.set(busKey(address.segment, address.bus), [fn])
    if (node.state === 'known' && !byNode.has(node.value)) byNode.set(node.value, fn)
  }
  const byName = new Map(sorted.map((fn) => [fn.name, fn]))
  return {
    functions: sorted,
    byName,
    byBus,
    byNode,
    portTypes: new Map(sorted.filter(leadsOn).map((fn) => [fn, takenPortType(byName, fn)])),
    quirkAliases: new Map(sorted.map((fn) => [fn, quirkAliasesOf(fn)])),
    release,
  }
}

/** Device/function numbers that a function may use besides its own, on its own bus. */
export function aliasesOnBus({ quirkAliases }: PciTopology, fn: PciFunction): QuirkAliases {
  return quirkAliases.get(fn) ?? quirkAliasesOf(fn)
}

/** Functions on the same segment and bus number, the function itself among them. */
export function functionsOnBus(topology: PciTopology, fn: PciFunction): readonly PciFunction[] {
  return topology.byBus.get(busKey(fn.address.segment, fn.address.bus)) ?? []
}

/** The function at an address, of which a table may name any; undefined where none is. */
export function functionAt(
  { byBus }: PciTopology,
  { segment, bus, device, function: number }: PciAddress,
): PciFunction | undefined {
  const onBus = byBus.get(busKey(segment, bus)) ?? []
  return onBus.find(({ address }) => address.device === device && address.function === number)
}

/**
 * Bridges above a function, nearest first; empty on a root bus. Undefined when the way up cannot be read or names a
 * bridge that is not among the functions.
 */
export function bridgesAbove(
  topology: { readonly byName: ByName },
  fn: PciFunction,
): readonly PciFunction[] | undefined {
  if (fn.upstream.state !== 'known') return undefined
  const bridges: PciFunction[] = []
  for (const name of fn.upstream.value.toReversed()) {
    const bridge = topology.byName.get(name)
    if (!bridge || bridge === fn) return undefined
    bridges.push(bridge)
  }
  return bridges
}

/** PCI Express port type; `conventional` where there is no PCI Express capability, `unknown` where none could be read. */
export type PortType = PciePortType | 'conventional' | 'unknown'

/** The type that stands in the capability: what the hardware says of itself. */
export function claimedPortType(fn: PciFunction): PortType {
  if (fn.configuration.state !== 'known') return 'unknown'
  const { pcie } = fn.configuration.value
  switch (pcie.state) {
    case 'known':
      return pcie.value.portType
    case 'absent':
      return 'conventional'
    case 'unreadable':
      return 'unknown'
  }
}

/** Ports whose type hangs on what is above them. */
function leadsOn(fn: PciFunction): boolean {
  const claimed = claimedPortType(fn)
  return claimed === 'downstream-port' || claimed === 'upstream-port'
}

/**
 * Port type as the kernel takes it. Of two ports that cannot follow each other, a downstream port below a port that leads
 * down, or an upstream port below an upstream port, it corrects the lower one; but it writes the new type beside the
 * field, four bits too low, and what is left there is 0: an endpoint.
 * Source: K: drivers/pci/probe.c, `set_pcie_port_type`; drivers/pci/pci.h, `pcie_downstream_port`.
 */
export function portTypeOf({ portTypes }: PciTopology, fn: PciFunction): PortType {
  return portTypes.get(fn) ?? claimedPortType(fn)
}

/** The same of a port that leads on. */
function takenPortType(byName: ByName, fn: PciFunction): PortType {
  const bridges = bridgesAbove({ byName }, fn)
  if (!bridges) return 'unknown'
  // From the root bus down, since what a port is hangs on what the one above it is.
  const above = bridges.reduceRight<PortType | undefined>(
    (upper, bridge) => correctedPortType(claimedPortType(bridge), upper),
    undefined,
  )
  return correctedPortType(claimedPortType(fn), above)
}

function correctedPortType(claimed: PortType, above: PortType | undefined): PortType {
  if (claimed !== 'downstream-port' && claimed !== 'upstream-port') return claimed
  if (above === 'unknown') return above
  const leadsDown = above === 'root-port' || above === 'downstream-port' || above === 'pci-to-pcie-bridge'
  const cannotFollow = claimed === 'downstream-port' ? leadsDown : above === 'upstream-port'
  return cannotFollow ? 'endpoint' : claimed
}

/**
 * Whether the kernel takes a function for part of a multifunction device: bit 7 of its own header type, or a function
 * number other than 0 that the slot scan found. Virtual functions never are.
 * Source: K: drivers/pci/probe.c, `pci_setup_device`, `pci_scan_slot`; drivers/pci/iov.c, `pci_iov_add_virtfn`;
 * pci-config.md section 1.
 */
export function isMultifunction(fn: PciFunction): Answer {
  if (fn.physicalFunction.state === 'known') return 'no'
  const bit = fn.configuration.state === 'known' ? fn.configuration.value.multifunctionBit : undefined
  const scanned = fn.address.function !== 0 ? true : bit
  if (scanned === false) return 'no'
  return scanned === undefined || fn.physicalFunction.state === 'unreadable' ? 'unknown' : 'yes'
}
