import { msiInUse } from '../../kernel/msi/chips-in-use.js'
import { dmaAliases } from '../../kernel/pci/dma-alias.js'
import { deviceTableOf } from '../../kernel/msi/msi-controller.js'
import type { Provenance } from '../../machine/fact.js'
import { hex } from '../../machine/identifiers.js'
import type { Machine } from '../../machine/machine.js'
import type { Route, RouteMap } from '../../routes/route.js'
import type { RouteReport, SharedWith, WitnessReport } from './explanation.js'
import { evidenceAt } from './place-evidence.js'
import type { Answer, DeviceReport, EvidenceReport } from '../types.js'

const witness = (answer: Answer, evidence: readonly EvidenceReport[]): WitnessReport => ({ answer, evidence })

function functionLink(map: RouteMap, route: Route): RouteReport['function'] {
  const evidence = evidenceAt(map.context.machine, route.fn.configuration.from, '')
  if (route.requesterIds === 'unknown') return { requesterIds: 'unknown', evidence }
  const found = dmaAliases(map.context.topology, route.fn)
  const emitters = found.kind === 'known' ? found.aliases : []
  return {
    requesterIds: route.requesterIds.map((requesterId) => ({
      requesterId: hex(requesterId),
      emittedBy: emitters.find((alias) => alias.requesterId === requesterId)?.function.name ?? route.fn.name,
    })),
    evidence,
  }
}

function describedIommu(machine: Machine, { described }: Route['iommu']): WitnessReport {
  const answer: Answer = described.state === 'undecided' ? 'unknown' : described.value === 'none' ? 'no' : 'yes'
  return witness(answer, evidenceAt(machine, described.from))
}

function probedIommu(machine: Machine, { instance }: Route['iommu']): WitnessReport {
  const { iommus } = machine
  if (instance)
    return witness('yes', evidenceAt(machine, [{ path: `sys/class/iommu/${instance.name}`, excerpt: instance.kind }]))
  const answer: Answer = iommus.state === 'unreadable' ? 'unknown' : 'no'
  return witness(answer, evidenceAt(machine, iommus.from, answer === 'no' ? 'not there' : 'unreadable'))
}

/** In use: the function's group has a domain that translates. */
function iommuInUse(machine: Machine, { attachment, group, hostDomain }: Route['iommu']): WitnessReport {
  if (attachment.state === 'undecided') return witness('unknown', evidenceAt(machine, attachment.from))
  if (attachment.state !== 'grouped') return witness('no', evidenceAt(machine, attachment.from, 'no group'))
  const evidence = [
    ...evidenceAt(machine, attachment.from, `group ${attachment.group}`),
    ...(group ? evidenceAt(machine, group.type.from) : []),
  ]
  if (hostDomain === 'unknown') return witness('unknown', evidence)
  return witness(hostDomain === 'identity' ? 'no' : 'yes', evidence)
}

function sharers(map: RouteMap, route: Route): readonly SharedWith[] | 'unknown' {
  const { msi } = route
  if (msi.deviceIds === 'unknown') return 'unknown'
  const own = new Set(msi.deviceIds)
  if (own.size === 0 || msi.controller === undefined) return []
  const table = deviceTableOf(msi.controller)
  const groupOf = (at: Route) => at.iommu.group?.id
  return map.routes.flatMap((other) => {
    const theirs = other.msi.controller && deviceTableOf(other.msi.controller)
    if (other === route || theirs !== table || other.msi.deviceIds === 'unknown') return []
    if (!other.msi.deviceIds.some((id) => own.has(id))) return []
    const group = groupOf(other)
    return [
      {
        address: other.fn.name,
        iommuGroup: group ?? 'none',
        sameGroup: group !== undefined && group === groupOf(route),
      },
    ]
  })
}

function controllerLogLines(map: RouteMap, { controller }: Route['msi']): readonly Provenance[] {
  if (controller?.address === undefined) return []
  const digits = controller.address.toString(16)
  const pattern = new RegExp(`^(?:ITS|GICv2m: range) ?\\[mem 0x0*${digits}-|GICv5 ITS: .*${digits}`)
  return map.context.log
    .of(pattern)
    .slice(0, 1)
    .map((excerpt) => ({ path: map.context.machine.kernel.log.from[0]?.path ?? 'var/log/dmesg', excerpt }))
}

function msiWitnesses(
  map: RouteMap,
  route: Route,
): Pick<RouteReport['msiController'], 'described' | 'probed' | 'inUse'> {
  const { machine } = map.context
  const { described, controller } = route.msi
  const inUse = msiInUse(map.context, route.fn)
  const chips: WitnessReport =
    inUse.state === 'known'
      ? witness('yes', evidenceAt(machine, inUse.from, inUse.chipNames.join(', ')))
      : inUse.state === 'unreadable'
        ? witness('unknown', evidenceAt(machine, inUse.from))
        : witness('no', evidenceAt(machine, route.fn.msiVectors.from, 'no vector is allocated'))
  const lines = evidenceAt(machine, controllerLogLines(map, route.msi))
  const probed: Answer = inUse.state === 'known' ? 'yes' : (controller?.probed ?? 'unknown')
  const isDescribed: Answer =
    described.state === 'undecided' ? 'unknown' : described.value.controller === undefined ? 'no' : 'yes'
  return {
    described: witness(isDescribed, evidenceAt(machine, described.from)),
    probed: witness(probed, lines.length > 0 || inUse.state !== 'known' ? lines : chips.evidence),
    inUse: chips,
  }
}

function doorbell(map: RouteMap, route: Route, device: DeviceReport): RouteReport['doorbell'] {
  const { machine } = map.context
  const regions = route.iommu.group?.reservedRegions
  const { kind, start, end } = device.chain.msiWindow
  return {
    physical: device.chain.msiController.doorbell,
    window: device.chain.msiWindow,
    evidence: [
      ...evidenceAt(machine, route.msi.controller?.from ?? []),
      ...(regions ? evidenceAt(machine, regions.from, kind === 'none' ? 'no msi region' : `${start} ${end} msi`) : []),
    ],
  }
}

/** The device's way, link by link, with the evidence of each witness. */
export function routeReport(map: RouteMap, route: Route, device: DeviceReport): RouteReport {
  const { machine } = map.context
  const { chain } = device
  return {
    function: functionLink(map, route),
    iommu: {
      ...chain.iommu,
      attachment: route.iommu.attachment.state,
      described: describedIommu(machine, route.iommu),
      probed: probedIommu(machine, route.iommu),
      inUse: iommuInUse(machine, route.iommu),
    },
    msiController: {
      kind: chain.msiController.kind,
      id: chain.msiController.id,
      deviceIds: chain.msiController.deviceIds,
      sharedWith: sharers(map, route),
      ...msiWitnesses(map, route),
    },
    doorbell: doorbell(map, route, device),
  }
}
