import type { IommuDescription, MachineDescription } from '../machine-description.js'
import { aliasesOf, groupsAtEnumeration, type PlannedFunction } from './planned-machine.js'

/** SV, RR, CR and UF (REQ_ACS_FLAGS). */
const REQUIRED_ACS = 0x1d

/** Capability and control bits of a function's ACS; undefined where it has none. Ports have it unless described otherwise. */
export function acsOf(fn: PlannedFunction): { readonly capability: number; readonly control: number } | undefined {
  const described = fn.description.acs ?? (fn.type === 'root-port' || fn.type === 'downstream-port')
  if (described === false) return undefined
  return { capability: 0x1f, control: described === true ? REQUIRED_ACS : described }
}

/** pci_acs_enabled, without the quirk tables. */
function acsEnabled(fn: PlannedFunction): boolean {
  switch (fn.type) {
    case 'conventional':
    case 'pcie-to-pci-bridge':
    case 'pci-to-pcie-bridge':
    case 'rc-event-collector':
      return false
    case 'root-port':
    case 'downstream-port':
      return flagsEnabled(fn)
    case 'endpoint':
    case 'legacy-endpoint':
    case 'upstream-port':
    case 'rc-integrated-endpoint':
      return !fn.multifunction || flagsEnabled(fn)
    case 'reserved':
      return true
  }
}

function flagsEnabled(fn: PlannedFunction): boolean {
  const acs = acsOf(fn)
  if (!acs) return false
  const required = REQUIRED_ACS & (acs.capability | 0x20)
  return (acs.control & required) === required
}

/** State that the walk over the functions of a machine keeps. */
class GroupAssignment {
  private readonly pathEnabled = new Map<PlannedFunction, boolean>()
  private readonly slots = new Map<string, PlannedFunction[]>()
  private readonly taken: Set<number>
  private next = 0

  constructor(functions: readonly PlannedFunction[]) {
    this.taken = new Set(functions.flatMap(({ description: { group } }) => (typeof group === 'number' ? [group] : [])))
    for (const fn of functions) {
      const slot = fn.name.slice(0, -2)
      const known = this.slots.get(slot)
      if (known) known.push(fn)
      else this.slots.set(slot, [fn])
    }
  }

  /** pci_device_group: the group of an alias, of a bridge without ACS above it, of its slot, or a new one. */
  groupOf(fn: PlannedFunction): number {
    let at = fn
    for (const { bridge } of aliasesOf(fn.parent)) {
      if (bridge.group !== undefined) return bridge.group
      at = bridge
    }
    for (let bridge = at.parent; bridge && !this.acsPath(bridge); bridge = bridge.parent) {
      at = bridge
      if (bridge.group !== undefined) return bridge.group
    }
    if (at.multifunction && !acsEnabled(at)) {
      const sibling = this.slots
        .get(at.name.slice(0, -2))
        ?.find((other) => other.group !== undefined && !acsEnabled(other))
      if (sibling?.group !== undefined) return sibling.group
    }
    while (this.taken.has(this.next)) this.next++
    return this.next++
  }

  private acsPath(bridge: PlannedFunction): boolean {
    const known = this.pathEnabled.get(bridge)
    if (known !== undefined) return known
    const enabled = acsEnabled(bridge) && (bridge.parent === undefined || this.acsPath(bridge.parent))
    this.pathEnabled.set(bridge, enabled)
    return enabled
  }
}

/**
 * Gives every function its IOMMU group, in address order. A function that has no driver yet has none up to 6.14 where
 * the firmware describes the IOMMU; an SMMUv3 refuses a function whose StreamID another one has.
 */
export function assignGroups(machine: MachineDescription, functions: readonly PlannedFunction[]): void {
  const assignment = new GroupAssignment(functions)
  const owners = new Map<IommuDescription, Set<number>>()
  for (const fn of functions) {
    const { iommu, description } = fn
    if (description.group !== undefined) {
      fn.group = description.group ?? undefined
      continue
    }
    if (!iommu || iommu.driver === false) continue
    if (!groupsAtEnumeration(machine, iommu) && fn.driver === undefined) continue
    if (iommu.type === 'smmuv3') {
      const owned = owners.get(iommu) ?? new Set()
      owners.set(iommu, owned)
      if (fn.streamIds.some((id) => owned.has(id))) continue
      for (const id of fn.streamIds) owned.add(id)
    }
    fn.group = assignment.groupOf(fn)
  }
}
