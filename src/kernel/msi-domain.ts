import type { IortTable } from '../machine/iort.js'
import type { DeviceTree, DeviceTreeNode } from '../machine/devicetree.js'
import { absent, known, unreadable, type Fact, type Provenance } from '../machine/fact.js'
import { requesterIdOf } from '../machine/identifiers.js'
import type { Answer } from '../machine/kinds.js'
import type { PciFunction } from '../machine/pci.js'
import type { KernelContext } from './context.js'
import { decided, doubtOf, undecided, type Decision } from './decision.js'
import { msiInUse } from './chips-in-use.js'
import { dmaAliases, msiRequesterId, realDmaDevice } from './dma-alias.js'
import { hostBridgeNodeOf } from './host-bridge.js'
import { iortMsiTarget } from './iort-msi.js'
import { doubtOfWalk } from './iommu-description.js'
import type { MsiController } from './msi-controller.js'
import { controllerOfNode, privateControllerOf } from './msi-controllers-devicetree.js'
import { msiParentsOf } from './of-msi-parent.js'
import { ofMsiDeviceId, ofMsiXlate } from './of-msi.js'
import { idsOf } from './pci-topology.js'
import { interruptRemapping } from './x86-remapping.js'

/** The MSI domain that firmware and kernel rules give a function. */
export interface DescribedMsi {
  /** Undefined: no MSI domain at all, or the architecture's own. */
  readonly controller: MsiController | undefined
  /** Whether that domain carries the flag; `no` without a domain. */
  readonly payloadChecked: Answer
  /** DeviceID under which an ITS sees the function; undefined where the controller has none. */
  readonly deviceId: number | undefined
  readonly from: readonly Provenance[]
}

type Described = Decision<DescribedMsi>

const none = (from: readonly Provenance[]): Described =>
  decided({ controller: undefined, payloadChecked: 'no', deviceId: undefined, from }, from)

/** Linux's use of a described controller: none where it is not registered, open where that cannot be told. */
function served(controller: MsiController, deviceId: number | undefined, from: readonly Provenance[]): Described {
  const places = [...from, ...controller.from]
  if (controller.registered === 'no') return none(places)
  if (controller.registered === 'unknown') return undecided('unreadable', places)
  const byDeviceId = controller.kind === 'its' || controller.kind === 'gicv5-its'
  return decided(
    {
      controller,
      payloadChecked: controller.payloadChecked,
      deviceId: byDeviceId ? deviceId : undefined,
      from: places,
    },
    places,
  )
}

/** RequesterID that the MSI lookup starts from. Source: kernel-decision.md 3.2, pci_msi_get_device_domain. */
export function msiRequesterIdOf(context: KernelContext, fn: PciFunction): Decision<number> {
  const aliases = dmaAliases(context.topology, fn)
  if (aliases.kind === 'unknown') return undecided('unreadable', aliases.at.configuration.from)
  return decided(msiRequesterId(requesterIdOf(fn.address), aliases.aliases))
}

const IORT = 'sys/firmware/acpi/tables/IORT'

function fromIort(
  context: KernelContext,
  table: IortTable,
  fn: PciFunction,
  requesterId: number,
  controllers: readonly MsiController[],
): Described | undefined {
  const target = iortMsiTarget(table, fn.address.segment, requesterId, context.release)
  const from: Provenance[] = [
    ...(target.rootComplex
      ? [{ path: IORT, at: { offset: target.rootComplex.offset, length: target.rootComplex.length } }]
      : []),
    ...target.path.map((step) => ({ path: IORT, at: { offset: step.mapping.offset, length: 20 } })),
  ]
  switch (target.kind) {
    case 'unknown':
      return undecided(doubtOfWalk(target.reason), from)
    case 'none':
      return undefined
    case 'its':
      break
  }
  const { madt } = context.machine.acpi
  if (madt.state === 'unreadable') return doubtOf(madt)
  const id = String(target.itsId)
  const controller = controllers.find(
    (candidate) =>
      candidate.node === undefined &&
      (candidate.kind === 'its' || candidate.kind === 'gicv5-its') &&
      candidate.id === id,
  )
  // Without an entry in MADT no domain is registered under the ITS id (K: iort_find_domain_token).
  if (!controller) return undefined
  const described = served(controller, target.deviceId, from)
  return described.state === 'decided' && described.value.controller === undefined ? undefined : described
}

