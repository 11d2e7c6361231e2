import { cellsOf, compatibleOf, hasProperty, property, stringsOf, type DeviceTreeNode } from './devicetree.js'
import { HOST_BRIDGE_BINDINGS, type HostBridgeBinding } from './devicetree-host-bridge-bindings.js'
import { IOMMU_BINDINGS, type IommuBinding } from './devicetree-iommu-bindings.js'
import { MSI_BINDINGS, type MsiBinding } from './devicetree-msi-bindings.js'
import { known, type Fact, type UnreadableFact } from './fact.js'
import type { IommuInstanceKind } from './iommu.js'
import type { Answer, MsiControllerKind } from './kinds.js'

/** Interrupt controllers that no MSI is written to, or whose nodes hold those that are. */
export type InterruptControllerKind =
  | 'gicv2'
  | 'gicv3'
  | 'gicv5'
  | 'gicv5-irs'
  | 'gicv5-its'
  | 'gicv5-iwb'
  | 'plic'
  | 'aplic'
  | 'imsic'

/** IRQCHIP_DECLARE and match tables of Linux 7.2; devicetree.md section 5. */
const INTERRUPT_CONTROLLERS: ReadonlyMap<string, InterruptControllerKind> = new Map([
  ['arm,pl390', 'gicv2'],
  ['arm,gic-400', 'gicv2'],
  ['arm,arm11mp-gic', 'gicv2'],
  ['arm,arm1176jzf-devchip-gic', 'gicv2'],
  ['arm,cortex-a15-gic', 'gicv2'],
  ['arm,cortex-a9-gic', 'gicv2'],
  ['arm,cortex-a7-gic', 'gicv2'],
  ['qcom,msm-8660-qgic', 'gicv2'],
  ['qcom,msm-qgic2', 'gicv2'],
  ['arm,gic-v3', 'gicv3'],
  ['arm,gic-v5', 'gicv5'],
  ['arm,gic-v5-irs', 'gicv5-irs'],
  ['arm,gic-v5-its', 'gicv5-its'],
  ['arm,gic-v5-iwb', 'gicv5-iwb'],
  ['sifive,plic-1.0.0', 'plic'],
  ['riscv,plic0', 'plic'],
  ['andestech,nceplic100', 'plic'],
  ['thead,c900-plic', 'plic'],
  ['ultrarisc,cp100-plic', 'plic'],
  ['riscv,aplic', 'aplic'],
  ['riscv,imsics', 'imsic'],
])

/** What Linux makes of a node that PCI functions' MSIs may lead to. */
export interface MsiProvider {
  readonly kind: Extract<
    MsiControllerKind,
    'its' | 'gicv5-its' | 'gicv2m' | 'gicv3-mbi' | 'host-bridge' | 'imsic' | 'other'
  >
  readonly name: string
  /** File of Linux, below `drivers/`; undefined for a controller this release does not know. */
  readonly driver: string | undefined
  readonly serves: 'pci' | 'platform'
  readonly chipPrefix: string | undefined
  /** Whether the domain carries the isolated-MSI flag by its kind; the pre-ITS quirk is not looked at. */
  readonly payloadChecked: Answer
  /** The node whose domain it is: for a GICv5 translate frame its ITS, else the node itself. */
  readonly domainNode: DeviceTreeNode
}

/** The entry of the first `compatible` string that a table has. */
function bindingOf<T>(node: DeviceTreeNode, table: ReadonlyMap<string, T>): Fact<T | 'none'> {
  const compatible = compatibleOf(node)
  if (compatible.state === 'unreadable') return compatible
  if (compatible.state === 'absent') return known<'none'>('none', ...compatible.from)
  const match = compatible.value.find((name) => table.has(name))
  const binding = match === undefined ? undefined : table.get(match)
  return known(binding ?? 'none', ...compatible.from)
}

