import { idsOf, type PciFunction } from '../../machine/pci.js'
import { msiInUse } from './chips-in-use.js'
import type { KernelContext } from '../context.js'
import { decided, doubtOf, undecided } from '../decision.js'
import { none, type Described } from './described-msi.js'
import { hasUnit } from '../iommu/dmar-units.js'
import { realDmaDevice } from '../pci/dma-alias.js'
import type { ControllerList } from './controller-list.js'
import type { MsiController } from './msi-controller.js'

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

/**
 * x86: the vector domain, or the remapping unit's where remapping is on, which takes every domain away from a function
 * that no unit is for (K: intel_irq_remap_add_device, map_dev_to_ir).
 */
export function onX86(context: KernelContext, fn: PciFunction, controllers: ControllerList): Described {
  const [vector] = controllers.all
  if (!vector) return undecided('controller-unknown')
  if (context.machine.virtualization.hypervisor === 'hyper-v')
    return undecided('hypervisor-decides', context.machine.virtualization.evidence.from)
  // A domain number above 16 bits is made by a VMD, whose children keep a domain without a parent.
  if (fn.address.segment > 0xffff && !passesMsisOn(context, fn)) return undecided('behind-vmd', fn.configuration.from)
  const plain = decided(
    { controller: vector, payloadChecked: 'no' as const, deviceId: undefined, from: vector.from },
    vector.from,
  )
  const remapping = context.interruptRemapping()
  // Where nothing is remapped, no function is, whatever it is.
  if (remapping.state === 'decided' && remapping.value === 'off')
    return decided({ ...plain.value, from: remapping.from }, remapping.from)
  // The AMD IOMMU's own function keeps the vector domain.
  if (fn.classCode.state === 'unreadable') return doubtOf(fn.classCode)
  if (fn.classCode.state === 'known' && fn.classCode.value >> 8 === 0x0806) return plain
  if (remapping.state === 'undecided') return remapping
  const { dmar } = context.machine.acpi
  if (dmar.state === 'known' && !hasUnit(context.segmentsWithUnit(), context.topology, fn)) return none(dmar.from)
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
