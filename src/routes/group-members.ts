import { allOf } from '../kernel/decision.js'
import { holdsGroup } from '../kernel/viability.js'
import type { IommuGroup } from '../machine/iommu.js'
import { parsePciAddress } from '../machine/identifiers.js'
import type { Answer } from '../machine/kinds.js'
import type { Member } from './member.js'
import type { Route, RouteMap } from './route.js'
import { groupAfterBinding } from './group-after-binding.js'

export function groupMembers(map: RouteMap, group: IommuGroup): readonly Member[] {
  // The kernel frees a group with its last member: one that shows none hides them.
  if (group.devices.state !== 'known' || group.devices.value.length === 0) return ['unknown']
  return group.devices.value.map((name) => map.byName.get(name) ?? (parsePciAddress(name) ? 'unknown' : 'platform'))
}

/** The members a function's group has once vfio-pci is bound to the function. */
export function membersAfterBinding(map: RouteMap, route: Route): readonly Member[] {
  if (route.iommu.group) return groupMembers(map, route.iommu.group)
  if (route.iommu.attachment.state !== 'later') return [route]
  return [route, ...groupAfterBinding(map, route)]
}

function driverOf(map: RouteMap, name: string): string {
  const route = map.byName.get(name)
  const driver = route?.fn.driver ?? map.context.machine.platformDevices.find((device) => device.name === name)?.driver
  if (driver === undefined || driver.state === 'unreadable') return 'unknown'
  return driver.state === 'known' ? driver.value : 'none'
}

/** Whether the function's own driver keeps it from user space. */
export function holdsAlone(map: RouteMap, route: Route): Answer {
  return holdsGroup(
    { name: route.fn.name, isBridge: route.role === 'bridge', driver: driverOf(map, route.fn.name) },
    map.context.release,
  )
}

/** Whether a group is viable as found now, but for the member named `except`. */
export function groupViability(map: RouteMap, group: IommuGroup, except?: string): Answer {
  if (group.devices.state !== 'known') return 'unknown'
  const held = group.devices.value
    .filter((name) => name !== except)
    .map((name) =>
      holdsGroup(
        { name, isBridge: map.byName.get(name)?.role === 'bridge', driver: driverOf(map, name) },
        map.context.release,
      ),
    )
  return allOf(held.map((answer): Answer => (answer === 'yes' ? 'no' : answer === 'no' ? 'yes' : 'unknown')))
}