/** GICv2m is the only one that answers for every host bridge under ACPI on Arm (K: gicv2m_acpi_init). */
function acpiBusDefault(
  context: KernelContext,
  controllers: readonly MsiController[],
  from: readonly Provenance[],
): Described {
  const { madt } = context.machine.acpi
  if (madt.state === 'unreadable') return doubtOf(madt)
  const provider = controllers.find(
    (controller) => controller.node === undefined && (controller.kind === 'gicv2m' || controller.kind === 'imsic'),
  )
  return provider ? served(provider, undefined, from) : none([...from, ...madt.from])
}

function underAcpi(
  context: KernelContext,
  fn: PciFunction,
  requesterId: number,
  controllers: readonly MsiController[],
): Described {
  const { iort } = context.machine.acpi
  if (iort.state === 'unreadable') return doubtOf(iort)
  if (iort.state === 'known') {
    const byIort = fromIort(context, iort.value, fn, requesterId, controllers)
    if (byIort) return byIort
  }
  return acpiBusDefault(context, controllers, iort.from)
}

/** The function's own node, the bridges' above it, then the host bridge and its parents: what of_msi_xlate walks. */
function nodeChain(
  context: KernelContext,
  tree: DeviceTree,
  fn: PciFunction,
  bridge: DeviceTreeNode,
): readonly Fact<DeviceTreeNode>[] {
  const nodeOf = (path: Fact<string>): Fact<DeviceTreeNode> => {
    if (path.state !== 'known') return path.state === 'unreadable' ? path : absent(...path.from)
    const node = tree.byPath.get(path.value)
    return node ? known(node, ...path.from) : unreadable('io', ...path.from)
  }
  const above = fn.upstream.state === 'known' ? fn.upstream.value.toReversed() : []
  const functions = [fn, ...above.flatMap((name) => context.byName.get(name) ?? [])]
  const chain = functions.map((at) => nodeOf(at.deviceTreeNode))
  if (fn.upstream.state === 'unreadable') chain.push(unreadable(fn.upstream.reason, ...fn.upstream.from))
  return [...chain, known(bridge)]
}

function underTree(
  context: KernelContext,
  tree: DeviceTree,
  bridge: DeviceTreeNode,
  fn: PciFunction,
  requesterId: number,
  controllers: readonly MsiController[],
): Described {
  const chain = nodeChain(context, tree, fn, bridge)
  const from = [{ path: `${bridge.source}/msi-map` }]
  const mapped = ofMsiXlate(tree, chain, requesterId, context.release)
  if (mapped.kind === 'unreadable')
    return undecided(mapped.reason === 'release-undetermined' ? 'kernel-unknown' : 'unreadable', from)
  const deviceIdAt = (node: DeviceTreeNode) => ofMsiDeviceId(tree, chain, requesterId, context.release, node)
  const take = (node: DeviceTreeNode, places: readonly Provenance[]): Described | undefined => {
    const controller = controllerOfNode(controllers, node)
    if (controller === 'unreadable') return undecided('unreadable', places)
    if (controller === 'none') return undefined
    const deviceId = deviceIdAt(node)
    if (deviceId.kind === 'unreadable') return undecided('unreadable', places)
    const described = served(controller, deviceId.id, places)
    return described.state === 'decided' && described.value.controller === undefined ? undefined : described
  }
  if (mapped.kind === 'mapped') {
    const described = take(mapped.controller, from)
    if (described) return described
  }
  // The bus default: msi-parent of the host bridge, then a domain that the bridge registered itself.
  const parents = msiParentsOf(tree, bridge, context.release)
  const parentPlace = [{ path: `${bridge.source}/msi-parent` }]
  for (const parent of parents.parents) {
    const described = take(parent.node, parentPlace)
    if (described) return described
  }
  if (parents.end === 'unreadable') {
    return undecided(parents.reason === 'release-undetermined' ? 'kernel-unknown' : 'unreadable', parentPlace)
  }
  const own = privateControllerOf(controllers, bridge)
  if (own === 'unreadable') return undecided('unreadable', from)
  return own === 'none' ? none([...from, ...parentPlace]) : served(own, undefined, [{ path: bridge.source }])
}

