import type { KernelContext } from '../kernel/context.js'
import { pciDeviceGroup, UNKNOWN_GROUP, type GroupsByFunction } from '../kernel/iommu/iommu-group.js'
import { realDmaDevice } from '../kernel/pci/dma-alias.js'
import { parsePciAddress } from '../machine/identifiers.js'
import type { IommuGroup } from '../machine/iommu.js'
import type { Answer } from '../machine/kinds.js'
import type { Route, RouteMap } from './route.js'

/** A member of a group: a function's route, a platform device, or a PCI name without a function behind it. */
export type Member = Route | PlatformMember | 'unknown'

export interface PlatformMember {
  readonly platform: string
}

/** Whether a member is a PCI function. */
export const isFunction = (member: Member): member is Route => typeof member === 'object' && 'fn' in member

/** The members of a group as the kernel lists them; one `unknown` where the list cannot be, or may not be, what it has. */
export function groupMembers(map: RouteMap, group: IommuGroup): readonly Member[] {
  // The kernel frees a group with its last member: one that shows none hides them.
  if (group.devices.state !== 'known' || group.devices.value.length === 0) return ['unknown']
  const listed = group.devices.value.map(
    (name): Member => map.byName.get(name) ?? (parsePciAddress(name) ? 'unknown' : { platform: name }),
  )
  return group.isPartial ? [...listed, 'unknown'] : listed
}

/**
 * The functions behind each VMD, by its name: they go when the VMD is taken from its driver, which made their bus.
 * Source: K: drivers/pci/controller/vmd.c, `vmd_remove`.
 */
export function functionsBehind({ topology, functions }: KernelContext): ReadonlyMap<string, ReadonlySet<string>> {
  const behind = new Map<string, Set<string>>()
  for (const fn of functions) {
    const device = realDmaDevice(topology, fn)
    if (device === fn) continue
    const known = behind.get(device.name)
    if (known) known.add(fn.name)
    else behind.set(device.name, new Set([fn.name]))
  }
  return behind
}

/** The members that a function's group still has once the function is taken from its driver, itself among them. */
export function membersThatStay(map: RouteMap, group: IommuGroup, { fn }: Route): readonly Member[] {
  const behind = map.behind.get(fn.name)
  const members = groupMembers(map, group)
  return behind ? members.filter((member) => !isFunction(member) || !behind.has(member.fn.name)) : members
}

/** The members a function's group has once vfio-pci is bound to the function, itself among them. */
export function membersAfterBinding(map: RouteMap, route: Route): readonly Member[] {
  if (route.iommu.group) return membersThatStay(map, route.iommu.group, route)
  return route.iommu.attachment.state === 'later' ? [route, ...othersAfterBinding(map, route)] : [route]
}

/** Group of each function that has one, or may have one that nobody can name. */
export function groupsByFunction({ functions }: KernelContext): GroupsByFunction {
  const groups = new Map<string, string>()
  for (const { iommuGroup, name } of functions) {
    if (iommuGroup.state === 'known') groups.set(name, iommuGroup.value)
    else if (iommuGroup.state === 'unreadable') groups.set(name, UNKNOWN_GROUP)
  }
  return groups
}

/** The other members of the group that a function without one joins when vfio-pci binds. */
function othersAfterBinding(map: RouteMap, route: Route): readonly Member[] {
  const { ivrs } = map.context.machine.acpi
  const hasIvrs: Answer = ivrs.state === 'known' ? 'yes' : ivrs.state === 'absent' ? 'no' : 'unknown'
  const choice = pciDeviceGroup(map.context.topology, route.fn, map.groupsByFunction, { hasIvrs })
  switch (choice.kind) {
    case 'new':
      return []
    case 'unknown':
      return ['unknown']
    case 'existing': {
      const group = map.context.groups.get(choice.group)
      return group ? groupMembers(map, group) : ['unknown']
    }
  }
}
