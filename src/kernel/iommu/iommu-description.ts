import type { IortTable } from '../../machine/iort.js'
import { placeOfNode, placeOfProperty, translatedAddress, type DeviceTreeNode } from '../../machine/devicetree.js'
import { iommuKindOf } from '../../machine/devicetree-bindings.js'
import type { Fact, Provenance } from '../../machine/fact.js'
import { formatPciAddress, requesterIdOf } from '../../machine/identifiers.js'
import type { PciFunction } from '../../machine/pci.js'
import type { KernelContext } from '../context.js'
import { decided, doubtOf, undecided, type Decision } from '../decision.js'
import { hasUnit } from './dmar-units.js'
import { hostBridgeNodeOf } from '../devicetree/host-bridge.js'
import { iortStreamIds, type IortStreamIds } from '../iort/iort-iommu.js'
import { IORT, type IortPlaces } from '../iort/iort-places.js'
import type { IortWalkDoubt } from '../iort/iort-walk.js'
import { ofPciIommu } from '../devicetree/of-iommu.js'
import type { DescribedIommu } from './described-iommu.js'
import type { ViotIommus } from './viot-iommus.js'

type Answer = Decision<DescribedIommu | 'none'>

/** Doubts of a walk in the words of a decision. */
export function doubtOfWalk(reason: IortWalkDoubt): 'kernel-unknown' | 'unreadable' {
  return reason === 'release-undetermined' ? 'kernel-unknown' : 'unreadable'
}

/** Where a walk went, as places in the table. */
function placesOf(places: IortPlaces, table: IortTable, streams: IortStreamIds): readonly Provenance[] {
  const [first] = streams.streams
  if (!first) return [{ path: IORT }]
  const { rootComplex, path } = first
  if (rootComplex) return places.of(rootComplex, path)
  return [{ path: IORT, excerpt: `${table.nodes.length} nodes, no root complex of this segment` }]
}

function fromIort(context: KernelContext, table: IortTable, fn: PciFunction, requesterIds: readonly number[]): Answer {
  const streams = iortStreamIds(table, fn.address.segment, requesterIds, context.release)
  const from = placesOf(context.iortPlaces, table, streams)
  switch (streams.kind) {
    case 'unknown':
      return undecided(doubtOfWalk(streams.reason), from)
    case 'none':
      return decided('none', from)
    case 'streams': {
      const { smmu, streamIds } = streams
      return decided(
        {
          kind: smmu.type === 'smmuv3' ? 'smmuv3' : 'smmuv2',
          source: 'iort',
          address: smmu.baseAddress,
          iortOffset: smmu.offset,
          streamIds,
          from,
        },
        from,
      )
    }
  }
}

const VIOT = 'sys/firmware/acpi/tables/VIOT'

/** K: drivers/acpi/viot.c, viot_iommu_configure. The virtio-iommu's own function is not behind itself. */
function fromViot(viot: ViotIommus, fn: PciFunction, requesterIds: readonly number[]): Answer {
  const requesterId = requesterIdOf(fn.address)
  const { segment } = fn.address
  const range = viot.rangeOf(segment, requesterId)
  if (!range) return decided('none', [{ path: VIOT }])
  const from = [{ path: VIOT, at: { offset: range.offset, length: range.length } }]
  const target = viot.targetOf(range)
  if (target?.type === 'virtio-iommu-pci') {
    if (target.segment === segment && target.bdf === requesterId) return decided('none', from)
    const { bdf } = target
    const address = { segment: target.segment, bus: bdf >> 8, device: (bdf >> 3) & 31, function: bdf & 7 }
    const base = range.endpointStart + (segment - range.segmentStart) * 0x10000 - range.bdfStart
    const streamIds = requesterIds.map((id) => base + id)
    return decided(
      { kind: 'virtio-iommu', source: 'viot', ownFunction: formatPciAddress(address), streamIds, from },
      from,
    )
  }
  if (target?.type === 'virtio-iommu-mmio')
    return decided({ kind: 'virtio-iommu', source: 'viot', address: target.base, streamIds: [], from }, from)
  return undecided('unreadable', from)
}

function fromTree(context: KernelContext, fn: PciFunction, requesterIds: readonly number[]): Answer | undefined {
  const bridge = hostBridgeNodeOf(context, fn)
  if (bridge.state === 'absent') return undefined
  if (bridge.state === 'unreadable') return doubtOf(bridge)
  const tree = context.machine.deviceTree
  if (tree.state !== 'known') return doubtOf(tree)
  const iommu = ofPciIommu(tree.value, bridge.value, requesterIds, context.release, context.mapReadings)
  const from = [placeOfProperty(bridge.value, 'iommu-map')]
  switch (iommu.kind) {
    case 'unreadable':
      return undecided(iommu.reason === 'release-undetermined' ? 'kernel-unknown' : 'unreadable', from)
    case 'none':
      return decided('none', from)
    case 'iommu':
      break
  }
  const kind = iommuKindOf(iommu.target)
  if (kind.state === 'unreadable') return doubtOf(kind)
  if (kind.state === 'absent' || kind.value === 'none') return decided('none', [...from, placeOfNode(iommu.target)])
  const address = translatedAddress(iommu.target)
  const ownFunction = iommu.target.parent === bridge.value ? ownFunctionOf(context, fn, iommu.target) : undefined
  return decided(
    {
      kind: kind.value,
      source: 'devicetree',
      node: iommu.target,
      nodePath: iommu.target.path,
      bridgeNode: bridge.value,
      streamIds: iommu.streamIds,
      from,
      ...(address === undefined ? {} : { address }),
      ...(ownFunction === undefined ? {} : { ownFunction }),
    },
    from,
  )
}

