import type { PciFunction } from '../../machine/pci.js'
import { acsEnabled, acsPathEnabled, type AcsContext } from '../pci/acs.js'
import { dmaAliases, realDmaDevice } from '../pci/dma-alias.js'
import { aliasesOnBus, bridgesAbove, functionsOnBus, isMultifunction, type PciTopology } from '../pci/pci-topology.js'

/** Group of a function: its name, or `unknown` for one that has or may have one which nobody can name. */
export type GroupsByFunction = ReadonlyMap<string, string>

/** Marks, in `GroupsByFunction`, a function whose group cannot be told. */
export const UNKNOWN_GROUP = 'unknown'

/** Which group `pci_device_group` gives a function that has none. */
export type GroupChoice =
  | { readonly kind: 'existing'; readonly group: string }
  | { readonly kind: 'new' }
  | { readonly kind: 'unknown' }

const UNKNOWN: GroupChoice = { kind: 'unknown' }

/** One search for the group of a function: the state that the kernel keeps in its `devfns` bitmap, and the doubts met. */
class GroupSearch {
  private readonly visited = new Set<string>()
  /** True once something that may have named a group could not be read. */
  doubtful = false

  private readonly topology: PciTopology
  private readonly groups: GroupsByFunction
  private readonly context: AcsContext

  constructor(topology: PciTopology, groups: GroupsByFunction, context: AcsContext) {
    this.topology = topology
    this.groups = groups
    this.context = context
  }

  /** Whether one is the DMA alias of the other. K: drivers/pci/pci.c, `pci_devs_are_dma_aliases`. */
  private areAliases(left: PciFunction, right: PciFunction): boolean {
    const devfn = (fn: PciFunction) => (fn.address.device << 3) | fn.address.function
    const names = (of: PciFunction, other: PciFunction) => {
      const quirks = aliasesOnBus(this.topology, of)
      if (quirks === 'unknown') this.doubtful = true
      return quirks !== 'unknown' && quirks.includes(devfn(other))
    }
    return (
      names(left, right) ||
      names(right, left) ||
      realDmaDevice(this.topology, left) === right ||
      realDmaDevice(this.topology, right) === left
    )
  }

  /** K: drivers/iommu/iommu.c, `get_pci_alias_group`. */
  aliasGroup(fn: PciFunction): string | undefined {
    if (this.visited.has(fn.name)) return undefined
    this.visited.add(fn.name)
    const group = this.groups.get(fn.name)
    if (group !== undefined) return group
    for (const other of functionsOnBus(this.topology, fn)) {
      if (other === fn || !this.areAliases(fn, other)) continue
      const found = this.aliasGroup(other) ?? this.functionGroup(other)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** K: drivers/iommu/iommu.c, `get_pci_function_alias_group`. */
  functionGroup(fn: PciFunction): string | undefined {
    const multifunction = isMultifunction(fn)
    const isolated = acsEnabled(this.topology, fn, this.context)
    if (multifunction === 'no' || isolated === 'yes') return undefined
    const certain = multifunction === 'yes' && isolated === 'no'
    for (const other of functionsOnBus(this.topology, fn)) {
      if (other === fn || other.address.device !== fn.address.device) continue
      const otherIsolated = acsEnabled(this.topology, other, this.context)
      if (otherIsolated === 'yes') continue
      const group = this.aliasGroup(other)
      if (group === undefined) continue
      if (certain && otherIsolated === 'no') return group
      this.doubtful = true
    }
    return undefined
  }
}

function chosen(group: string): GroupChoice {
  return group === UNKNOWN_GROUP ? UNKNOWN : { kind: 'existing', group }
}

/**
 * The group that a function without one joins, given the groups of all others.
 *
 * @param groups by function name; `UNKNOWN_GROUP` for a function whose group cannot be read
 *
 * Source: K: drivers/iommu/iommu.c, `pci_device_group` (the SMMU, Intel and AMD drivers use it); pci-config.md section 6.
 */
export function pciDeviceGroup(
  topology: PciTopology,
  fn: PciFunction,
  groups: GroupsByFunction,
  context: AcsContext,
): GroupChoice {
  const aliases = dmaAliases(topology, fn)
  if (aliases.kind === 'unknown') return UNKNOWN
  let last = fn
  for (const { function: emitter } of aliases.aliases) {
    last = emitter
    const group = groups.get(emitter.name)
    if (group !== undefined) return chosen(group)
  }
  const bridges = bridgesAbove(topology, last)
  if (!bridges) return UNKNOWN
  for (const bridge of bridges) {
    const path = acsPathEnabled(topology, bridge, context)
    if (path === 'unknown') return UNKNOWN
    if (path === 'yes') break
    last = bridge
    const group = groups.get(bridge.name)
    if (group !== undefined) return chosen(group)
  }
  const search = new GroupSearch(topology, groups, context)
  const group = search.aliasGroup(last) ?? search.functionGroup(last)
  if (search.doubtful) return UNKNOWN
  return group === undefined ? { kind: 'new' } : chosen(group)
}
