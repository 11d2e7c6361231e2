import { areaOf, placeOfPath } from '../../machine/evidence-areas.js'
import { placeOfNode } from '../../machine/devicetree.js'
import type { Fact } from '../../machine/fact.js'
import type { Machine } from '../../machine/machine.js'
import type { UnreadReport } from '../types.js'

/** Every fact of a machine that could have told something; device-tree nodes are reached through the tree. */
function* factsOf(machine: Machine): Generator<Fact<unknown>> {
  const { kernel, acpi, interrupts } = machine
  yield* [machine.functions, machine.groups, machine.iommus, machine.deviceTree]
  yield* [kernel.release, kernel.architecture, kernel.commandLine, kernel.configuration, kernel.loadedModules]
  yield* [kernel.modprobeOptions, kernel.deviceNodes, kernel.log]
  for (const parameter of kernel.parameters.values()) yield parameter.value
  yield* [acpi.names, acpi.iort, acpi.madt, acpi.dmar, acpi.ivrs, acpi.viot, acpi.mcfg, acpi.rimt]
  yield* [interrupts.procInterrupts, interrupts.domains]
  for (const interrupt of interrupts.byNumber.values()) yield interrupt.chipName
  if (machine.groups.state === 'known') {
    for (const group of machine.groups.value) yield* [group.type, group.name, group.devices, group.reservedRegions]
  }
  if (machine.iommus.state === 'known') {
    for (const iommu of machine.iommus.value) yield* [iommu.address, iommu.devices, iommu.extendedCapability]
  }
  if (machine.functions.state === 'known') {
    for (const fn of machine.functions.value) {
      yield* [fn.vendor, fn.device, fn.classCode, fn.revision, fn.configuration, fn.upstream, fn.rootBus, fn.driver]
      yield* [fn.iommuGroup, fn.iommu, fn.physicalFunction, fn.msiVectors, fn.deviceTreeNode]
      if (fn.configuration.state === 'known') yield* [fn.configuration.value.pcie, fn.configuration.value.acs]
    }
  }
  if (machine.deviceTree.state === 'known') {
    for (const node of machine.deviceTree.value.byPath.values()) {
      if (node.incomplete !== undefined)
        yield { state: 'unreadable', reason: node.incomplete, from: [placeOfNode(node)] }
      yield* node.properties.values()
    }
  }
}

function unreadAt(path: string, reason: UnreadReport['reason'], extent = 'whole'): UnreadReport {
  return { source: `/${path}`, area: placeOfPath(path), reason, extent }
}

/** What could not be read, each path once, sorted; of what was not collected the area, not every file of it. */
export function unreadOf(machine: Machine): readonly UnreadReport[] {
  const found = new Map<string, UnreadReport>()
  for (const fact of factsOf(machine)) {
    if (fact.state !== 'unreadable') continue
    for (const { path } of fact.from) {
      const area = fact.reason === 'not-collected' ? areaOf(path)?.source : undefined
      const source = area ?? path
      // A failure at the same place tells more than that it was not collected.
      if (area === undefined || !found.has(source)) found.set(source, unreadAt(source, fact.reason))
    }
  }
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
