import { msiInUse, type MsiInUse } from '../kernel/chips-in-use.js'
import type { KernelContext } from '../kernel/context.js'
import { allOf, decided, undecided, type Decision } from '../kernel/decision.js'
import { dmaAliases } from '../kernel/dma-alias.js'
import { attachmentOf, instanceOf } from '../kernel/iommu-attachment.js'
import { describedIommu, type DescribedIommu } from '../kernel/iommu-description.js'
import type { MsiController } from '../kernel/msi-controller.js'
import { msiControllersOf } from '../kernel/msi-controllers.js'
import type { DescribedMsi } from '../kernel/described-msi.js'
import { domainsInUse } from '../kernel/domains-in-use.js'
import { describedMsi } from '../kernel/msi-domain.js'
import type { Answer, MsiControllerKind, Strength } from '../machine/kinds.js'
import type { PciFunction } from '../machine/pci.js'
import { msiWindowOf } from './regions.js'
import type { IommuLink, MsiLink, Role, Route, RouteMap } from './route.js'
import { streamIdSiblings, type StreamIdTable } from './stream-id-siblings.js'

/** PCI class 0x0806 is an IOMMU; so is the virtio device 0x1057. What carries a bridge header is a bridge. */
function roleOf(fn: PciFunction): Role {
  if (fn.classCode.state === 'known' && fn.classCode.value >> 8 === 0x0806) return 'iommu'
  if (
    fn.vendor.state === 'known' &&
    fn.vendor.value === 0x1af4 &&
    fn.device.state === 'known' &&
    fn.device.value === 0x1057
  )
    return 'iommu'
  if (fn.configuration.state === 'known') return fn.configuration.value.headerType === 0 ? 'endpoint' : 'bridge'
  // Without a header the class tells PCI-to-PCI and CardBus bridges.
  const subclass = fn.classCode.state === 'known' ? fn.classCode.value >> 8 : 0
  return subclass === 0x0604 || subclass === 0x0607 ? 'bridge' : 'endpoint'
}

function requesterIdsOf(context: KernelContext, fn: PciFunction): Decision<readonly number[]> {
  const aliases = dmaAliases(context.topology, fn)
  if (aliases.kind === 'unknown') return undecided('unreadable', aliases.at.configuration.from)
  return decided([...new Set(aliases.aliases.map((alias) => alias.requesterId))], fn.configuration.from)
}

/** What the pieces of a route are joined from. */
interface Parts {
  readonly fn: PciFunction
  readonly requesterIds: Decision<readonly number[]>
  readonly described: Decision<DescribedIommu | 'none'>
}

function iommuLink(context: KernelContext, parts: Parts, table: StreamIdTable): IommuLink {
  const { fn, described } = parts
  const { iommus } = context.machine
  const attachment = attachmentOf(context, fn, described, streamIdSiblings(context, fn, described, table))
  const linkName = fn.iommu.state === 'known' ? fn.iommu.value : undefined
  const target = described.state === 'decided' && described.value !== 'none' ? described.value : undefined
  const linked = iommus.state === 'known' ? iommus.value.find((at) => at.name === linkName) : undefined
  const byDescription = target && instanceOf(context, target)
  // VT-d and AMD-Vi units are told by the link alone; elsewhere description and link have to name the same one.
  const takesAll = target?.kind === 'vt-d' || target?.kind === 'amd-vi'
  const instance = takesAll
    ? linked?.kind === target.kind
      ? linked
      : undefined
    : linked && byDescription && linked !== byDescription
      ? undefined
      : (byDescription ?? undefined)
  const group = attachment.state === 'grouped' ? context.groups.get(attachment.group) : undefined
  const kind = (instance ?? linked)?.kind ?? target?.kind ?? (described.state === 'decided' ? 'none' : 'unknown')
  const type = group?.type
  return {
    kind,
    name:
      (instance ?? linked)?.name ??
      target?.nodePath ??
      target?.ownFunction ??
      (target ? target.source : kind === 'none' ? 'none' : 'unknown'),
    described,
    instance: instance ?? (described.state === 'undecided' ? linked : undefined),
    attachment,
    group,
    streamIds: target ? target.streamIds : described.state === 'decided' ? [] : 'unknown',
    hostDomain: type
      ? type.state === 'known'
        ? type.value
        : 'unknown'
      : attachment.state === 'undecided'
        ? 'unknown'
        : 'none',
  }
}

/** The kind in use; an ambiguous chip name (`MSI` on older Arm kernels) leaves the word to the description. */
function controllerKind(described: Decision<DescribedMsi>, inUse: MsiInUse): MsiControllerKind {
  const byDescription = described.state === 'decided' ? (described.value.controller?.kind ?? 'none') : 'unknown'
  if (inUse.state !== 'known')
    return inUse.state === 'unreadable' && byDescription === 'none' ? 'unknown' : byDescription
  const ambiguous = inUse.kind === 'other' && inUse.isolated === 'no' && described.state === 'decided'
  return ambiguous && described.value.payloadChecked === 'no' && byDescription !== 'none' ? byDescription : inUse.kind
}

