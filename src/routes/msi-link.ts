import { msiInUse, type MsiInUse } from '../kernel/msi/chips-in-use.js'
import type { KernelContext } from '../kernel/context.js'
import type { Decision } from '../kernel/decision.js'
import type { DescribedMsi } from '../kernel/msi/described-msi.js'
import { domainsInUse } from '../kernel/msi/domains-in-use.js'
import type { ControllerList } from '../kernel/msi/controller-list.js'
import { describedMsi } from '../kernel/msi/msi-domain.js'
import { isIts, type Answer, type MsiControllerKind } from '../machine/kinds.js'
import type { PciFunction } from '../machine/pci.js'
import type { MsiLink } from './route.js'

/** The kind in use; an ambiguous chip name (`MSI` on older Arm kernels) leaves the word to the description. */
function controllerKind(described: Decision<DescribedMsi>, inUse: MsiInUse): MsiControllerKind {
  const byDescription = described.state === 'decided' ? (described.value.controller?.kind ?? 'none') : 'unknown'
  if (inUse.state !== 'known')
    return inUse.state === 'unreadable' && byDescription === 'none' ? 'unknown' : byDescription
  const ambiguous = inUse.kind === 'other' && described.state === 'decided'
  return ambiguous && described.value.payloadChecked === 'no' && byDescription !== 'none' ? byDescription : inUse.kind
}

/**
 * Behind a pre-ITS the kernel clears the flag while the chip name stays. Where nobody can tell which ITS it is, any
 * that may be one keeps the answer from being yes.
 */
function unlessPreIts(context: KernelContext, described: Decision<DescribedMsi>, controllers: ControllerList): Answer {
  const own = described.state === 'decided' ? described.value.controller : undefined
  if (own?.kind === 'its') return own.payloadChecked
  const { deviceTree } = context.machine
  if (deviceTree.state === 'absent') return 'yes'
  if (deviceTree.state === 'unreadable' || !deviceTree.value.complete) return 'unknown'
  return controllers.withoutPreIts
}

/**
 * R_dev: the chip in use is the kernel's own word; without one the description has to do. The flags of the domains, which
 * the predicate itself looks at, only speak for a chip that nobody knows: debugfs is closed to most, and what cannot be
 * read must make nothing stronger. Where they contradict a known chip rule IR104 lowers the verdict.
 */
function isolatedOf(
  context: KernelContext,
  fn: PciFunction,
  described: Decision<DescribedMsi>,
  inUse: MsiInUse,
  controllers: ControllerList,
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
  switch (inUse.state) {
    case 'none':
      return byDescription
    case 'unreadable':
      return byDescription === 'no' ? 'no' : 'unknown'
    case 'known':
      break
  }
  if (inUse.isolated === 'no') return 'no'
  if (inUse.isolated === 'unknown') return domainsInUse(context, fn) === 'yes' ? 'yes' : 'unknown'
  return inUse.kind === 'its' ? unlessPreIts(context, described, controllers) : 'yes'
}

/** The MSI controller behind a function, joined from what firmware describes and the chips of its interrupts in use. */
export function msiLink(context: KernelContext, fn: PciFunction, controllers: ControllerList): MsiLink {
  const described = describedMsi(context, fn, controllers)
  const inUse = msiInUse(context, fn)
  const kind = controllerKind(described, inUse)
  const controller = described.state === 'decided' ? described.value.controller : undefined
  const same = controller !== undefined && (controller.kind === kind || kind === 'unknown')
  const deviceId = described.state === 'decided' ? described.value.deviceId : undefined
  const needsDeviceId = isIts(kind)
  return {
    kind,
    controller: same ? controller : undefined,
    described,
    inUse,
    deviceIds: deviceId !== undefined ? [deviceId] : needsDeviceId || described.state === 'undecided' ? 'unknown' : [],
    isolated: isolatedOf(context, fn, described, inUse, controllers),
  }
}
