import { pciDeviceGroup, UNKNOWN_GROUP } from '../kernel/iommu-group.js'
import { parsePciAddress } from '../machine/identifiers.js'
import type { Answer } from '../machine/kinds.js'
import type { Member } from './member.js'
import type { Route, RouteMap } from './route.js'

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
export function groupAfterBinding(map: RouteMap, route: Route): readonly Member[] {
  const groups = groupsByFunction(map)
  const { ivrs } = map.context.machine.acpi
  const hasIvrs: Answer = ivrs.state === 'known' ? 'yes' : ivrs.state === 'absent' ? 'no' : 'unknown'
  const choice = pciDeviceGroup(map.context.topology, route.fn, groups, { hasIvrs })
  switch (choice.kind) {
    case 'new':
      return []
    case 'unknown':
      return ['unknown']
    case 'existing':
      return membersOf(map, choice.group)
  }
}

function membersOf(map: RouteMap, id: string): readonly Member[] {
  const group = map.context.groups.get(id)
  if (group?.devices.state !== 'known') return ['unknown']
  return group.devices.value.map((name) => map.byName.get(name) ?? (parsePciAddress(name) ? 'unknown' : 'platform'))
}
