import { reportsCacheCoherency } from '../kernel/iommu/cache-coherency.js'
import { atLeast, mayCarryLaterCode } from '../kernel/release.js'
import { rootComplexesOf } from '../kernel/iort/iort-walk.js'
import type { IortTable } from '../machine/iort.js'
import type { Answer } from '../machine/kinds.js'
import type { Route, RouteMap } from './route.js'

/**
 * IOMMU_CAP_CACHE_COHERENCY for a function. Up to 6.0 both SMMU drivers report it whatever the hardware (K: arm_smmu_capable
 * of 5.19; commit df198b37e72c, in 6.1).
 */
export function coherencyOf(map: RouteMap, route: Route): Answer {
  const described = asDescribed(map, route)
  const { release } = map.context
  const isSmmu = route.iommu.kind === 'smmuv3' || route.iommu.kind === 'smmuv2'
  if (!isSmmu || !release || atLeast(release, 6, 1)) return described
  return described === 'yes' || !mayCarryLaterCode(release) ? 'yes' : 'unknown'
}

/** From where the function's IOMMU is described. */
function asDescribed(map: RouteMap, route: Route): Answer {
  const { described, kind } = route.iommu
  if (described.state === 'undecided') {
    // Kinds whose drivers always, or never, report it need no description.
    return reportsCacheCoherency(kind, {})
  }
  if (described.value === 'none') return 'unknown'
  // K: drivers/iommu/s390-iommu.c, s390_iommu_capable.
  if (described.value.source === 'architecture') return 'yes'
  const { iortOffset, node, bridgeNode } = described.value
  const { iort } = map.context.machine.acpi
  const table = iort.state === 'known' ? iort.value : undefined
  return reportsCacheCoherency(described.value.kind, {
    iort: table && iortOffset !== undefined ? { table, offset: iortOffset } : undefined,
    node,
    bridgeNode,
    rootComplexCoherent: table && rootComplexCoherency(table, route.fn.address.segment),
  })
}

function rootComplexCoherency(table: IortTable, segment: number): Answer | undefined {
  const [rootComplex] = rootComplexesOf(table, segment)
  return rootComplex && (rootComplex.cacheCoherency === 1 ? 'yes' : 'no')
}
