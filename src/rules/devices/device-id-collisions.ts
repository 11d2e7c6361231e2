import { collisionsOf, type Collision } from '../../kernel/ids/collisions.js'
import { claimsOf, placesOf, type AnyWay } from '../../kernel/ids/id-map.js'
import { hex } from '../../machine/identifiers.js'
import type { RouteMap } from '../../routes/route.js'
import { listOf } from '../device-items.js'
import { evidenceFrom } from '../evidence.js'
import type { OutcomeItem, SharedIds } from '../rule.js'
import type { DeviceIdHolders } from './device-id-holders.js'

const RANGES_SHOWN = 3

/** What firmware gives out twice at an ITS: to a root complex and a device outside PCI, or to two root complexes. */
export function deviceIdCollisions(map: RouteMap, withDevice: boolean): readonly Collision<AnyWay>[] {
  const claims = claimsOf(map.ids).filter(({ space, owner }) => space.kind === 'DeviceID' && owner.kind !== 'own')
  return collisionsOf(claims, false).filter(
    ({ left, right }) => [left, right].some(({ owner }) => owner.kind === 'device') === withDevice,
  )
}

function rangesWords(collision: Collision<AnyWay>): string {
  const { shared } = collision
  const words = shared
    .slice(0, RANGES_SHOWN)
    .map(({ first, last }) => (first === last ? hex(first) : `${hex(first)} to ${hex(last)}`))
    .join(', ')
  return shared.length > RANGES_SHOWN ? `${words} and ${shared.length - RANGES_SHOWN} more ranges` : words
}

/** `ITS 0`: the one that Linux uses of a group; in a tree the path of its node. */
export function targetWords({ space: { target } }: AnyWay): string {
  if ('path' in target) return target.path
  return target.type === 'its-group' ? `ITS ${target.itsIds[0] ?? ''}` : `${target.type} ${hex(target.offset)}`
}

/** One item for each collision that holds functions of whom no earlier one spoke. */
export function collisionItems(
  collisions: readonly Collision<AnyWay>[],
  holders: DeviceIdHolders,
  message: string,
  leaveOut: ReadonlySet<string> = new Set(),
): readonly OutcomeItem[] {
  return collisions.flatMap((collision): OutcomeItem[] => {
    const { left, right, shared } = collision
    const { space } = left
    const found = shared.flatMap((ids) => holders.take(space.key, ids))
    const devices = [...new Set(found)].filter((name) => !leaveOut.has(name))
    const [subject] = devices
    if (subject === undefined) return []
    const details = {
      devices: listOf(devices),
      left: left.owner.name,
      right: right.owner.name,
      ids: rangesWords(collision),
      controller: targetWords(left),
    }
    const evidence = evidenceFrom([...placesOf(left), ...placesOf(right)])
    return [{ subject, devices, message, details, evidence, shares: sharesOf(collision) }]
  })
}

/** Who shares ids where, for all rules that speak of it. */
export function sharesOf({ left, right }: Collision<AnyWay>): SharedIds {
  const { kind, key } = left.space
  return { space: `${kind} ${key}`, owners: [left.owner.key, right.owner.key] }
}
