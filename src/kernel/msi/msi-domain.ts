import type { DeviceTree, DeviceTreeNode } from '../../machine/devicetree.js'
import { decided, doubtOf, undecided } from '../decision.js'
import type { PciFunction } from '../../machine/pci.js'
import type { KernelContext } from '../context.js'
import { msiRequesterIdOf, takenUnchecked, type Described } from './described-msi.js'
import { hostBridgeNodeOf } from '../devicetree/host-bridge.js'
import { takenByNoIts } from './gic-without-its.js'
import type { ControllerList } from './controller-list.js'
import type { MsiController } from './msi-controller.js'
import { acpiBusDefault, inheritedUnderAcpi, mappedByIort } from './msi-domain-acpi.js'
import { inheritedUnderTree, mappedByTree, treeBusDefault } from './msi-domain-devicetree.js'
import { onX86 } from './msi-domain-x86.js'
import { isHiddenByXen } from '../x86/xen-log.js'
import { bridgesAbove } from '../pci/pci-topology.js'

/** Where the domain of a function comes from, in the kernel's order; each step answers undefined where it finds none. */
interface Steps {
  /** What firmware maps the function's own RequesterID to. */
  readonly mapped: (fn: PciFunction, requesterId: number) => Described | undefined
  /** The controller of a bridge above, with the DeviceID that the function itself has there. */
  readonly inherited: (fn: PciFunction, requesterId: number, controller: MsiController) => Described
  /** What the host bridge gives every function for which nothing else was found. */
  readonly busDefault: (fn: PciFunction, requesterId: number) => Described
}

function stepsUnderAcpi(context: KernelContext, controllers: ControllerList): Steps {
  return {
    mapped: (fn, requesterId) => mappedByIort(context, fn, requesterId, controllers),
    inherited: (fn, requesterId, controller) => inheritedUnderAcpi(context, fn, requesterId, controller),
    busDefault: () => acpiBusDefault(context, controllers),
  }
}

function stepsUnderTree(
  context: KernelContext,
  tree: DeviceTree,
  bridge: DeviceTreeNode,
  controllers: ControllerList,
): Steps {
  return {
    mapped: (fn, requesterId) => mappedByTree(context, tree, bridge, fn, requesterId, controllers),
    inherited: (fn, requesterId, controller) => inheritedUnderTree(context, tree, bridge, fn, requesterId, controller),
    busDefault: (fn, requesterId) => treeBusDefault(context, tree, bridge, fn, requesterId, controllers),
  }
}

/**
 * A function without a mapping of its own takes the domain of its bus, and a bus below a bridge that of the bridge; the
 * host bridge is asked only where no bridge on the way has one.
 * Source: K: drivers/pci/probe.c, `pci_set_msi_domain`, `pci_set_bus_msi_domain`; kernel-decision.md section 3.
 */
function byFirmware(context: KernelContext, fn: PciFunction, requesterId: number, steps: Steps): Described {
  const own = steps.mapped(fn, requesterId)
  if (own) return own
  const bridges = bridgesAbove(context.topology, fn)
  if (!bridges) return undecided('unreadable', fn.upstream.from)
  for (const bridge of bridges) {
    const bridgeRequesterId = msiRequesterIdOf(context, bridge)
    if (bridgeRequesterId.state === 'undecided') return bridgeRequesterId
    const above = steps.mapped(bridge, bridgeRequesterId.value)
    if (!above) continue
    if (above.state === 'undecided') return above
    const { controller } = above.value
    if (controller) return steps.inherited(fn, requesterId, controller)
  }
  return steps.busDefault(fn, requesterId)
}

/** The MSI domain of a function as this kernel would choose it. Source: kernel-decision.md section 3. */
export function describedMsi(context: KernelContext, fn: PciFunction, controllers: ControllerList): Described {
  if (isHiddenByXen(context)) return undecided('hypervisor-owns-iommu', context.machine.virtualization.evidence.from)
  switch (context.architecture) {
    case undefined:
      return doubtOf(context.machine.kernel.architecture)
    case 'x86_64':
      return onX86(context, fn, controllers)
    case 's390x':
      return decided({ controller: undefined, payloadChecked: 'yes', isConstant: true, deviceId: undefined, from: [] })
    case 'powerpc':
      return undecided('hypervisor-decides')
    case 'other':
      return undecided('controller-unknown')
    case 'arm64':
    case 'arm': {
      const led = ledByFirmware(context, fn, controllers)
      return led.state === 'undecided' && led.doubt === 'unreadable' ? (takenByNoIts(context) ?? led) : led
    }
    case 'riscv64':
    case 'loongarch64': {
      const led = ledByFirmware(context, fn, controllers)
      // No controller of either checks (kernel-decision.md section 4), wherever firmware leads the MSIs.
      const isUnread = led.state === 'undecided' && led.doubt === 'unreadable'
      return isUnread ? takenUnchecked(ANY_OF_ARCHITECTURE, context.machine.kernel.architecture.from) : led
    }
  }
}

/** Key of the controller that stands for every one of an architecture. */
const ANY_OF_ARCHITECTURE = 'any-of-architecture'

/** Where tables or tree lead the MSIs of a function. */
function ledByFirmware(context: KernelContext, fn: PciFunction, controllers: ControllerList): Described {
  const requesterId = msiRequesterIdOf(context, fn)
  if (requesterId.state === 'undecided') return requesterId
  const bridge = hostBridgeNodeOf(context, fn)
  if (bridge.state === 'unreadable') return doubtOf(bridge)
  if (bridge.state === 'absent') return byFirmware(context, fn, requesterId.value, stepsUnderAcpi(context, controllers))
  const tree = context.machine.deviceTree
  if (tree.state !== 'known') return doubtOf(tree)
  return byFirmware(context, fn, requesterId.value, stepsUnderTree(context, tree.value, bridge.value, controllers))
}
