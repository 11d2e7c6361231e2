import type { KernelContext } from '../kernel/context.js'
import { decided, undecided, type Decision } from '../kernel/decision.js'
import { dmaAliases } from '../kernel/pci/dma-alias.js'
import { valueOr } from '../machine/fact.js'
import { functionsBehind, groupsByFunction } from './group-members.js'
import { holdersOf } from './group-viability.js'
import { describedIommu } from '../kernel/iommu/iommu-description.js'
import { idMapOf } from '../kernel/ids/id-map.js'
import { msiControllersOf } from '../kernel/msi/msi-controllers.js'
import type { Strength } from '../machine/kinds.js'
import type { PciFunction } from '../machine/pci.js'
import { iommuLink } from './iommu-link.js'
import { msiLink } from './msi-link.js'
import { msiWindowOf } from './regions.js'
import { roleOf } from './role.js'
import type { IommuLink, MsiLink, Route, RouteMap } from './route.js'
import { streamIdTable } from './stream-id-siblings.js'

function requesterIdsOf(context: KernelContext, fn: PciFunction): Decision<readonly number[]> {
  const aliases = dmaAliases(context.topology, fn)
  if (aliases.kind === 'unknown') return undecided('unreadable', aliases.at.configuration.from)
  return decided([...new Set(aliases.aliases.map((alias) => alias.requesterId))], fn.configuration.from)
}

function strengthOf(iommu: IommuLink, msi: MsiLink): Strength {
  if (msi.inUse.state === 'known') return 'in-use'
  if (msi.described.state === 'undecided' && iommu.described.state === 'undecided') return 'none'
  return msi.controller?.probed === 'yes' && iommu.instance !== undefined ? 'probed' : 'described'
}

/** Every function's way, joined from what firmware describes, the kernel probed and interrupts show. */
export function buildRoutes(context: KernelContext): RouteMap {
  const controllers = msiControllersOf(context)
  const parts = context.functions.map((fn) => {
    const requesterIds = requesterIdsOf(context, fn)
    return { fn, requesterIds, described: describedIommu(context, fn, requesterIds) }
  })
  const table = streamIdTable(parts)
  const routes = parts.map(({ fn, requesterIds, described }): Route => {
    const iommu = iommuLink(context, fn, described, table)
    const msi = msiLink(context, fn, controllers)
    return {
      fn,
      role: roleOf(fn),
      requesterIds: requesterIds.state === 'decided' ? requesterIds.value : 'unknown',
      iommu,
      msi,
      window: msiWindowOf(context, { iommu }),
      strength: strengthOf(iommu, msi),
    }
  })
  const byGroup = new Map<string, Route[]>()
  for (const route of routes) {
    const { group } = route.iommu
    if (!group) continue
    const members = byGroup.get(group.id)
    if (members) members.push(route)
    else byGroup.set(group.id, [route])
  }
  const byName = new Map(routes.map((route) => [route.fn.name, route]))
  const groups = valueOr(context.machine.groups, [])
  const holders = holdersOf(context, groups, byName)
  const behind = functionsBehind(context)
  return {
    context,
    routes,
    byGroup,
    byName,
    holders,
    groupsByFunction: groupsByFunction(context),
    behind,
    controllers,
    ids: idMapOf(context, controllers),
  }
}
