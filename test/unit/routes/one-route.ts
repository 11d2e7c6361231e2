import { contextOf } from '../../../src/kernel/build-context.js'
import type { Machine } from '../../../src/machine/machine.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { buildRoutes } from '../../../src/routes/build.js'
import type { IommuLink, MsiLink, Route, RouteMap } from '../../../src/routes/route.js'
import { sysrootOf, type TestCase } from '../rules/metal.js'

/** A function's route, and the map that it stands in. */
export interface OneRoute {
  readonly map: RouteMap
  readonly route: Route
}

export const CARD = '0000:01:00.0'

/** The route of the card, or of another function. */
export function routeOf(testCase: TestCase, name = CARD): OneRoute {
  return routeIn(probeMachine(sysrootOf(testCase)), name)
}

/** The same on a machine of which a fact was put in place. */
export function routeIn(machine: Machine, name = CARD, release?: string): OneRoute {
  const map = buildRoutes(contextOf(machine, release))
  const route = map.byName.get(name)
  if (!route) throw new Error(`no function ${name}`)
  return { map, route }
}

/** The same where something else was found in front of the function or behind it. */
export function changed({ map, route }: OneRoute, iommu: Partial<IommuLink>, msi: Partial<MsiLink> = {}): OneRoute {
  return { map, route: { ...route, iommu: { ...route.iommu, ...iommu }, msi: { ...route.msi, ...msi } } }
}
