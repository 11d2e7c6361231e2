import { holdsGroup } from '../kernel/iommu/viability.js'
import type { KernelContext } from '../kernel/context.js'
import type { IommuGroup } from '../machine/iommu.js'
import type { Answer } from '../machine/kinds.js'
import type { Route, RouteMap } from './route.js'

/** Members of a group by whether their driver keeps it from user space. */
export interface GroupHolders {
  readonly holding: ReadonlySet<string>
  readonly untold: ReadonlySet<string>
}

type Functions = ReadonlyMap<string, Route>

/** Name of a bound driver: `none` without one, `unknown` where it cannot be told. */
function driverNameOf(driver: Route['fn']['driver'] | undefined): string {
  if (driver === undefined || driver.state === 'unreadable') return 'unknown'
  return driver.state === 'known' ? driver.value : 'none'
}

/** Who holds each group, by its id: made once, since every function asks for its group. */
export function holdersOf(
  context: KernelContext,
  groups: readonly IommuGroup[],
  functions: Functions,
): ReadonlyMap<string, GroupHolders> {
  const platform = new Map(context.machine.platformDevices.map(({ name, driver }) => [name, driver]))
  const holds = (name: string): Answer => {
    const route = functions.get(name)
    const driver = driverNameOf(route?.fn.driver ?? platform.get(name))
    return holdsGroup({ name, isBridge: route?.role === 'bridge', driver }, context.release)
  }
  return new Map(
    groups.map(({ id, devices }) => {
      const names = devices.state === 'known' ? devices.value : []
      const of = (answer: Answer) => new Set(names.filter((name) => holds(name) === answer))
      return [id, { holding: of('yes'), untold: of('unknown') }]
    }),
  )
}

/** Whether the function's own driver keeps it from user space. */
export function holdsAlone(map: RouteMap, { fn, role }: Route): Answer {
  const member = { name: fn.name, isBridge: role === 'bridge', driver: driverNameOf(fn.driver) }
  return holdsGroup(member, map.context.release)
}

/** Whether a group is viable as found now, but for the member named `except`. */
export function groupViability(map: RouteMap, group: IommuGroup, except = ''): Answer {
  const holders = map.holders.get(group.id)
  if (group.devices.state !== 'known' || holders === undefined) return 'unknown'
  const others = (names: ReadonlySet<string>) => names.size - (names.has(except) ? 1 : 0)
  if (others(holders.holding) > 0) return 'no'
  return others(holders.untold) > 0 ? 'unknown' : 'yes'
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
