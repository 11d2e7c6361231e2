import { pciDeviceGroup, UNKNOWN_GROUP } from '../kernel/iommu-group.js'
import type { Answer } from '../machine/kinds.js'
import type { Member } from './member.js'
import type { Route, RouteMap } from './route.js'

/** The other members of the group that a function without one joins when vfio-pci binds. */
export function groupAfterBinding(map: RouteMap, route: Route): readonly Member[] {
  const groups = new Map<string, string>()
  for (const other of map.routes) {
    const { iommuGroup } = other.fn
    if (iommuGroup.state === 'known') groups.set(other.fn.name, iommuGroup.value)
    else if (iommuGroup.state === 'unreadable') groups.set(other.fn.name, UNKNOWN_GROUP)
  }
  const { ivrs } = map.context.machine.acpi
  const hasIvrs: Answer = ivrs.state === 'known' ? 'yes' : ivrs.state === 'absent' ? 'no' : 'unknown'
  const choice = pciDeviceGroup(map.context.topology, route.fn, groups, { hasIvrs })
  switch (choice.kind) {
    case 'new':
      return []
    case 'unknown':
      return ['unknown']
    case 'existing':
      return map.routes.filter((other) => groups.get(other.fn.name) === choice.group)
  }
}
