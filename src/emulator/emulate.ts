import { applyFaults } from './faults.js'
import { writeAcpiTables } from './firmware/firmware-acpi.js'
import { writeDeviceTree } from './firmware/firmware-devicetree.js'
import { writeInterruptDomains } from './files/interrupt-domains.js'
import { writeInterruptFiles } from './files/interrupt-files.js'
import { writeIommuFiles } from './files/iommu-files.js'
import { writeKernelFiles } from './files/kernel-files.js'
import type { MachineDescription } from './machine-description.js'
import { writePciFiles } from './files/pci-files.js'
import { planMachine } from './plan/plan.js'
import { SysfsBuilder, type EmulatedTree } from './sysfs-builder.js'

/**
 * The files that a machine of this description would show: sysfs, procfs, firmware, interrupts, log. Damage comes last.
 * Throws RangeError for a description that names what is not there; `parseMachineDescription` finds such names first.
 */
export function emulateMachine(machine: MachineDescription): EmulatedTree {
  const plan = planMachine(machine)
  const builder = new SysfsBuilder()
  writePciFiles(plan, builder)
  writeIommuFiles(plan, builder)
  writeInterruptFiles(plan, builder)
  writeKernelFiles(plan, builder)
  switch (machine.firmware) {
    case 'acpi':
      writeAcpiTables(plan, builder)
      break
    case 'devicetree':
      writeDeviceTree(plan, builder)
      break
    case 'none':
      break
  }
  if (machine.kernel.debugfs) writeInterruptDomains(plan, builder)
  const tree = builder.tree()
  applyFaults(tree, machine.faults ?? [])
  return tree
}
