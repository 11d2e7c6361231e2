import { gicVersionOf } from '../../kernel/msi/msi-controllers-acpi.js'
import type { ControllerList } from '../../kernel/msi/controller-list.js'
import { compatibleOf } from '../../machine/devicetree.js'
import type { Fact } from '../../machine/fact.js'
import type { MadtTable } from '../../machine/madt.js'

/** Whether the GIC is one that cannot have an ITS; false where that is not known. */
export function gicIsV2(madt: Fact<MadtTable>, controllers: ControllerList): boolean {
  if (madt.state === 'known' && gicVersionOf(madt.value) === 2) return true
  return controllers.all.some(({ kind, node }) => {
    if (kind !== 'gicv2m' || !node?.parent) return false
    const compatible = compatibleOf(node.parent)
    return compatible.state === 'known' && !compatible.value.some((name) => name.includes('gic-v'))
  })
}