/**
 * A VMD that leaves MSIs as they are gives its children its own remapped domain. Only newer ones can (8086:28c0), and
 * only the interrupts in use show that this one does (K: drivers/pci/controller/vmd.c, VMD_FEAT_CAN_BYPASS_MSI_REMAP).
 */
function passesMsisOn(context: KernelContext, fn: PciFunction): boolean {
  const device = realDmaDevice(context.topology, fn)
  const ids = idsOf(device)
  const inUse = msiInUse(context, fn)
  return (
    typeof ids !== 'string' &&
    ids.vendor === 0x8086 &&
    ids.device === 0x28c0 &&
    inUse.state === 'known' &&
    inUse.kind === 'x86-remapped'
  )
}

/** x86: the vector domain, or the remapping unit's where remapping is on (K: intel_irq_remap_add_device). */
function onX86(context: KernelContext, fn: PciFunction, controllers: readonly MsiController[]): Described {
  const [vector] = controllers
  if (!vector) return undecided('controller-unknown')
  if (context.machine.virtualization.hypervisor === 'hyper-v')
    return undecided('hypervisor-decides', context.machine.virtualization.evidence.from)
  // A domain number above 16 bits is made by a VMD, whose children keep a domain without a parent.
  if (fn.address.segment > 0xffff && !passesMsisOn(context, fn))
    return undecided('hypervisor-decides', fn.configuration.from)
  const plain = decided(
    { controller: vector, payloadChecked: 'no' as const, deviceId: undefined, from: vector.from },
    vector.from,
  )
  // The AMD IOMMU's own function keeps the vector domain.
  if (fn.classCode.state === 'unreadable') return doubtOf(fn.classCode)
  if (fn.classCode.state === 'known' && fn.classCode.value >> 8 === 0x0806) return plain
  const remapping = interruptRemapping(context)
  if (remapping.state === 'undecided') return remapping
  if (remapping.value === 'off') return decided({ ...plain.value, from: remapping.from }, remapping.from)
  const remapped: MsiController = {
    ...vector,
    key: 'x86-remapped',
    kind: 'x86-remapped',
    payloadChecked: 'yes',
    from: remapping.from,
  }
  return decided(
    { controller: remapped, payloadChecked: 'yes', deviceId: undefined, from: remapping.from },
    remapping.from,
  )
}

/** The MSI domain of a function as this kernel would choose it. Source: kernel-decision.md section 3. */
export function describedMsi(
  context: KernelContext,
  fn: PciFunction,
  controllers: readonly MsiController[],
): Described {
  switch (context.architecture) {
    case undefined:
      return doubtOf(context.machine.kernel.architecture)
    case 'x86_64':
      return onX86(context, fn, controllers)
    case 's390x':
      return decided({ controller: undefined, payloadChecked: 'yes', deviceId: undefined, from: [] })
    case 'powerpc':
      return undecided('hypervisor-decides')
    case 'other':
      return undecided('controller-unknown')
    case 'arm64':
    case 'arm':
    case 'riscv64':
    case 'loongarch64':
      break
  }
  const requesterId = msiRequesterIdOf(context, fn)
  if (requesterId.state === 'undecided') return requesterId
  const bridge = hostBridgeNodeOf(context, fn)
  if (bridge.state === 'unreadable') return doubtOf(bridge)
  if (bridge.state === 'absent') return underAcpi(context, fn, requesterId.value, controllers)
  const tree = context.machine.deviceTree
  if (tree.state !== 'known') return doubtOf(tree)
  return underTree(context, tree.value, bridge.value, fn, requesterId.value, controllers)
}