/** True when the node has all of the properties; false when it surely lacks one. */
function hasAll(node: DeviceTreeNode, names: readonly string[]): Fact<boolean> {
  const facts = names.map((name) => hasProperty(node, name))
  const from = facts.flatMap((fact) => fact.from)
  if (facts.some((fact) => fact.state === 'known' && !fact.value)) return known(false, ...from)
  return facts.find((fact): fact is UnreadableFact => fact.state === 'unreadable') ?? known(true, ...from)
}

/** The interrupt controller that a node is. Whether it is enabled is not looked at. */
export function interruptControllerOf(node: DeviceTreeNode): Fact<InterruptControllerKind | 'none'> {
  return bindingOf(node, INTERRUPT_CONTROLLERS)
}

/** The PCI host bridge that a node is, as far as Linux has a driver for it. */
export function hostBridgeBindingOf(node: DeviceTreeNode): Fact<HostBridgeBinding | 'none'> {
  return bindingOf(node, HOST_BRIDGE_BINDINGS)
}

/**
 * The IOMMU that a node is; whether it is enabled is not looked at. A node with `#iommu-cells` and an unknown
 * `compatible` is an IOMMU too (its own binding requires the property), of kind `other`; a virtio-mmio device with it is
 * a virtio-iommu.
 */
export function iommuBindingOf(node: DeviceTreeNode): Fact<IommuBinding | 'none'> {
  const binding = bindingOf(node, IOMMU_BINDINGS)
  if (binding.state !== 'known' || binding.value !== 'none') return binding
  const cells = hasProperty(node, '#iommu-cells')
  if (cells.state === 'unreadable') return cells
  if (cells.state === 'absent' || !cells.value) return binding
  const compatible = compatibleOf(node)
  const virtio = compatible.state === 'known' && compatible.value.includes('virtio,mmio')
  const other: IommuBinding = virtio
    ? { kind: 'virtio-iommu', name: 'virtio-iommu', driver: 'iommu/virtio-iommu.c' }
    : { kind: 'other', name: 'unknown IOMMU', driver: '' }
  return known(other, ...binding.from, ...cells.from)
}

/** As `iommuBindingOf`, the kind alone. */
export function iommuKindOf(node: DeviceTreeNode): Fact<IommuInstanceKind | 'none'> {
  const binding = iommuBindingOf(node)
  return binding.state === 'known'
    ? known(binding.value === 'none' ? 'none' : binding.value.kind, ...binding.from)
    : binding
}

/**
 * The MSI domain that Linux makes of an enabled node: a controller of its own, a translate frame of a GICv5 ITS, or the
 * private receiver of a host bridge. `none` for all else, also for a controller without the property that its driver
 * asks for (`its: no msi-controller property, ITS ignored`). A node with `msi-controller` that no table has is a provider
 * of kind `other` of which nothing is known.
 *
 * Not looked at: `status`; whether LPIs, MBIs or the driver are there; GICv2m frames behind the first.
 * Source: kernel-decision.md sections 4 and 5, devicetree.md section 3.
 */
export function msiProviderOf(node: DeviceTreeNode): Fact<MsiProvider | 'none'> {
  const binding = bindingOf(node, MSI_BINDINGS)
  if (binding.state !== 'known') return binding
  if (binding.value !== 'none') return provided(node, binding.value, binding)
  const bridge = hostBridgeBindingOf(node)
  if (bridge.state === 'known' && bridge.value !== 'none' && bridge.value.msi !== 'none')
    return privateReceiver(node, bridge.value)
  const controller = hasProperty(node, 'msi-controller')
  if (controller.state !== 'known') return controller
  if (!controller.value) return known<'none'>('none', ...binding.from, ...controller.from)
  return unlistedController(node)
}

const CONDITIONS: Readonly<Record<MsiBinding['condition'], readonly string[]>> = {
  none: [],
  'msi-controller': ['msi-controller'],
  'mbi-ranges': ['msi-controller', 'mbi-ranges'],
}

