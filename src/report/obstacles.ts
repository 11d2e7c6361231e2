import type { KernelAnswers } from '../routes/kernel-answers.js'
import { regionsOf } from '../routes/regions.js'
import type { Route, RouteMap } from '../routes/route.js'
import { groupViability, holdsAlone } from '../routes/group-viability.js'
import type { Obstacle } from './types.js'

/** What else stops the assignment of an endpoint, whatever its interrupts; apart from the verdict. */
export function obstaclesOf(map: RouteMap, route: Route, answers: KernelAnswers): readonly Obstacle[] {
  if (route.role !== 'endpoint') return []
  const obstacles: Obstacle[] = []
  const add = (code: Obstacle['code'], errno: Obstacle['errno'], which: Obstacle['interface'] = 'both') =>
    obstacles.push({ code, interface: which, errno })
  switch (route.iommu.attachment.state) {
    case 'never':
    case 'not-awaited':
      add('no-group', 'EINVAL')
      break
    case 'never-or-deferred':
      add('no-group', 'unknown')
      break
    case 'deferred':
      add('probe-deferred', 'EAGAIN')
      break
    case 'grouped':
    case 'later':
    case 'undecided':
      break
  }
  if (route.iommu.kind !== 'none' && answers.cacheCoherency(route) === 'no') add('no-cache-coherency', 'EINVAL')
  const regions = regionsOf(map.context, route)
  if (regions.direct === 'yes') add('direct-region', regions.directErrno)
  if (regions.mixedMsi === 'yes') add('mixed-msi-regions', 'EINVAL', 'iommufd')
  if (holdsAlone(map, route) === 'yes') add('bound-elsewhere', 'none')
  if (route.iommu.group && groupViability(map, route.iommu.group, route.fn.name) === 'no')
    add('group-not-viable', 'EPERM')
  return obstacles
}
