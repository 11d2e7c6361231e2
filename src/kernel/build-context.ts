import type { Machine } from '../machine/machine.js'
import { viewOf, type KernelContext } from './context.js'
import { segmentsWithUnit } from './iommu/dmar-units.js'
import { drivenIommus } from './iommu/driven-iommus.js'
import { startedSmmus } from './iommu/started-smmus.js'
import { segmentsWithoutGroups } from './iommu/groupless.js'
import { viotIommus } from './iommu/viot-iommus.js'
import { flagsOfDomains } from './msi/domains-in-use.js'
import { gicWithoutIts } from './msi/gic-without-its.js'
import { itsSigns } from './msi/its-signs.js'
import { interruptRemapping, remappingWitnesses } from './msi/x86-remapping.js'
import { remappingByLog } from './x86/remapping-log.js'

/** The answer of `decide`, which is asked at the first question and never again. */
function once<T>(decide: () => T): () => T {
  let answer: { readonly value: T } | undefined
  return () => (answer ??= { value: decide() }).value
}

/** The context of the running kernel, or of `release` in its place: built once for a machine and a release, and passed on. */
export function contextOf(machine: Machine, release?: string): KernelContext {
  const view = viewOf(machine, release)
  return {
    ...view,
    drivenIommus: once(() => drivenIommus(machine)),
    viotIommus: once(() => viotIommus(machine.acpi.viot, view.functions)),
    segmentsWithUnit: once(() => segmentsWithUnit(machine.acpi.dmar)),
    segmentsWithoutGroups: once(() => segmentsWithoutGroups(view)),
    startedSmmus: once(() => startedSmmus(view.log, machine.acpi.iort)),
    remappingByLog: once(() => remappingByLog(view)),
    gicWithoutIts: once(() => gicWithoutIts(view)),
    itsSigns: once(() => itsSigns(view)),
    interruptRemapping: once(() => interruptRemapping(view)),
    remappingWitnesses: once(() => remappingWitnesses(view)),
    domainFlags: flagsOfDomains(machine.interrupts.domains),
  }
}
