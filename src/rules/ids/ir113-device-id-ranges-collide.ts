import { merged, type IdRange } from '../../kernel/ids/id-ranges.js'
import { isLeftOut, outputRangeOf, wayOf, waysOf, type HostIds, type IdWay } from '../../kernel/ids/id-way.js'
import { deviceTableOf } from '../../kernel/msi/msi-controller.js'
import type { Provenance } from '../../machine/fact.js'
import { hex } from '../../machine/identifiers.js'
import type { Route, RouteMap } from '../../routes/route.js'
import { DeviceItems } from '../device-items.js'
import { evidenceFrom } from '../evidence.js'
import { collisionItems, deviceIdCollisions, DeviceIdHolders } from './device-id-collisions.js'
import { describedIts, itsUsers, msiPlaces } from '../devices/its-users.js'
import { requesterIdsOfFreeVfs } from '../present-ids.js'
import { stepsEvidence } from './id-words.js'
import { bsaRule, linuxIts } from '../firmware-references.js'
import { NOT_APPLICABLE, type Evidence, type Outcome, type OutcomeItem, type Rule, type Subject } from '../rule.js'

/** Pairs of a function and one that may make its DeviceID of which each is said; a function is said of once whatever. */
const MOST_PAIRS = 65_536

const MOST_FREE_VFS = 0x10000

/** Present functions with the DeviceID of somebody who may come below another root complex: rule IR101 has the others. */
function ofRanges(map: RouteMap, holders: DeviceIdHolders): readonly OutcomeItem[] {
  const sharing = new Set(holders.shared.flatMap(({ routes }) => routes.map(({ fn }) => fn.name)))
  return collisionItems(map, deviceIdCollisions(map, false), holders, 'taken', sharing).map((item) => ({
    ...item,
    severity: 'medium',
  }))
}

/** DeviceIDs that functions to come will have, and what says so. */
interface DeviceIds {
  /** Of which ITS; undefined where it may be any. */
  readonly table: string | undefined
  readonly ids: IdRange
  readonly evidence: readonly (Provenance | Evidence)[]
}

interface FutureIds {
  readonly found: readonly DeviceIds[]
  /** Where controllers stand that may have more of them, and that cannot be told. */
  readonly unread: readonly Provenance[]
}

/** Who has the controller that a function takes which no map holds: the nearest bridge above that has one, or may have. */
function serving({ byName }: RouteMap, { fn: { upstream } }: Route): Route | undefined {
  const above = upstream.state === 'known' ? upstream.value.toReversed() : []
  return above
    .flatMap((name) => byName.get(name) ?? [])
    .find(({ msi: { described } }) => described.state === 'undecided' || described.value.controller !== undefined)
}

/**
 * DeviceIDs of virtual functions: by the map; those that it leaves out keep their RequesterID at the ITS of the bridge
 * above, on the root bus at that of `msi-parent`. Without either they have no ITS; where the bridge's cannot be told it may
 * be any, be it that of a bridge further up.
 * Source: K: drivers/pci/probe.c, `pci_set_bus_msi_domain`; drivers/of/irq.c, `__of_msi_map_id` (6.1, 6.12),
 * `of_msi_xlate` (7.2); drivers/acpi/arm64/iort.c, `iort_msi_map_id`.
 */
function deviceIdsOf(map: RouteMap, route: Route, host: HostIds, requesterIds: readonly number[]): FutureIds {
  const { toMsi, toParents, unreadParents } = host
  const rangesOf = (ids: readonly number[]) => merged(ids.map((id) => ({ first: id, last: id })))
  const by = (way: IdWay): DeviceIds => ({
    table: way.space.key,
    ids: outputRangeOf(way),
    evidence: stepsEvidence(map.context.machine, way.steps),
  })
  const mapped = waysOf(rangesOf(requesterIds), toMsi).map(by)
  const leftOut = rangesOf(requesterIds.filter((id) => isLeftOut(toMsi && wayOf(toMsi, id))))
  if (leftOut.length === 0) return { found: mapped, unread: [] }
  const from = serving(map, route)
  if (!from)
    return { found: [...mapped, ...toParents.flatMap((to) => waysOf(leftOut, to)).map(by)], unread: unreadParents }
  const [its, evidence] = [describedIts(from), msiPlaces(from)]
  if (!its && from.msi.described.state === 'decided') return { found: mapped, unread: [] }
  const table = its && deviceTableOf(its)
  return { found: [...mapped, ...leftOut.map((ids): DeviceIds => ({ table, ids, evidence }))], unread: [] }
}

