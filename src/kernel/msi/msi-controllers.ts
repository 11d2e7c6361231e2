import type { Provenance } from '../../machine/fact.js'
import type { KernelContext } from '../context.js'
import { ControllerList } from './controller-list.js'
import type { MsiController } from './msi-controller.js'
import { msiControllersOfMadt } from './msi-controllers-acpi.js'
import { msiControllersOfTree } from './msi-controllers-devicetree.js'

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

/** An ITS that stands at the registers of an earlier one is that one. */
function withSharedTables(controllers: readonly MsiController[]): readonly MsiController[] {
  const first = new Map<bigint, string>()
  return controllers.map((controller) => {
    const { kind, address, key } = controller
    if (kind !== 'its' || address === undefined) return controller
    const earlier = first.get(address)
    if (earlier !== undefined) return { ...controller, deviceTable: earlier }
    first.set(address, key)
    return controller
  })
}

/** Every MSI controller of the machine that firmware describes or the architecture implies, in a stable order. */
export function msiControllersOf(context: KernelContext): ControllerList {
  return new ControllerList(controllersOf(context))
}

function controllersOf(context: KernelContext): readonly MsiController[] {
  switch (context.architecture) {
    case 'x86_64':
      return [architectural('x86-vector', { path: 'proc/cpuinfo' })]
    case 'arm64':
    case 'arm':
    case 'riscv64':
    case 'loongarch64':
      return withSharedTables([...msiControllersOfTree(context), ...msiControllersOfMadt(context)])
    case 's390x':
    case 'powerpc':
    case 'other':
    case undefined:
      return []
  }
}
