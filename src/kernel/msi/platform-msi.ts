import type { Fact } from '../../machine/fact.js'
import type { IortNode, IortTable } from '../../machine/iort.js'
import type { PlatformDevice } from '../../machine/iommu.js'
import type { Answer } from '../../machine/kinds.js'
import type { KernelContext } from '../context.js'
import { msiParentsOf } from '../devicetree/of-msi-parent.js'
import { iortNodeAt } from '../iort/iort-walk.js'
import type { ControllerList } from './controller-list.js'

/** Objects on the fsl-mc bus: `dpni.3`, `dprc.1`. Their domain is the one that the bus takes from an ITS. */
const FSL_MC_OBJECT = /^dp[a-z]{2,6}\.\d{1,5}$/

/** Whether the ids of some named component lead to an ITS group, however many nodes are between. */
function leadsToIts(iort: IortTable): boolean {
  const seen = new Set<number>()
  const next: IortNode[] = iort.nodes.filter(({ type }) => type === 'named-component')
  for (let node = next.pop(); node; node = next.pop()) {
    if (seen.has(node.offset)) continue
    seen.add(node.offset)
    if (node.type === 'its-group' || node.type === 'iwb') return true
    for (const { outputReference } of node.mappings) {
      const target = iortNodeAt(iort, outputReference)
      if (target) next.push(target)
    }
  }
  return false
}

/** Which named component the device is only the DSDT tells: where none has a domain, the device has none. */
export function componentsIsolated(iort: Fact<IortTable>): Answer {
  if (iort.state === 'absent') return 'no'
  if (iort.state === 'unreadable') return 'unknown'
  return leadsToIts(iort.value) ? 'unknown' : 'no'
}

function underTree(context: KernelContext, controllers: ControllerList, path: string): Answer {
  const { deviceTree } = context.machine
  if (deviceTree.state !== 'known') return 'unknown'
  const node = deviceTree.value.byPath.get(path)
  if (!node) return 'unknown'
  const { parents, end } = msiParentsOf(deviceTree.value, node, context.release, 'platform')
  for (const parent of parents) {
    const controller = controllers.ofNode(parent.node)
    if (!controller || controller.registered === 'no') continue
    return controller.registered === 'yes' ? controller.payloadChecked : 'unknown'
  }
  return end === 'unreadable' ? 'unknown' : 'no'
}

/**
 * Whether the MSI domain of a device other than a PCI function isolates: it has one only by `msi-parent`, or by a named
 * component of the IORT.
 * Source: K: drivers/of/irq.c, `of_msi_configure`; drivers/acpi/arm64/iort.c, `acpi_configure_pmsi_domain`;
 * drivers/bus/fsl-mc/fsl-mc-msi.c, `fsl_mc_find_msi_domain`; kernel-decision.md section 1.
 */
export function platformMsiIsolated(
  context: KernelContext,
  controllers: ControllerList,
  { name, deviceTreeNode }: PlatformDevice,
): Answer {
  if (context.architecture !== 'arm64' && context.architecture !== 'riscv64') return 'no'
  if (FSL_MC_OBJECT.test(name)) return 'unknown'
  if (deviceTreeNode.state === 'unreadable') return 'unknown'
  return deviceTreeNode.state === 'known'
    ? underTree(context, controllers, deviceTreeNode.value)
    : context.componentsIsolated()
}
