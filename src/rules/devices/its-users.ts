import type { MsiController } from '../../kernel/msi/msi-controller.js'
import type { Provenance } from '../../machine/fact.js'
import { isIts } from '../../machine/kinds.js'
import type { Route, RouteMap } from '../../routes/route.js'

/** The ITS that firmware gives a function, whatever its interrupts in use are called. */
export function describedIts({ msi: { described } }: Pick<Route, 'msi'>): MsiController | undefined {
  const controller = described.state === 'decided' ? described.value.controller : undefined
  return controller !== undefined && isIts(controller.kind) ? controller : undefined
}

/**
 * Whether an ITS takes the function's MSIs, that of a bridge above or of `msi-parent`, and no map says under which
 * DeviceID it knows the function. Not so of a function that nobody has a route of.
 */
export function hasGuessedDeviceId(route: Route | undefined): boolean {
  return route?.msi.described.state === 'decided' && route.msi.described.value.deviceIdGuessed === true
}

/** Whether an ITS takes the function's MSIs, as described or as in use: either may be the one that tells the truth. */
export function usesIts(route: Route): boolean {
  return isIts(route.msi.kind) || describedIts(route) !== undefined
}

/** The functions whose MSIs an ITS takes. */
export function itsUsers(routes: RouteMap): readonly Route[] {
  return routes.routes.filter(usesIts)
}

/** Where the way of a function's MSIs was read. */
export function msiPlaces(route: Route): readonly Provenance[] {
  const { described } = route.msi
  return described.state === 'decided' ? described.value.from : described.from
}

/** The group of a function, as a key to compare: one without a group, or with one that cannot be read, is a group of its own. */
export function groupKey(route: Route): string {
  return route.iommu.group?.id ?? `${route.fn.name} alone`
}
