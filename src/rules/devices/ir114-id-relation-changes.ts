import { hostBridgeNodeOf } from '../../kernel/devicetree/host-bridge.js'
import { isDeviceByDevice, lookupTableOf, mapsDeviceByDevice } from '../../kernel/ids/lookup-table.js'
import { msiRequesterIdOf } from '../../kernel/msi/described-msi.js'
import type { Route, RouteMap } from '../../routes/route.js'
import { DeviceItems } from '../device-items.js'
import { describedIts, hasGuessedDeviceId, itsUsers, msiPlaces } from './its-users.js'
import { NOT_APPLICABLE, type Outcome, type Rule, type Subject } from '../rule.js'

/** Offsets between the ids of one function; undefined when one of the ids cannot be told or there is no SMMU. */
interface Relation {
  readonly place: string
  readonly offsets: string
}

function msiRequesterOf(map: RouteMap, route: Route): number | undefined {
  const requesterId = msiRequesterIdOf(map.context, route.fn)
  return requesterId.state === 'decided' ? requesterId.value : undefined
}

/** Whether the host bridge looks the ids of its functions up: known to, or described device by device. */
function looksUpIds({ context, ids }: RouteMap, { fn }: Route): boolean {
  const node = hostBridgeNodeOf(context, fn)
  if (node.state === 'known') {
    const maps = ids.tree?.bridges.find((bridge) => bridge.node === node.value)?.maps ?? []
    if (lookupTableOf(node.value)) return true
    return maps.length > 0 && maps.every(({ map }) => mapsDeviceByDevice(map))
  }
  const ofSegment = ids.iort?.bySegment.get(fn.address.segment)
  return ofSegment !== undefined && isDeviceByDevice(ofSegment.toMsi.reached)
}

function relationOf(map: RouteMap, route: Route): Relation | 'untold' | undefined {
  const its = describedIts(route)
  const { described, streamIds } = route.iommu
  // What no map says has no relation: rules IR210 and IR306 speak of it.
  if (hasGuessedDeviceId(route)) return undefined
  // An ITS takes its MSIs, but which one, and under which DeviceID, cannot be told.
  if (!its) return route.msi.described.state === 'undecided' ? 'untold' : undefined
  if (described.state === 'undecided') return 'untold'
  if (route.msi.deviceIds === 'unknown' || route.requesterIds === 'unknown' || streamIds === 'unknown') return 'untold'
  const [deviceId] = route.msi.deviceIds
  const [own] = route.requesterIds
  const [streamId] = streamIds
  if (deviceId === undefined || own === undefined) return 'untold'
  // Without an alias MSIs carry the function's own RequesterID.
  const sent = route.requesterIds.length === 1 ? own : msiRequesterOf(map, route)
  if (sent === undefined) return 'untold'
  const iommu = described.value
  const smmu =
    iommu === 'none' ? 'none' : `${iommu.kind} ${iommu.iortOffset ?? iommu.nodePath ?? iommu.ownFunction ?? ''}`
  const place = `${route.fn.address.segment} ${smmu} ${its.key}`
  // A lookup table has the offset that each of its entries has; what it gives SMMU and ITS is one id.
  if (looksUpIds(map, route))
    return streamId === undefined ? undefined : { place: `${place} looked up`, offsets: String(deviceId - streamId) }
  const toStream = streamId === undefined ? '-' : String(streamId - own)
  return { place, offsets: `${toStream} ${deviceId - sent}` }
}

/** Functions with a DeviceID to themselves: shared ones are rule IR101's and have no one offset. */
function withOwnDeviceId(users: readonly Route[]): readonly Route[] {
  const counts = new Map<string, number>()
  const keysOf = (route: Route) =>
    route.msi.deviceIds === 'unknown' ? [] : route.msi.deviceIds.map((id) => `${describedIts(route)?.key ?? ''} ${id}`)
  for (const key of users.flatMap(keysOf)) counts.set(key, (counts.get(key) ?? 0) + 1)
  return users.filter((route) => keysOf(route).every((key) => counts.get(key) === 1))
}

function check({ routes }: Subject): Outcome {
  const users = itsUsers(routes)
  if (users.length === 0) return NOT_APPLICABLE
  const places = new Map<string, { readonly offsets: Set<string>; readonly routes: Route[] }>()
  let untold: Route | undefined
  for (const route of withOwnDeviceId(users)) {
    const relation = relationOf(routes, route)
    if (relation === 'untold') untold ??= route
    if (relation === undefined || relation === 'untold') continue
    const at = places.get(relation.place)
    if (at) {
      at.offsets.add(relation.offsets)
      at.routes.push(route)
    } else places.set(relation.place, { offsets: new Set([relation.offsets]), routes: [route] })
  }
  const failed = new DeviceItems()
  for (const { offsets, routes: here } of places.values()) {
    const [first] = here
    if (!first || offsets.size === 1) continue
    const details = { segment: String(first.fn.address.segment), controller: describedIts(first)?.id ?? '' }
    for (const route of here) failed.add(route.fn.name, { message: 'changes', details }, msiPlaces(route))
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
  references: [{ title: 'Arm Base System Architecture', locator: 'ITS_DEV_7, ITS_DEV_8' }],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    changes:
      'In PCI segment {segment} firmware derives StreamID or DeviceID of {devices} by different amounts on the way to ITS {controller}: one of them may be wrong.',
    untold: 'The ids of {untold} cannot be told, so they cannot be compared with those of {devices}.',
  },
  check,
}
