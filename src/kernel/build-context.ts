import type { Machine } from '../machine/machine.js'
import { viewOf, type KernelContext } from './context.js'
import { segmentsWithUnit } from './iommu/dmar-units.js'
import { drivenIommus } from './iommu/driven-iommus.js'
import { startedSmmus } from './iommu/started-smmus.js'
import { MapReadings } from './devicetree/of-map-id.js'
import { regionsByGroup } from './iommu/group-regions.js'
import { IortPlaces } from './iort/iort-places.js'
import { directStreams } from './iort/iort-regions.js'
import { drivesIoApics, segmentsWithoutGroups } from './iommu/groupless.js'
import { viotIommus } from './iommu/viot-iommus.js'
import { flagsOfDomains } from './msi/domains-in-use.js'
import { gicWithoutIts } from './msi/gic-without-its.js'
import { itsSigns } from './msi/its-signs.js'
import { componentsIsolated } from './msi/platform-msi.js'
import { interruptRemapping, remappingWitnesses } from './msi/x86-remapping.js'
import { once } from './once.js'
import { remappingByLog } from './x86/remapping-log.js'

/** The context of the running kernel, or of `release` in its place: built once for a machine and a release, and passed on. */
export function contextOf(machine: Machine, release?: string): KernelContext {
  const view = viewOf(machine, release)
  return {
    ...view,
    drivenIommus: once(() => drivenIommus(machine)),
    viotIommus: once(() => viotIommus(machine.acpi.viot, view.functions)),
    segmentsWithUnit: once(() => segmentsWithUnit(machine.acpi.dmar)),
    segmentsWithoutGroups: once(() => segmentsWithoutGroups(view)),
    drivesIoApics: once(() => drivesIoApics(view)),
    startedSmmus: once(() => startedSmmus(view.log, machine.acpi.iort)),
    remappingByLog: once(() => remappingByLog(view)),
    iortPlaces: new IortPlaces(),
    mapReadings: new MapReadings(),
    regionsOf: regionsByGroup(),
    directStreams: once(() => directStreams(machine.acpi.iort)),
    componentsIsolated: once(() => componentsIsolated(machine.acpi.iort)),
    gicWithoutIts: once(() => gicWithoutIts(view)),
    itsSigns: once(() => itsSigns(view)),
    interruptRemapping: once(() => interruptRemapping(view)),
    remappingWitnesses: once(() => remappingWitnesses(view)),
    domainFlags: flagsOfDomains(machine.interrupts.domains),
  }
}
