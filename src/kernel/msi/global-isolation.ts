import { hostBridgeBindingOf } from '../../machine/devicetree-bindings.js'
import type { DeviceTreeNode } from '../../machine/devicetree.js'
import type { Answer } from '../../machine/kinds.js'
import type { KernelContext } from '../context.js'
import { msiInUse } from './chips-in-use.js'
import { allOf } from '../decision.js'
import { hostBridgeNodeOf } from '../devicetree/host-bridge.js'
import type { MsiController } from './msi-controller.js'
import { atLeast } from '../release.js'
import { remappingInUse } from './x86-remapping.js'

/** Whether every controller that firmware describes could be read: a table or tree that is gone hides some. */
function descriptionIsWhole({ machine }: KernelContext): boolean {
  const { madt } = machine.acpi
  if (madt.state === 'unreadable' || machine.deviceTree.state === 'unreadable') return false
  return machine.deviceTree.state === 'absent' || machine.deviceTree.value.complete
}

/**
 * Whether the drivers of all host bridges in use are known: another may have registered a receiver of its own. One with a
 * node of a tree that is not there cannot be read.
 */
function bridgesKnown(context: KernelContext): Answer {
  const bridges = context.functions.map((fn) => hostBridgeNodeOf(context, fn))
  const nodes = new Set(bridges.flatMap((node) => (node.state === 'known' ? [node.value] : [])))
  const isStrange = (node: DeviceTreeNode): boolean => {
    const binding = hostBridgeBindingOf(node)
    return binding.state !== 'known' || binding.value === 'none'
  }
  return bridges.some(({ state }) => state === 'unreadable') || [...nodes].some(isStrange) ? 'unknown' : 'yes'
}

/** What the interrupts in use say of the domains that are registered. */
function chipsSeen(context: KernelContext): readonly Answer[] {
  return context.functions.map((fn): Answer => {
    const used = msiInUse(context, fn)
    if (used.state === 'none') return 'yes'
    return used.state === 'known' ? used.isolated : 'unknown'
  })
}

/**
 * R_glob of 4.11 to 6.2: every MSI domain that is registered remaps; true when there is none at all
 * (K: kernel/irq/irqdomain.c, irq_domain_check_msi_remap). It asks what is registered, not who uses it.
 */
export function everyMsiDomainRemaps(context: KernelContext, controllers: readonly MsiController[]): Answer {
  switch (context.architecture) {
    case 'x86_64':
      // The plain vector domain is always registered and never remaps; the capability answers instead.
      return 'no'
    case 'arm64':
    case 'arm':
    case 'riscv64':
    case 'loongarch64': {
      const described = controllers.map((controller): Answer => {
        if (controller.payloadChecked === 'yes') return 'yes'
        if (controller.registered === 'no') return 'yes'
        return controller.registered === 'yes' ? controller.payloadChecked : 'unknown'
      })
      const enumerated: Answer = descriptionIsWhole(context) ? 'yes' : 'unknown'
      return allOf([...described, ...chipsSeen(context), enumerated, bridgesKnown(context)])
    }
    case 'powerpc':
      // Firmware's domains are described nowhere; they came in 5.15 (K: arch/powerpc/platforms/powernv/pci-ioda.c).
      return allOf([...chipsSeen(context), 'unknown'])
    case 's390x':
    case 'other':
    case undefined:
      return 'unknown'
  }
}

/**
 * IOMMU_CAP_INTR_REMAP of the device's IOMMU driver, asked up to 6.2. The Arm SMMU drivers claimed it from 3.17 to 4.10
 * whatever the interrupt controller, and never since (K: arm_smmu_capable); x86 reports whether remapping is enabled.
 */
export function intrRemapCapability(context: KernelContext): Answer {
  switch (context.architecture) {
    case 'x86_64': {
      // irq_remapping_enabled is what the chips in use show.
      const inUse = context.hypothetical ? undefined : remappingInUse(context.machine)
      if (inUse !== undefined) return inUse === 'on' ? 'yes' : 'no'
      const remapping = context.interruptRemapping()
      if (remapping.state === 'undecided') return 'unknown'
      return remapping.value === 'on' ? 'yes' : 'no'
    }
    case 's390x':
      return 'yes'
    case 'arm64':
    case 'arm':
      if (!context.release) return 'unknown'
      return atLeast(context.release, 3, 17) && !atLeast(context.release, 4, 11) ? 'yes' : 'no'
    case 'riscv64':
    case 'powerpc':
    case 'loongarch64':
      return 'no'
    case 'other':
    case undefined:
      return 'unknown'
  }
}