/** Present functions whose DeviceID a virtual function will have that can still be made; `unread` as in FutureIds. */
function ofVirtualFunctions(map: RouteMap, users: readonly Route[], holders: DeviceIdHolders) {
  const [sure, open] = [new DeviceItems(), new DeviceItems()]
  const unread = new Set<Provenance>()
  const [ofSure, ofOpen] = [new Set<string>(), new Set<string>()]
  let pairs = 0
  let left = MOST_FREE_VFS
  for (const route of users) {
    const requesterIds = requesterIdsOfFreeVfs(route.fn).slice(0, left)
    if (requesterIds.length === 0) continue
    left -= requesterIds.length
    const host = map.ids.hostOf(route.fn)
    if (!host) continue
    const future = deviceIdsOf(map, route, host, requesterIds)
    for (const place of future.unread) unread.add(place)
    for (const { table, ids, evidence } of future.found)
      for (const { deviceId, name } of holders.within(table, ids)) {
        const told = table === undefined ? ofOpen : ofSure
        if (pairs > MOST_PAIRS && told.has(name)) continue
        pairs += 1
        told.add(name)
        const details = { physical: route.fn.name, deviceId: hex(deviceId) }
        if (table === undefined) open.add(name, { message: 'virtual-function-untold', details }, evidence)
        else sure.add(name, { message: 'virtual-function', severity: 'medium', details }, evidence)
      }
  }
  return { failed: sure.list(), unknown: open.list(), unread: [...unread] }
}

function check({ routes }: Subject): Outcome {
  const users = itsUsers(routes)
  if (users.length === 0) return NOT_APPLICABLE
  const holders = new DeviceIdHolders(users)
  const future = ofVirtualFunctions(routes, users, holders)
  const unread = [...(routes.ids.tree?.unread ?? []), ...future.unread]
  const failed = [...ofRanges(routes, holders), ...future.failed]
  const unknown = new DeviceItems()
  for (const { fn } of users) {
    const sriov = fn.configuration.state === 'known' ? fn.configuration.value.sriov : fn.configuration
    if (sriov.state === 'unreadable') unknown.add(fn.name, { message: 'sriov-unreadable' }, sriov.from)
  }
  const names = users.map((route) => route.fn.name)
  // A virtual function may get anybody's DeviceID.
  const sriovUnread = unknown.list().map((item) => ({ ...item, devices: names }))
  const treeUnread: OutcomeItem = {
    subject: unread[0]?.path ?? '',
    devices: names,
    message: 'unreadable',
    details: {},
    evidence: evidenceFrom(unread.slice(0, 8)),
    effect: 'not-isolated',
  }
  return {
    failed,
    unknown: [...future.unknown, ...sriovUnread, ...(unread.length > 0 ? [treeUnread] : [])],
    applicable: true,
  }
}

export const deviceIdRangesCollide: Rule = {
  id: 'IR113',
  slug: 'device-id-ranges-collide',
  title: 'DeviceIDs of one ITS are given out twice',
  scope: 'device',
  severity: 'high',
  effect: 'caveat',
  reason: 'shared-device-id',
  checks:
    'The DeviceIDs of present functions, against those that firmware gives to other root complexes and those that virtual functions will have that are not made yet.',
  why: 'The ITS looks an MSI up by DeviceID. A function that comes later by hot-plug, or a virtual function, then shares the table of one that is here, and the owner of either raises the interrupts of the other. Functions that share one now are left to rule IR101, ranges that nobody is in to rules IR214 and IR313.',
  remedy: [
    {
      actor: 'firmware',
      text: 'Give every root complex and device DeviceIDs of its own in msi-map, msi-parent or the IORT.',
    },
    { actor: 'configuration', text: 'Ask again after hot-plug and after making virtual functions.' },
  ],
  limits:
    'Bits that msi-map-mask hides within one root complex are looked at for present functions only. Of virtual functions the first 65,536 are looked at.',
  references: [linuxIts('its_msi_prepare'), bsaRule('ITS_DEV_4, ITS_DEV_5')],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    taken:
      '{left} and {right} have DeviceIDs {ids} in common on {controller}: a function that comes later may get the DeviceID of {devices}.',
    'virtual-function':
      'A virtual function of {physical} that is not made yet will have DeviceID {deviceId}, which is that of {devices} already.',
    'virtual-function-untold':
      'A virtual function of {physical} that is not made yet may have DeviceID {deviceId}, which is that of {devices} already: at which ITS cannot be told, because the bridge above it cannot.',
    'sriov-unreadable': 'Whether virtual functions can be made of {devices}, and with which DeviceIDs, cannot be told.',
    unreadable: 'Part of the device tree that may give out DeviceIDs cannot be read.',
  },
  check,
}
