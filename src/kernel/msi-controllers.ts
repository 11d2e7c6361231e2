import type { DeviceTreeNode } from '../machine/devicetree.js'
import type { Provenance } from '../machine/fact.js'
import type { Answer, MsiControllerKind } from '../machine/kinds.js'
import type { KernelContext } from './context.js'
import { msiControllersOfMadt } from './msi-controllers-acpi.js'
import { msiControllersOfTree } from './msi-controllers-devicetree.js'

/** An MSI controller that firmware describes, or that the architecture has. */
export interface MsiController {
  /** Unique within the machine. */
  readonly key: string
  readonly kind: MsiControllerKind
  /** GIC ITS id (ACPI), node path (device tree), `none` where the architecture has just one. */
  readonly id: string
  /** Register base, as far as it can be told. */
  readonly address: bigint | undefined
  /** Physical address that a device writes an MSI to. */
  readonly doorbell: bigint | undefined
  readonly node: DeviceTreeNode | undefined
  /** Whether its domain carries the flag: the payload is looked up by the sender's id. */
  readonly payloadChecked: Answer
  /** Device-tree property of a pre-ITS, which lets the written address choose the DeviceID. */
  readonly preIts: Answer
  /** Whether this kernel has an MSI domain of it. */
  readonly registered: Answer
  /** A log line, domain or interrupt shows that the kernel brought it up. */
  readonly probed: Answer
  readonly from: readonly Provenance[]
}

const X86_DOORBELL = 0xfee00000n

function architectural(kind: 'x86-vector', from: Provenance): MsiController {
  return {
    key: kind,
    kind,
    id: 'none',
    address: X86_DOORBELL,
    doorbell: X86_DOORBELL,
    node: undefined,
    payloadChecked: 'no',
    preIts: 'no',
    registered: 'yes',
    probed: 'yes',
    from: [from],
  }
}

/** Every MSI controller of the machine that firmware describes or the architecture implies, in a stable order. */
export function msiControllersOf(context: KernelContext): readonly MsiController[] {
  switch (context.architecture) {
    case 'x86_64':
      return [architectural('x86-vector', { path: 'proc/cpuinfo' })]
    case 'arm64':
    case 'arm':
    case 'riscv64':
    case 'loongarch64':
      return [...msiControllersOfTree(context), ...msiControllersOfMadt(context)]
    case 's390x':
    case 'powerpc':
    case 'other':
    case undefined:
      return []
  }
}