function provided(node: DeviceTreeNode, binding: MsiBinding, from: Fact<unknown>): Fact<MsiProvider | 'none'> {
  const condition = hasAll(node, CONDITIONS[binding.condition])
  if (condition.state !== 'known') return condition
  const all = [...from.from, ...condition.from]
  if (!condition.value) return known<'none'>('none', ...all)
  const { kind, name, driver, serves, chipPrefix } = binding
  const payloadChecked = kind === 'its' ? 'yes' : 'no'
  return known({ kind, name, driver, serves, chipPrefix, payloadChecked, domainNode: node }, ...all)
}

function privateReceiver(node: DeviceTreeNode, bridge: HostBridgeBinding): Fact<MsiProvider | 'none'> {
  const inUse = hasPrivateReceiver(node, bridge)
  if (inUse.state !== 'known') return inUse
  if (!inUse.value) return known<'none'>('none', ...inUse.from)
  return known(
    {
      kind: 'host-bridge',
      name: bridge.family === 'designware' ? 'DesignWare iMSI-RX' : 'MSI receiver of the host bridge',
      driver: `pci/controller/${bridge.driver}`,
      serves: 'pci',
      chipPrefix: bridge.chipPrefix,
      payloadChecked: 'no',
      domainNode: node,
    },
    ...inUse.from,
  )
}

/** Whether the driver of a host bridge brings its own MSI domain for this node. */
function hasPrivateReceiver(node: DeviceTreeNode, bridge: HostBridgeBinding): Fact<boolean> {
  const compatible = compatibleOf(node)
  switch (bridge.msi) {
    case 'none':
      return known(false, ...compatible.from)
    case 'own':
      return known(true, ...compatible.from)
    case 'imsi-rx': {
      // K: pcie-designware-host.c, use_imsi_rx: one of the two properties is enough to leave the receiver alone.
      const facts = [hasProperty(node, 'msi-parent'), hasProperty(node, 'msi-map')]
      const from = [...compatible.from, ...facts.flatMap((fact) => fact.from)]
      if (facts.some((fact) => fact.state === 'known' && fact.value)) return known(false, ...from)
      return facts.find((fact): fact is UnreadableFact => fact.state === 'unreadable') ?? known(true, ...from)
    }
    case 'own-if-msi-parent-is-itself': {
      const parent = cellsOf(property(node, 'msi-parent'))
      const phandle = cellsOf(property(node, 'phandle'))
      if (parent.state === 'absent' || phandle.state === 'absent') return known(false, ...parent.from, ...phandle.from)
      if (parent.state === 'unreadable') return parent
      if (phandle.state === 'unreadable') return phandle
      return known(parent.value[0] === phandle.value[0], ...parent.from, ...phandle.from)
    }
  }
}

/** A node with `msi-controller` that no table has: the frame of a GICv5 ITS, or something unknown. */
function unlistedController(node: DeviceTreeNode): Fact<MsiProvider | 'none'> {
  const parent = node.parent ? interruptControllerOf(node.parent) : known<'none'>('none')
  if (parent.state !== 'known') return parent
  if (parent.value !== 'gicv5-its' || !node.parent) {
    const name = 'unknown MSI controller'
    const unknown = { driver: undefined, chipPrefix: undefined, payloadChecked: 'unknown', domainNode: node } as const
    return known({ kind: 'other', name, serves: 'pci', ...unknown }, ...parent.from)
  }
  const frames = stringsOf(property(node, 'reg-names'))
  if (frames.state === 'unreadable') return frames
  // Without an address to write to no MSI can be set up (K: its_translate_frame_address).
  if (frames.state === 'absent' || !frames.value.includes('ns-translate')) return known<'none'>('none', ...frames.from)
  return known(
    {
      kind: 'gicv5-its',
      name: 'GICv5 ITS',
      driver: 'irqchip/irq-gic-v5-its.c',
      serves: 'pci',
      chipPrefix: 'ITS-v5-',
      payloadChecked: 'yes',
      domainNode: node.parent,
    },
    ...parent.from,
    ...frames.from,
  )
}