/** The function of an IOMMU node below the host bridge; its unit address is device and function on the root bus. */
function ownFunctionOf(context: KernelContext, fn: PciFunction, node: DeviceTreeNode): string | undefined {
  const found = context.topology.byNode.get(node.path)
  if (found) return found.name
  const match = /@([0-9a-f]{1,2})(?:,([0-7]))?$/.exec(node.name)
  if (!match) return undefined
  const device = Number.parseInt(match[1] ?? '', 16)
  const rootBus = fn.rootBus.state === 'known' ? /:([0-9a-f]{2})$/.exec(fn.rootBus.value.name)?.[1] : undefined
  if (rootBus === undefined) return undefined
  return formatPciAddress({
    segment: fn.address.segment,
    bus: Number.parseInt(rootBus, 16),
    device,
    function: Number(match[2] ?? 0),
  })
}

const isUntold = (fact: Fact<unknown>) => fact.state === 'unreadable' && fact.reason === 'not-collected'

/**
 * The IOMMU of a function that is in a group, where nobody collected the tables and the kernel says whose remapping is on:
 * no other driver makes groups there. The children of a VMD, with domain numbers above 16 bits, are left out.
 */
function describedByLog(context: KernelContext, fn: PciFunction): Omit<DescribedIommu, 'streamIds'> | undefined {
  const { dmar, ivrs } = context.machine.acpi
  const said = context.remappingByLog()
  if (!said || fn.iommuGroup.state !== 'known' || fn.classCode.state !== 'known') return undefined
  const [own, other] = said.kind === 'vt-d' ? [dmar, ivrs] : [ivrs, dmar]
  if (!isUntold(own) || !(other.state === 'absent' || isUntold(other)) || fn.address.segment > 0xffff) return undefined
  const source = said.kind === 'vt-d' ? 'dmar' : 'ivrs'
  return { kind: said.kind, source, from: [said.from, ...fn.iommuGroup.from] }
}

/** Units that take every PCI function themselves (VT-d, AMD-Vi); on other tables only what they map. */
function fromX86(context: KernelContext, fn: PciFunction, requesterIds: readonly number[]): Answer {
  const { dmar, ivrs, viot } = context.machine.acpi
  // The AMD IOMMU's own function is not behind itself.
  const ownClass = fn.classCode.state === 'known' && fn.classCode.value >> 8 === 0x0806
  if (dmar.state === 'known' && !hasUnit(context.segmentsWithUnit(), context.topology, fn))
    return decided('none', dmar.from)
  if (dmar.state === 'known')
    return decided({ kind: 'vt-d', source: 'dmar', streamIds: requesterIds, from: dmar.from }, dmar.from)
  if (ivrs.state === 'known') {
    return ownClass
      ? decided('none', ivrs.from)
      : decided({ kind: 'amd-vi', source: 'ivrs', streamIds: requesterIds, from: ivrs.from }, ivrs.from)
  }
  const byLog = ownClass ? undefined : describedByLog(context, fn)
  if (byLog) return decided({ ...byLog, streamIds: requesterIds }, byLog.from)
  const unread = [dmar, ivrs, viot].find((table) => table.state === 'unreadable')
  if (unread) return doubtOf(unread)
  const units = context.viotIommus()
  return units ? fromViot(units, fn, requesterIds) : decided('none', [...dmar.from, ...ivrs.from])
}

/** The IOMMU described for a function, asked in the kernel's order: device tree; IORT, then VIOT; DMAR and IVRS. */
export function describedIommu(
  context: KernelContext,
  fn: PciFunction,
  requesterIds: Decision<readonly number[]>,
): Answer {
  if (requesterIds.state === 'undecided') return requesterIds
  const ids = requesterIds.value
  switch (context.architecture) {
    case undefined:
      return doubtOf(context.machine.kernel.architecture)
    case 'x86_64':
      return fromX86(context, fn, ids)
    case 's390x':
      // Every function has a translation table of its own (K: drivers/iommu/s390-iommu.c, zpci_init_iommu).
      return decided({ kind: 'other', source: 'architecture', ownFunction: fn.name, streamIds: [], from: [] })
    case 'powerpc':
    case 'loongarch64':
    case 'other':
      return undecided('controller-unknown')
    case 'arm64':
    case 'arm':
    case 'riscv64':
      break
  }
  const tree = fromTree(context, fn, ids)
  if (tree) return tree
  const { iort, viot, rimt } = context.machine.acpi
  if (iort.state === 'unreadable') return doubtOf(iort)
  const byIort = iort.state === 'known' ? fromIort(context, iort.value, fn, ids) : decided('none' as const, iort.from)
  if (byIort.state === 'undecided' || byIort.value !== 'none') return byIort
  if (viot.state === 'unreadable' || rimt.state === 'unreadable')
    return doubtOf(viot.state === 'unreadable' ? viot : rimt)
  if (rimt.state === 'known') return undecided('controller-unknown', rimt.from)
  const units = context.viotIommus()
  return units ? fromViot(units, fn, ids) : byIort
}
