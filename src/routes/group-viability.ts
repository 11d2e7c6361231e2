import { holdsGroup } from '../kernel/iommu/viability.js'
import type { KernelContext } from '../kernel/context.js'
import type { IommuGroup } from '../machine/iommu.js'
import type { Answer } from '../machine/kinds.js'
import type { GroupHolders, Route, RouteMap } from './route.js'

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
  const holders = new Map<string, GroupHolders>()
  // Shared by most groups: an empty map takes more memory than a group.
  const nobody: GroupHolders = { holding: new Map(), untold: new Set() }
  for (const { id, devices } of groups) {
    const holding = new Map<string, string>()
    const untold = new Set<string>()
    for (const name of devices.state === 'known' ? devices.value : []) {
      const route = functions.get(name)
      const driver = driverNameOf(route?.fn.driver ?? platform.get(name))
      const answer = holdsGroup({ name, isBridge: route?.role === 'bridge', driver }, context.release)
      if (answer === 'yes') holding.set(name, driver)
      else if (answer === 'unknown') untold.add(name)
    }
    holders.set(id, {
      holding: holding.size > 0 ? holding : nobody.holding,
      untold: untold.size > 0 ? untold : nobody.untold,
    })
  }
  return holders
}

/** Whether the function's own driver keeps it from user space. */
export function holdsAlone(map: RouteMap, { fn, role }: Route): Answer {
  const member = { name: fn.name, isBridge: role === 'bridge', driver: driverNameOf(fn.driver) }
  return holdsGroup(member, map.context.release)
}

/** Whether a group is viable as found now, but for the function that is asked for and what goes with it. */
export function groupViability(map: RouteMap, group: IommuGroup, asked?: Route): Answer {
  const holders = map.holders.get(group.id)
  if (group.devices.state !== 'known' || holders === undefined) return 'unknown'
  if (othersThan(map, asked, holders.holding) > 0) return 'no'
  return othersThan(map, asked, holders.untold) > 0 || group.isPartial ? 'unknown' : 'yes'
}

/** How many of `members` stay when a function is taken from its driver. */
function othersThan(
  { behind }: RouteMap,
  asked: Route | undefined,
  members: { readonly size: number; has(name: string): boolean },
): number {
  if (asked === undefined || members.size === 0) return members.size
  let leaving = members.has(asked.fn.name) ? 1 : 0
  for (const name of behind.get(asked.fn.name) ?? []) if (members.has(name)) leaving += 1
  return members.size - leaving
}

/** Members of a group whose driver keeps it from user space, with that driver, in order of their names. */
export function groupHolders(
  map: RouteMap,
  group: IommuGroup,
): readonly { readonly device: string; readonly driver: string }[] {
  return [...(map.holders.get(group.id)?.holding ?? [])]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([device, driver]) => ({ device, driver }))
}
