import { isWithinOwner, type Collision } from '../../kernel/ids/collisions.js'
import { firstHolders, within, type IdRange } from '../../kernel/ids/id-ranges.js'
import { deviceTableOf } from '../../kernel/msi/msi-controller.js'
import type { Route, RouteMap } from '../../routes/route.js'
import { listOf } from '../device-items.js'
import { describedIts, groupKey } from '../devices/its-users.js'
import type { OutcomeItem, SharedIds } from '../rule.js'
import { idRangesWords, spaceWords, stepsEvidence } from './id-words.js'

/** A DeviceID of one ITS, as a range of one, and the present functions that have it. */
export interface Holders extends IdRange {
  /** The table that it is an index of. */
  readonly its: string
  readonly routes: readonly Route[]
}

/** Present functions by the DeviceID under which their ITS knows them. */
export class DeviceIdHolders {
  /** Those that share a DeviceID without sharing a group. */
  readonly shared: readonly Holders[]
  private readonly held: Holders[] = []
  private sorted: ReadonlyMap<string, readonly Holders[]> | undefined

  constructor(users: readonly Route[]) {
    const tables = new Map<string, Map<number, Holders & { readonly routes: Route[] }>>()
    for (const route of users) {
      const controller = describedIts(route)
      if (!controller || route.msi.deviceIds === 'unknown') continue
      const its = deviceTableOf(controller)
      const byId = tables.get(its) ?? new Map<number, Holders & { readonly routes: Route[] }>()
      tables.set(its, byId)
      for (const id of route.msi.deviceIds) {
        const known = byId.get(id)
        if (known) {
          if (known.routes.at(-1) !== route) known.routes.push(route)
        } else {
          const holders = { its, first: id, last: id, routes: [route] }
          byId.set(id, holders)
          this.held.push(holders)
        }
      }
    }
    this.shared = this.held.filter(({ routes }) => routes.length > 1 && new Set(routes.map(groupKey)).size > 1)
  }

  /** By table, in ascending order: most machines are never asked. */
  private byIts(): ReadonlyMap<string, readonly Holders[]> {
    if (this.sorted) return this.sorted
    const byIts = new Map<string, Holders[]>()
    for (const holders of this.held.toSorted((left, right) => left.first - right.first)) {
      const all = byIts.get(holders.its)
      if (all) all.push(holders)
      else byIts.set(holders.its, [holders])
    }
    return (this.sorted = byIts)
  }

  /** Who has which of these DeviceIDs, at one ITS or any. */
  *within(its: string | undefined, ids: IdRange): Generator<{ readonly deviceId: number; readonly name: string }> {
    const byIts = this.byIts()
    for (const table of its === undefined ? byIts.keys() : [its])
      for (const [{ first, routes }] of within(byIts.get(table) ?? [], ids))
        for (const { fn } of routes) yield { deviceId: first, name: fn.name }
  }
}

/** What firmware gives out twice at an ITS: to a root complex and a device outside PCI, or to two root complexes. */
export function deviceIdCollisions({ ids }: RouteMap, withDevice: boolean): readonly Collision[] {
  return ids.collisions().filter((collision) => {
    const owners = [collision.left.owner, collision.right.owner]
    if (collision.left.space.kind !== 'DeviceID' || isWithinOwner(collision)) return false
    return owners.every(({ kind }) => kind !== 'own') && owners.some(({ kind }) => kind === 'device') === withDevice
  })
}

/** The functions that each collision is about: of every DeviceID the first that holds it speaks. */
function toldBy(collisions: readonly Collision[], holders: DeviceIdHolders): ReadonlyMap<Collision, Set<string>> {
  const told = new Map(collisions.map((collision) => [collision, new Set<string>()]))
  const byIts = new Map<string, Collision[]>()
  for (const collision of collisions) {
    const { key } = collision.left.space
    const here = byIts.get(key)
    if (here) here.push(collision)
    else byIts.set(key, [collision])
  }
  for (const [its, here] of byIts) {
    const shared = here.flatMap((collision) => collision.shared.map((ids) => ({ ...ids, names: told.get(collision) })))
    for (const { index, ...ids } of firstHolders(shared))
      for (const { name } of holders.within(its, ids)) shared[index]?.names?.add(name)
  }
  return told
}

/** One item for each collision that holds functions of whom no earlier one spoke. */
export function collisionItems(
  { context: { machine } }: RouteMap,
  collisions: readonly Collision[],
  holders: DeviceIdHolders,
  message: string,
  leaveOut: ReadonlySet<string> = new Set(),
): readonly OutcomeItem[] {
  return [...toldBy(collisions, holders)].flatMap(([collision, names]): OutcomeItem[] => {
    const { left, right, shared } = collision
    const devices = [...names].filter((name) => !leaveOut.has(name))
    const [subject] = devices
    if (subject === undefined) return []
    const details = {
      devices: listOf(devices),
      left: left.owner.name,
      right: right.owner.name,
      ids: idRangesWords(shared),
      controller: spaceWords(left.space),
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