/**
 * Behind a pre-ITS the kernel clears the flag while the chip name stays. Where nobody can tell which ITS it is, any
 * that may be one keeps the answer from being yes.
 */
function unlessPreIts(
  context: KernelContext,
  described: Decision<DescribedMsi>,
  controllers: readonly MsiController[],
): Answer {
  const own = described.state === 'decided' ? described.value.controller : undefined
  if (own?.kind === 'its') return own.payloadChecked
  const { deviceTree } = context.machine
  if (deviceTree.state === 'absent') return 'yes'
  if (deviceTree.state === 'unreadable' || !deviceTree.value.complete) return 'unknown'
  const answers = controllers.flatMap((controller): Answer[] => {
    if (controller.kind === 'unknown') return ['unknown']
    return controller.kind === 'its' ? [controller.payloadChecked] : []
  })
  if (answers.includes('no')) return answers.every((answer) => answer === 'no') ? 'no' : 'unknown'
  return allOf(answers)
}

/**
 * R_dev: the domains in use are what the kernel's predicate looks at, their chip is its word for them; without either the
 * description has to do. Of domains and chip that disagree the weaker counts.
 */
function isolatedOf(
  context: KernelContext,
  fn: PciFunction,
  described: Decision<DescribedMsi>,
  inUse: MsiInUse,
  controllers: readonly MsiController[],
): Answer {
  const byDescription: Answer = described.state === 'decided' ? described.value.payloadChecked : 'unknown'
  // The flag is a constant, or never set, whatever the controller.
  if (context.architecture === 's390x') return 'yes'
  if (
    context.architecture === 'riscv64' ||
    context.architecture === 'powerpc' ||
    context.architecture === 'loongarch64'
  )
    return 'no'
  if (context.hypothetical && described.state === 'decided') return byDescription
  const byDomains = domainsInUse(context, fn)
  switch (inUse.state) {
    case 'none':
      return byDescription
    case 'unreadable':
      return byDescription === 'no' || byDomains === 'no' ? 'no' : 'unknown'
    case 'known':
      break
  }
  if (inUse.isolated === 'no' || byDomains === 'no') return 'no'
  if (byDomains === 'unknown') return 'unknown'
  // A chip that nobody knows; its domains tell all the same.
  if (inUse.isolated === 'unknown') return byDomains ?? 'unknown'
  return inUse.kind === 'its' ? unlessPreIts(context, described, controllers) : 'yes'
}

function msiLink(context: KernelContext, fn: PciFunction, controllers: readonly MsiController[]): MsiLink {
  const described = describedMsi(context, fn, controllers)
  const inUse = msiInUse(context, fn)
  const kind = controllerKind(described, inUse)
  const controller = described.state === 'decided' ? described.value.controller : undefined
  const same = controller !== undefined && (controller.kind === kind || kind === 'unknown')
  const deviceId = described.state === 'decided' ? described.value.deviceId : undefined
  const needsDeviceId = kind === 'its' || kind === 'gicv5-its'
  return {
    kind,
    controller: same ? controller : undefined,
    described,
    inUse,
    deviceIds: deviceId !== undefined ? [deviceId] : needsDeviceId || described.state === 'undecided' ? 'unknown' : [],
    isolated: isolatedOf(context, fn, described, inUse, controllers),
  }
}

function strengthOf(iommu: IommuLink, msi: MsiLink): Strength {
  if (msi.inUse.state === 'known') return 'in-use'
  if (msi.described.state === 'undecided' && iommu.described.state === 'undecided') return 'none'
  return msi.controller?.probed === 'yes' && iommu.instance !== undefined ? 'probed' : 'described'
}

/** Every function's way, joined from what firmware describes, the kernel probed and interrupts show. */
export function buildRoutes(context: KernelContext): RouteMap {
  const controllers = msiControllersOf(context)
  const parts = context.functions.map((fn): Parts => {
    const requesterIds = requesterIdsOf(context, fn)
    return { fn, requesterIds, described: describedIommu(context, fn, requesterIds) }
  })
  const table: StreamIdTable = new Map(parts.map((part) => [part.fn.name, part.described]))
  const routes = parts.map((part): Route => {
    const iommu = iommuLink(context, part, table)
    const msi = msiLink(context, part.fn, controllers)
    return {
      fn: part.fn,
      role: roleOf(part.fn),
      requesterIds: part.requesterIds.state === 'decided' ? part.requesterIds.value : 'unknown',
      iommu,
      msi,
      window: msiWindowOf({ iommu }),
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
  return { context, routes, byGroup, byName: new Map(routes.map((route) => [route.fn.name, route])), controllers }
}
