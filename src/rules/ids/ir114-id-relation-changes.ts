import { differing, type Offset } from '../../kernel/ids/offsets.js'
import { msiRequesterIdOf } from '../../kernel/msi/described-msi.js'
import type { Route, RouteMap } from '../../routes/route.js'
import { DeviceItems } from '../device-items.js'
import { describedIts, hasGuessedDeviceId, itsUsers, msiPlaces } from '../devices/its-users.js'
import { bsaRule } from '../firmware-references.js'
import { NOT_APPLICABLE, type Outcome, type Rule, type Subject } from '../rule.js'

/** What one function's ids become on the way that it shares with others; without an SMMU there is no StreamID. */
interface Related {
  readonly route: Route
  readonly way: string
  readonly toStream: Offset | undefined
  readonly toDevice: Offset
}

function sentBy({ context }: RouteMap, { fn }: Route): number | undefined {
  const requesterId = msiRequesterIdOf(context, fn)
  return requesterId.state === 'decided' ? requesterId.value : undefined
}

function relatedBy(map: RouteMap, route: Route): Related | 'untold' | undefined {
  const { described, streamIds } = route.iommu
  // What no map says has no relation: rules IR210 and IR306 speak of it.
  if (hasGuessedDeviceId(route)) return undefined
  const its = describedIts(route)
  // An ITS takes its MSIs, but which one, and under which DeviceID, cannot be told.
  if (!its) return route.msi.described.state === 'undecided' ? 'untold' : undefined
  if (described.state === 'undecided') return 'untold'
  if (route.msi.deviceIds === 'unknown' || route.requesterIds === 'unknown' || streamIds === 'unknown') return 'untold'
  const [deviceId] = route.msi.deviceIds
  const [own] = route.requesterIds
  const [streamId] = streamIds
  // Without an alias MSIs carry the function's own RequesterID.
  const sent = route.requesterIds.length === 1 ? own : sentBy(map, route)
  if (deviceId === undefined || own === undefined || sent === undefined) return 'untold'
  const iommu = described.value
  const smmu =
    iommu === 'none' ? 'none' : `${iommu.kind} ${iommu.iortOffset ?? iommu.nodePath ?? iommu.ownFunction ?? ''}`
  const way = `${route.fn.address.segment} ${smmu} ${its.key}`
  const by = (offset: number): Offset => ({ first: own, last: own, offset })
  // A lookup table has the offset that each of its entries has; what it gives SMMU and ITS is one id.
  if (map.ids.hostOf(route.fn)?.looksUp === true) {
    if (streamId === undefined) return undefined
    return { route, way: `${way} looked up`, toStream: undefined, toDevice: by(deviceId - streamId) }
  }
  return {
    route,
    way,
    toStream: streamId === undefined ? undefined : by(streamId - own),
    toDevice: by(deviceId - sent),
  }
}

/** Functions with a DeviceID to themselves: shared ones are rule IR101's and have no one offset. */
function withOwnDeviceId(users: readonly Route[]): readonly Route[] {
  const byIts = new Map<string, Map<number, number>>()
  const countsAt = (route: Route) => {
    const key = describedIts(route)?.key ?? ''
    const known = byIts.get(key)
    if (known) return known
    const counts = new Map<number, number>()
    byIts.set(key, counts)
    return counts
  }
  for (const route of users) {
    if (route.msi.deviceIds === 'unknown') continue
    const counts = countsAt(route)
    for (const id of route.msi.deviceIds) counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  return users.filter(
    (route) => route.msi.deviceIds === 'unknown' || route.msi.deviceIds.every((id) => countsAt(route).get(id) === 1),
  )
}

function check({ routes }: Subject): Outcome {
  const users = itsUsers(routes)
  if (users.length === 0) return NOT_APPLICABLE
  const byWay = new Map<string, Related[]>()
  let untold: Route | undefined
  for (const route of withOwnDeviceId(users)) {
    const related = relatedBy(routes, route)
    if (related === 'untold') untold ??= route
    if (related === undefined || related === 'untold') continue
    const others = byWay.get(related.way)
    if (others) others.push(related)
    else byWay.set(related.way, [related])
  }
  const failed = new DeviceItems()
  for (const here of byWay.values()) {
    const offsets = [here.flatMap(({ toStream }) => toStream ?? []), here.map(({ toDevice }) => toDevice)]
    if (offsets.every((of) => differing(of).length === 0)) continue
    for (const { route } of here) {
      const details = { segment: String(route.fn.address.segment), controller: describedIts(route)?.id ?? '' }
      failed.add(route.fn.name, { message: 'changes', details }, msiPlaces(route))
    }
  }
  const unknown = new DeviceItems()
  if (untold) {
    const details = { untold: untold.fn.name }
    for (const route of users) unknown.add(route.fn.name, { message: 'untold', details }, msiPlaces(untold))
  }
  return { failed: failed.list(), unknown: unknown.list(), applicable: true }
}

export const idRelationChanges: Rule = {
  id: 'IR114',
  slug: 'id-relation-changes',
  title: 'Ids change by different amounts on one way',
  scope: 'device',
  severity: 'medium',
  effect: 'caveat',
  checks:
    'The differences RequesterID to StreamID and RequesterID to DeviceID of all functions that share segment, IOMMU and ITS. Functions that share a DeviceID are left out.',
  why: 'Hardware adds one constant on each way, and the Arm Base System Architecture asks for it. Where the description has several, one of them is likely wrong: then the ITS knows a device under the DeviceID of another.',
  remedy: [
    { actor: 'firmware', text: 'Compare the ID mappings in IORT, or iommu-map and msi-map, with the hardware manual.' },
  ],
  limits:
    'Hardware with several constants on one way is rare but possible; that of host bridges with a lookup table is left out, and so is that of ids which are given device by device. A description that is wrong everywhere by the same amount passes.',
  references: [bsaRule('ITS_DEV_7, ITS_DEV_8')],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    changes:
      'In PCI segment {segment} firmware derives StreamID or DeviceID of {devices} by different amounts on the way to ITS {controller}: one of them may be wrong.',
    untold: 'The ids of {untold} cannot be told, so they cannot be compared with those of {devices}.',
  },
  check,
}
