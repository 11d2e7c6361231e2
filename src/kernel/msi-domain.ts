import type { PciFunction } from '../machine/pci.js'
import type { KernelContext } from './context.js'
import { decided, doubtOf, undecided } from './decision.js'
import { msiRequesterIdOf, type Described } from './described-msi.js'
import { hostBridgeNodeOf } from './host-bridge.js'
import type { MsiController } from './msi-controller.js'
import { underAcpi } from './msi-domain-acpi.js'
import { underTree } from './msi-domain-devicetree.js'
import { onX86 } from './msi-domain-x86.js'

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
