import { msiRequesterIdOf } from '../../kernel/msi/described-msi.js'
import { hex } from '../../machine/identifiers.js'
import type { Route, RouteMap } from '../../routes/route.js'
import { listOf } from '../device-items.js'
import { evidenceFrom, unreadEvidence } from '../evidence.js'
import { collisionItems, deviceIdCollisions, DeviceIdHolders, type Holders } from './device-id-collisions.js'
import { describedIts, itsUsers, msiPlaces } from '../devices/its-users.js'
import { bsaRule, linuxIts } from '../firmware-references.js'
import { NOT_APPLICABLE, type Outcome, type OutcomeItem, type Rule, type Subject } from '../rule.js'

/** Functions that the bus gives one RequesterID: no table can tell them apart. */
function sameOnTheBus({ context }: RouteMap, routes: readonly Route[]): boolean {
  const ids = routes.map(({ fn }) => msiRequesterIdOf(context, fn))
  const [first] = ids
  return (
    first?.state === 'decided' &&
    ids.every((id) => id.state === 'decided' && id.value === first.value) &&
    new Set(routes.map(({ fn }) => fn.address.segment)).size === 1
  )
}

/** Who shares for one reason: the same owners of ids, which leads to many DeviceIDs; on the bus each is one of its own. */
function causeOf(map: RouteMap, { its, first: deviceId, routes }: Holders, onTheBus: boolean): string {
  const owners = new Set(routes.map(({ fn }) => map.ids.hostOf(fn)?.owner.key ?? fn.name))
  return JSON.stringify([its, onTheBus ? deviceId : '', ...[...owners].sort()])
}

const IDS_SHOWN = 4

/** `0000:00:01.0 and 0001:00:01.0 share DeviceID 0x8, 0000:00:02.0 and 0001:00:02.0 0x10`. */
function whoWords(sharers: readonly Holders[]): string {
  const shown = sharers
    .slice(0, IDS_SHOWN)
    .map(
      ({ first: deviceId, routes }, at) =>
        `${listOf(routes.map(({ fn }) => fn.name))} ${at === 0 ? 'share DeviceID ' : ''}${hex(deviceId)}`,
    )
    .join(', ')
  const more = sharers.length - IDS_SHOWN
  return more > 0 ? `${shown}, and others ${more} more` : shown
}

function item(map: RouteMap, sharers: readonly Holders[], onTheBus: boolean): OutcomeItem[] {
  const [first] = sharers
  const [route] = first?.routes ?? []
  if (!first || !route) return []
  const routes = [...new Set(sharers.flatMap((one) => one.routes))]
  const names = routes.map(({ fn }) => fn.name)
  const details = {
    devices: listOf(names),
    deviceId: hex(first.first),
    controller: describedIts(route)?.id ?? '',
    who: whoWords(sharers),
  }
  const message = onTheBus ? 'shared-on-the-bus' : sharers.length > 1 ? 'several' : 'shared'
  const evidence = routes.slice(0, 4).flatMap((one) => evidenceFrom(msiPlaces(one)))
  const owners = [...new Set(routes.flatMap(({ fn }) => map.ids.hostOf(fn)?.owner.key ?? []))]
  const shares = { space: `DeviceID ${first.its}`, owners }
  return [{ subject: names[0] ?? '', devices: names, message, details, evidence, shares }]
}

function shared(map: RouteMap, holders: DeviceIdHolders): OutcomeItem[] {
  const causes = new Map<string, { readonly onTheBus: boolean; readonly sharers: Holders[] }>()
  for (const sharers of holders.shared) {
    const onTheBus = sameOnTheBus(map, sharers.routes)
    const key = causeOf(map, sharers, onTheBus)
    const cause = causes.get(key)
    if (cause) cause.sharers.push(sharers)
    else causes.set(key, { onTheBus, sharers: [sharers] })
  }
  return [...causes.values()].flatMap(({ onTheBus, sharers }) => item(map, sharers, onTheBus))
}

function check({ routes }: Subject): Outcome {
  const users = itsUsers(routes)
  if (users.length === 0) return NOT_APPLICABLE
  // A function whose DeviceID nobody can tell may share anybody's.
  const untold = routes.routes.filter((route) => route.msi.deviceIds === 'unknown')
  const unknown: OutcomeItem[] = untold.slice(0, 1).map((route) => ({
    subject: route.fn.name,
    devices: users.map((user) => user.fn.name),
    message: 'unreadable',
    details: { devices: untold.length === 1 ? route.fn.name : `${route.fn.name} and ${untold.length - 1} more` },
    evidence: [...unreadEvidence(route.fn.configuration), ...evidenceFrom(msiPlaces(route))],
  }))
  const holders = new DeviceIdHolders(users)
  const devices = collisionItems(routes, deviceIdCollisions(routes, true), holders, 'with-device')
  return { failed: [...shared(routes, holders), ...devices], unknown, applicable: true }
}

export const sharedDeviceId: Rule = {
  id: 'IR101',
  slug: 'shared-device-id',
  title: 'Functions of different groups share a DeviceID',
  scope: 'device',
  severity: 'high',
  effect: 'not-isolated',
  reason: 'shared-device-id',
  checks:
    'The DeviceID under which each function of the machine is known to its ITS, against those of all other IOMMU groups and of devices outside PCI.',
  why: 'The ITS looks an MSI up by DeviceID. Functions with one DeviceID share one translation table, so the owner of one can raise the interrupts of the other; IOMMU groups are made from StreamIDs and do not show it.',
  remedy: [
    {
      actor: 'firmware',
      messages: ['shared', 'several', 'with-device'],
      text: 'Give each requester a DeviceID of its own in msi-map or the IORT.',
    },
    {
      actor: 'hardware',
      messages: ['shared-on-the-bus'],
      text: 'Move one of the functions to a slot where it has a RequesterID of its own, not below a PCIe-to-PCI bridge with others.',
    },
    { actor: 'configuration', text: 'Assign all functions with one DeviceID to the same owner.' },
  ],
  limits:
    'The description is believed: whether the hardware drives the DeviceID that firmware states cannot be seen. Devices outside PCI are taken to be there.',
  references: [linuxIts('its_msi_prepare'), bsaRule('ITS_DEV_4')],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    shared:
      '{devices} share DeviceID {deviceId} on ITS {controller}, but not one IOMMU group: each can raise the interrupts of the others.',
    'shared-on-the-bus':
      'The bus gives {devices} one RequesterID, so they share DeviceID {deviceId} on ITS {controller}, but not one IOMMU group: each can raise the interrupts of the others.',
    several:
      '{who} on ITS {controller}, but not one IOMMU group: of those with one DeviceID each can raise the interrupts of the others.',
    'with-device':
      '{left} and {right} have DeviceIDs {ids} in common on {controller}: each can raise the interrupts of {devices}.',
    unreadable: 'The DeviceID of {devices} cannot be told, so it may be shared with a function of another group.',
  },
  check,
}
