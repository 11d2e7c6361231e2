import { bindErrno } from '../../kernel/gate.js'
import { isVfioDriver } from '../../kernel/iommu/viability.js'
import { isDenylisted } from '../../kernel/vfio-pci-denylist.js'
import { bindOutcome, type KernelAnswers } from '../../routes/kernel-answers.js'
import { regionsOf } from '../../routes/regions.js'
import type { Route, RouteMap } from '../../routes/route.js'
import { groupViability, holdsAlone } from '../../routes/group-viability.js'
import type { DeviceReport, Obstacle } from '../types.js'

const NONE: readonly Obstacle[] = []

/** What else stops the assignment of an endpoint, whatever its interrupts; apart from the verdict. */
export function obstaclesOf(
  map: RouteMap,
  route: Route,
  answers: KernelAnswers,
  gates: DeviceReport['kernel'],
): readonly Obstacle[] {
  if (route.role === 'bridge' || route.role === 'iommu') return NONE
  const obstacles: Obstacle[] = []
  const add = (code: Obstacle['code'], errno: Obstacle['errno'], which: Obstacle['interface'] = 'both') =>
    obstacles.push({ code, interface: which, errno })
  const { vfioType1 } = gates
  switch (bindOutcome(route)) {
    case 'no-group':
      if (vfioType1.outcome === 'accepts-without-iommu') add('noiommu-mode', 'none')
      else add('no-group', bindErrno(map.context.release, 'EINVAL'))
      break
    case 'no-group-or-deferred':
      add('no-group', 'unknown')
      break
    case 'deferred':
      add('probe-deferred', bindErrno(map.context.release, 'EAGAIN'))
      break
    case 'bound':
    case 'unknown':
      break
  }
  if (isDenylisted(map.context, route.fn) === 'yes') add('denylisted', bindErrno(map.context.release, 'EINVAL'))
  const { driverOverride, resetMethod } = route.fn
  if (driverOverride.state === 'known' && !isVfioDriver(driverOverride.value)) add('driver-override', 'none')
  if (resetMethod.state === 'known' && resetMethod.value === '') add('no-reset', 'none')
  if (route.iommu.kind !== 'none' && answers.cacheCoherency(route) === 'no')
    add('no-cache-coherency', bindErrno(map.context.release, 'EINVAL'))
  const regions = regionsOf(map.context, route)
  if (regions.direct === 'yes') add('direct-region', regions.directErrno)
  if (regions.mixedMsi === 'yes') add('mixed-msi-regions', 'EINVAL', 'iommufd')
  if (holdsAlone(map, route) === 'yes') add('bound-elsewhere', 'none')
  if (route.iommu.group && groupViability(map, route.iommu.group, route) === 'no') add('group-not-viable', 'EPERM')
  // A list that was pushed to has room for more, and each function keeps its own.
  return obstacles.length === 0 ? NONE : [...obstacles]
}
