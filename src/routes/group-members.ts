import { pciDeviceGroup, UNKNOWN_GROUP } from '../kernel/iommu/iommu-group.js'
import { parsePciAddress } from '../machine/identifiers.js'
import type { IommuGroup } from '../machine/iommu.js'
import type { Answer } from '../machine/kinds.js'
import type { Route, RouteMap } from './route.js'

/** A member of a group: a function's route, a platform device, or a PCI name without a function behind it. */
export type Member = Route | 'platform' | 'unknown'

/** The members of a group as the kernel lists them; one `unknown` where the list cannot be what the kernel has. */
export function groupMembers(map: RouteMap, group: IommuGroup): readonly Member[] {
  // The kernel frees a group with its last member: one that shows none hides them.
  if (group.devices.state !== 'known' || group.devices.value.length === 0) return ['unknown']
  return group.devices.value.map((name) => map.byName.get(name) ?? (parsePciAddress(name) ? 'unknown' : 'platform'))
}

/** The members a function's group has once vfio-pci is bound to the function, itself among them. */
export function membersAfterBinding(map: RouteMap, route: Route): readonly Member[] {
  if (route.iommu.group) return groupMembers(map, route.iommu.group)
  return route.iommu.attachment.state === 'later' ? [route, ...othersAfterBinding(map, route)] : [route]
}

const tables = new WeakMap<RouteMap, ReadonlyMap<string, string>>()

/** Group of each function that has one, or may have one that nobody can name; built once for a map. */
function groupsByFunction(map: RouteMap): ReadonlyMap<string, string> {
  const known = tables.get(map)
  if (known) return known
  const groups = new Map<string, string>()
  for (const { fn } of map.routes) {
    if (fn.iommuGroup.state === 'known') groups.set(fn.name, fn.iommuGroup.value)
    else if (fn.iommuGroup.state === 'unreadable') groups.set(fn.name, UNKNOWN_GROUP)
  }
  tables.set(map, groups)
  return groups
}

/** The other members of the group that a function without one joins when vfio-pci binds. */
function othersAfterBinding(map: RouteMap, route: Route): readonly Member[] {
  const { ivrs } = map.context.machine.acpi
  const hasIvrs: Answer = ivrs.state === 'known' ? 'yes' : ivrs.state === 'absent' ? 'no' : 'unknown'
  const choice = pciDeviceGroup(map.context.topology, route.fn, groupsByFunction(map), { hasIvrs })
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
