import { allOf } from '../kernel/decision.js'
import { holdsGroup } from '../kernel/iommu/viability.js'
import type { IommuGroup } from '../machine/iommu.js'
import type { Answer } from '../machine/kinds.js'
import type { Route, RouteMap } from './route.js'

/** Name of the bound driver of a PCI function or platform device: `none` without one, `unknown` where it cannot be told. */
function driverOf(map: RouteMap, name: string): string {
  const route = map.byName.get(name)
  const driver = route?.fn.driver ?? map.context.machine.platformDevices.find((device) => device.name === name)?.driver
  if (driver === undefined || driver.state === 'unreadable') return 'unknown'
  return driver.state === 'known' ? driver.value : 'none'
}

function holds(map: RouteMap, name: string): Answer {
  const isBridge = map.byName.get(name)?.role === 'bridge'
  return holdsGroup({ name, isBridge, driver: driverOf(map, name) }, map.context.release)
}

/** Whether the function's own driver keeps it from user space. */
export function holdsAlone(map: RouteMap, route: Route): Answer {
  return holds(map, route.fn.name)
}

/** Whether a group is viable as found now, but for the member named `except`. */
export function groupViability(map: RouteMap, group: IommuGroup, except?: string): Answer {
  if (group.devices.state !== 'known') return 'unknown'
  const held = group.devices.value.filter((name) => name !== except).map((name) => holds(map, name))
  return allOf(held.map((answer): Answer => (answer === 'yes' ? 'no' : answer === 'no' ? 'yes' : 'unknown')))
}

/** Members of a group whose driver keeps it from user space, with that driver, in order of their names. */
export function groupHolders(
  map: RouteMap,
  group: IommuGroup,
): readonly { readonly device: string; readonly driver: string }[] {
  if (group.devices.state !== 'known') return []
  return group.devices.value
    .filter((name) => holds(map, name) === 'yes')
    .sort()
    .map((device) => ({ device, driver: driverOf(map, device) }))
}
