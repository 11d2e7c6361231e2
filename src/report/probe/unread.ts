import { areaOf, placeOfPath } from '../../machine/evidence-areas.js'
import { placeOfNode } from '../../machine/devicetree.js'
import { unreadable, valueOr, type Fact } from '../../machine/fact.js'
import type { Machine } from '../../machine/machine.js'
import type { UnreadReport } from '../types.js'

/** Every fact of a machine that could have told something is shown to `look`; device-tree nodes are reached through the tree. */
function lookAtFacts(machine: Machine, look: (fact: Fact<unknown>) => void): void {
  const { kernel, acpi, interrupts } = machine
  const all = (...facts: readonly Fact<unknown>[]) => {
    for (const fact of facts) look(fact)
  }
  all(machine.functions, machine.groups, machine.iommus, machine.deviceTree)
  all(kernel.release, kernel.architecture, kernel.commandLine, kernel.configuration, kernel.loadedModules)
  all(kernel.modprobeOptions, kernel.deviceNodes, kernel.log)
  for (const parameter of kernel.parameters.values()) look(parameter.value)
  all(acpi.names, acpi.iort, acpi.madt, acpi.dmar, acpi.ivrs, acpi.viot, acpi.mcfg, acpi.rimt)
  all(interrupts.procInterrupts, interrupts.domains)
  for (const interrupt of interrupts.byNumber.values()) look(interrupt.chipName)
  for (const group of valueOr(machine.groups, [])) all(group.type, group.name, group.devices, group.reservedRegions)
  for (const iommu of valueOr(machine.iommus, [])) all(iommu.address, iommu.devices, iommu.extendedCapability)
  for (const fn of valueOr(machine.functions, [])) {
    all(fn.vendor, fn.device, fn.classCode, fn.revision, fn.configuration, fn.upstream, fn.rootBus, fn.driver)
    all(fn.iommuGroup, fn.iommu, fn.physicalFunction, fn.msiVectors, fn.deviceTreeNode)
    if (fn.configuration.state === 'known') all(fn.configuration.value.pcie, fn.configuration.value.acs)
  }
  if (machine.deviceTree.state === 'known') {
    for (const node of machine.deviceTree.value.byPath.values()) {
      if (node.incomplete !== undefined) look(unreadable(node.incomplete, placeOfNode(node)))
      for (const property of node.properties.values()) look(property)
    }
  }
}

function unreadAt(path: string, reason: UnreadReport['reason'], extent = 'whole'): UnreadReport {
  return { source: `/${path}`, area: placeOfPath(path), reason, extent }
}

/** What could not be read, each path once, sorted; of what was not collected the area, not every file of it. */
export function unreadOf(machine: Machine): readonly UnreadReport[] {
  const found = new Map<string, UnreadReport>()
  lookAtFacts(machine, (fact) => {
    if (fact.state !== 'unreadable') return
    for (const { path } of fact.from) {
      const area = fact.reason === 'not-collected' ? areaOf(path)?.source : undefined
      const source = area ?? path
      // A failure at the same place tells more than that it was not collected.
      if (area === undefined || !found.has(source)) found.set(source, unreadAt(source, fact.reason))
    }
  })
  const { log, logInPart } = machine.kernel
  if (logInPart !== undefined) {
    const extent = `${logInPart.unread} of ${logInPart.total} lines not read`
    for (const { path } of log.from) found.set(path, unreadAt(path, 'malformed', extent))
  }
  for (const { path, problem } of machine.passedOver ?? []) {
    if (!found.has(path)) found.set(path, unreadAt(path, 'malformed', problem))
  }
  return [...found.values()].sort((left, right) =>
    left.source < right.source ? -1 : left.source > right.source ? 1 : 0,
  )
}
