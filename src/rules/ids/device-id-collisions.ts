import { isWithinOwner, type Collision } from '../../kernel/ids/collisions.js'
import type { RouteMap } from '../../routes/route.js'
import { listOf } from '../device-items.js'
import type { DeviceIdHolders } from './device-id-holders.js'
import type { OutcomeItem, SharedIds } from '../rule.js'
import { idRangesWords, spaceWords, stepsEvidence } from './id-words.js'

/** What firmware gives out twice at an ITS: to a root complex and a device outside PCI, or to two root complexes. */
export function deviceIdCollisions({ ids }: RouteMap, withDevice: boolean): readonly Collision[] {
  return ids.collisions().filter((collision) => {
    const owners = [collision.left.owner, collision.right.owner]
    if (collision.left.space.kind !== 'DeviceID' || isWithinOwner(collision)) return false
    return owners.every(({ kind }) => kind !== 'own') && owners.some(({ kind }) => kind === 'device') === withDevice
  })
}

/** One item for each collision that holds functions of whom no earlier one spoke. */
export function collisionItems(
  { context: { machine } }: RouteMap,
  collisions: readonly Collision[],
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
      ids: idRangesWords(shared),
      controller: spaceWords(space),
    }
    const evidence = stepsEvidence(machine, [...left.steps, ...right.steps])
    return [{ subject, devices, message, details, evidence, shares: sharesOf(collision) }]
  })
}

/** Who shares ids where, for all rules that speak of it. */
export function sharesOf({ left, right }: Collision): SharedIds {
  const { kind, key } = left.space
  return { space: `${kind} ${key}`, owners: [left.owner.key, right.owner.key] }
}
