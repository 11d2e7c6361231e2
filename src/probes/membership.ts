import type { Budget } from '../budget/budget.js'
import { unreadable, type Fact, type ReadFailure } from '../machine/fact.js'
import { damaged } from './attribute.js'

/** Which containers (IOMMU groups, IOMMU instances) list which devices. */
export interface Memberships {
  readonly containers: ReadonlySet<string>
  readonly byDevice: ReadonlyMap<string, readonly string[]>
  /** Why a container or a listing may be missing here that the machine has; undefined when all were read. */
  readonly incomplete: ReadFailure | undefined
}

/** What a container lists, unless it is more than machines have of devices. */
export function membersOf(devices: Fact<readonly string[]>, budget: Budget): Fact<readonly string[]> {
  if (devices.state !== 'known' || budget.take('members', devices.value.length)) return devices
  return unreadable('too-large', ...devices.from)
}

/** Turns the containers' own `devices` listings round. */
export function membershipsOf<T extends { readonly devices: Fact<readonly string[]> }>(
  containers: Fact<readonly T[]>,
  nameOf: (container: T) => string,
): Memberships {
  const names = new Set<string>()
  const byDevice = new Map<string, string[]>()
  let incomplete = containers.state === 'unreadable' ? containers.reason : undefined
  for (const container of containers.state === 'known' ? containers.value : []) {
    const name = nameOf(container)
    names.add(name)
    if (container.devices.state === 'unreadable') incomplete = container.devices.reason
    for (const device of container.devices.state === 'known' ? container.devices.value : []) {
      const of = byDevice.get(device)
      if (of) of.push(name)
      else byDevice.set(device, [name])
    }
  }
  return { containers: names, byDevice, incomplete }
}

/**
 * Joins a device's link to its container with the container's `devices`. Known only where both agree and no other
 * container claims the device, or where the listings could not be read; absent only where all were read and none has it.
 */
export function confirmedByListing(device: string, link: Fact<string>, memberships: Memberships): Fact<string> {
  const listedBy = memberships.byDevice.get(device) ?? []
  switch (link.state) {
    case 'unreadable':
      return link
    case 'absent':
      if (listedBy.length > 0) return damaged(link)
      return memberships.incomplete === undefined ? link : unreadable(memberships.incomplete, ...link.from)
    case 'known': {
      const confirmed = listedBy.length === 1 && listedBy[0] === link.value
      const unheard = listedBy.length === 0 && memberships.incomplete !== undefined
      return confirmed || unheard ? link : damaged(link)
    }
  }
}
