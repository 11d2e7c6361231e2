import { hex } from '../../machine/identifiers.js'
import type { IommuInstance } from '../../machine/iommu.js'
import type { Route, RouteMap } from '../../routes/route.js'
import type { Answer, IommuReport, MsiControllerKind, MsiControllerReport } from '../types.js'

/** IOMMUs the kernel drives, and those that are only described. */
export function iommuReports(map: RouteMap): readonly IommuReport[] {
  const { iommus } = map.context.machine
  const instances = iommus.state === 'known' ? iommus.value : []
  const describedBy = new Map<string, Set<string>>()
  const undriven = new Map<string, IommuReport & { devices: string[] }>()
  for (const route of map.routes) {
    const { described, instance } = route.iommu
    if (described.state === 'undecided' || described.value === 'none') continue
    if (instance) {
      const names = describedBy.get(instance.name) ?? new Set()
      describedBy.set(instance.name, names.add(route.fn.name))
      continue
    }
    const entry = undriven.get(route.iommu.name) ?? {
      kind: described.value.kind,
      name: route.iommu.name,
      address: described.value.address === undefined ? 'unknown' : hex(described.value.address),
      described: 'yes',
      probed: 'no',
      devices: [],
    }
    entry.devices.push(route.fn.name)
    undriven.set(route.iommu.name, entry)
  }
  const uncertain = map.routes.some((route) => route.iommu.described.state === 'undecided')
  const driven = instances.map((instance: IommuInstance): IommuReport => {
    const described = describedBy.get(instance.name)
    const members = instance.devices.state === 'known' ? instance.devices.value : []
    return {
      kind: instance.kind,
      name: instance.name,
      address: instance.address.state === 'known' ? hex(instance.address.value) : 'unknown',
      described: described ? 'yes' : uncertain ? 'unknown' : 'no',
      probed: 'yes',
      devices: [...new Set([...members, ...(described ?? [])])].sort(),
    }
  })
  return [...driven, ...undriven.values()].sort((left, right) => (left.name < right.name ? -1 : 1))
}

/** MSI controllers that are described, and kinds in use that nothing describes. */
export function controllerReports(map: RouteMap): readonly MsiControllerReport[] {
  const byKey = new Map<string, Route[]>()
  for (const route of map.routes) {
    const { controller } = route.msi
    const users = controller && byKey.get(controller.key)
    if (users) users.push(route)
    else if (controller) byKey.set(controller.key, [route])
  }
  const reports = map.controllers.all.map((controller): MsiControllerReport => {
    const users = byKey.get(controller.key) ?? []
    const inUse: Answer = users.some((route) => route.msi.inUse.state === 'known')
      ? 'yes'
      : users.some((route) => route.msi.inUse.state === 'unreadable')
        ? 'unknown'
        : 'no'
    return {
      kind: controller.kind,
      id: controller.id,
      address: controller.address === undefined ? 'unknown' : hex(controller.address),
      described: 'yes',
      probed: inUse === 'yes' ? 'yes' : controller.probed,
      inUse,
      devices: users.map((route) => route.fn.name),
    }
  })
  const orphans = new Map<MsiControllerKind, string[]>()
  for (const route of map.routes) {
    if (route.msi.inUse.state !== 'known' || route.msi.controller !== undefined) continue
    const list = orphans.get(route.msi.kind) ?? []
    list.push(route.fn.name)
    orphans.set(route.msi.kind, list)
  }
  const certain = map.routes.every((route) => route.msi.described.state === 'decided')
  const undescribed = [...orphans].map(([kind, devices]): MsiControllerReport => ({
    kind,
    id: 'unknown',
    address: 'unknown',
    described: certain ? 'no' : 'unknown',
    probed: 'yes',
    inUse: 'yes',
    devices,
  }))
  return [...reports, ...undescribed].sort((left, right) =>
    `${left.kind} ${left.id}` < `${right.kind} ${right.id}` ? -1 : 1,
  )
}
