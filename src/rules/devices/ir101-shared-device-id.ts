import { msiRequesterIdOf } from '../../kernel/msi/described-msi.js'
import { deviceTableOf } from '../../kernel/msi/msi-controller.js'
import { hex } from '../../machine/identifiers.js'
import type { Route, RouteMap } from '../../routes/route.js'
import { listOf } from '../device-items.js'
import { evidenceFrom, evidenceOf } from '../evidence.js'
import { describedIts, groupKey, itsUsers, msiPlaces } from './its-users.js'
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

function shared(map: RouteMap, routes: readonly Route[]): OutcomeItem[] {
  const owners = new Map<string, Route[]>()
  for (const route of routes) {
    const controller = describedIts(route)
    if (route.msi.deviceIds === 'unknown' || controller === undefined) continue
    for (const deviceId of new Set(route.msi.deviceIds)) {
      const key = `${deviceTableOf(controller)} ${deviceId}`
      const list = owners.get(key)
      if (list) list.push(route)
      else owners.set(key, [route])
    }
  }
  return [...owners].flatMap(([key, list]) => {
    if (new Set(list.map(groupKey)).size < 2) return []
    const names = list.map((route) => route.fn.name)
    const [first] = list
    return [
      {
        subject: names[0] ?? '',
        devices: names,
        message: sameOnTheBus(map, list) ? 'shared-on-the-bus' : 'shared',
        details: {
          devices: listOf(names),
          deviceId: hex(Number(key.split(' ').at(-1))),
          controller: (first && describedIts(first)?.id) ?? '',
        },
        evidence: list.slice(0, 4).flatMap((route) => evidenceFrom(msiPlaces(route))),
      },
    ]
  })
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
    evidence: [...evidenceOf(route.fn.configuration), ...evidenceFrom(msiPlaces(route))],
  }))
  return { failed: shared(routes, users), unknown, applicable: true }
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
    'The DeviceID under which each function of the machine is known to its ITS, against those of all other IOMMU groups.',
  why: 'The ITS looks an MSI up by DeviceID. Functions with one DeviceID share one translation table, so the owner of one can raise the interrupts of the other; IOMMU groups are made from StreamIDs and do not show it.',
  remedy: [
    {
      actor: 'firmware',
      messages: ['shared'],
      text: 'Give each requester a DeviceID of its own in msi-map or the IORT.',
    },
    {
      actor: 'hardware',
      messages: ['shared-on-the-bus'],
      text: 'Move one of the functions to a slot where it has a RequesterID of its own, not below a PCIe-to-PCI bridge with others.',
    },
    { actor: 'configuration', text: 'Assign all functions with one DeviceID to the same owner.' },
  ],
  limits: 'The description is believed: whether the hardware drives the DeviceID that firmware states cannot be seen.',
  references: [
    { title: 'Linux, GICv3 ITS', locator: 'drivers/irqchip/irq-gic-v3-its.c: its_msi_prepare' },
    { title: 'Arm Base System Architecture', locator: 'ITS_DEV_4' },
  ],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    shared:
      '{devices} share DeviceID {deviceId} on ITS {controller}, but not one IOMMU group: each can raise the interrupts of the others.',
    'shared-on-the-bus':
      'The bus gives {devices} one RequesterID, so they share DeviceID {deviceId} on ITS {controller}, but not one IOMMU group: each can raise the interrupts of the others.',
    unreadable: 'The DeviceID of {devices} cannot be told, so it may be shared with a function of another group.',
  },
  check,
}
