import { MASKED_FIRMWARE } from '../machine/evidence-areas.js'
import { unreadable, valueOr, type Fact } from '../machine/fact.js'
import type { Machine } from '../machine/machine.js'
import type { Sysroot } from '../sysroot/sysroot.js'
import { probeAcpi, tableBytesOf } from './acpi/tables.js'
import { damaged, readLines } from './attribute.js'
import { probeDeviceTree } from './devicetree/tree.js'
import { bindingProperties } from './devicetree/wanted-properties.js'
import { coverageOf, coveredSysroot } from './coverage.js'
import { FIRMWARE_PARSERS, type FirmwareParsers } from './firmware-parsers.js'
import { probeFirmwareIdentity } from './firmware-identity.js'
import { probeInterrupts } from './interrupts.js'
import { probeIommuInstances } from './iommu-class.js'
import { probeIommuGroups } from './iommu-groups.js'
import { probeKernel } from './kernel.js'
import { membershipsOf } from './membership.js'
import { probePciNames } from './pci-names.js'
import { probePciFunctions } from './pci.js'
import { probePlatformDevices } from './platform.js'
import { probeProcInterrupts } from './proc-interrupts.js'
import { confirmedInstances, confirmedTables } from './second-witnesses.js'
import { probeDmi, probeVirtualization } from './virtualization.js'

const MASK = { path: MASKED_FIRMWARE }

/** A directory that is gone although functions have links into it, which is why those are unreadable, was damaged. */
function referred<T>(fact: Fact<T>, links: readonly Fact<string>[]): Fact<T> {
  return fact.state === 'absent' && links.some((link) => link.state === 'unreadable') ? damaged(fact) : fact
}

/**
 * Reads one machine, live or captured. Never throws for what it finds: every gap is a fact of the result.
 *
 * @param parsers what is done with the bytes of tables and blobs
 */
export function probeMachine(whole: Sysroot, parsers: FirmwareParsers = FIRMWARE_PARSERS): Machine {
  const coverage = coverageOf(whole)
  const sysroot = coveredSysroot(whole, coverage)
  const deviceTree = probeDeviceTree(sysroot, bindingProperties, parsers.deviceTreeBlob)
  const cpuinfo = readLines(sysroot, 'proc', 'cpuinfo')
  const kernel = probeKernel(sysroot, cpuinfo, coverage)
  const procInterrupts = probeProcInterrupts(sysroot)
  const groups = probeIommuGroups(sysroot)
  const iommus = confirmedInstances(probeIommuInstances(sysroot, deviceTree), groups)
  const bytesOf = tableBytesOf(sysroot)
  const tables = probeAcpi(sysroot, kernel.logInPart?.lines ?? valueOr(kernel.log, []), parsers, bytesOf)
  // The mask is what explains why no table is listed.
  const names = coverage.masked ? unreadable('not-collected', ...tables.names.from, MASK) : tables.names
  const acpi = confirmedTables({ ...tables, names }, { groups, iommus, procInterrupts, deviceTree })
  const inGroups = membershipsOf(groups, (group) => group.id)
  const functions = probePciFunctions(sysroot, {
    groups: inGroups,
    iommus: membershipsOf(iommus, (instance) => instance.name),
    tree: deviceTree,
    procInterrupts,
  })
  const dmi = probeDmi(sysroot)
  return {
    origin: sysroot.origin,
    passedOver: whole.passedOver ?? [],
    kernel,
    virtualization: probeVirtualization(sysroot, dmi, cpuinfo, functions, acpi, deviceTree, kernel),
    dmi,
    firmware: probeFirmwareIdentity(sysroot, bytesOf, acpi, deviceTree),
    functions,
    pciNames: probePciNames(sysroot, functions),
    groups: referred(
      groups,
      valueOr(functions, []).map(({ iommuGroup }) => iommuGroup),
    ),
    iommus: referred(
      iommus,
      valueOr(functions, []).map(({ iommu }) => iommu),
    ),
    platformDevices: probePlatformDevices(sysroot, groups, iommus, inGroups, deviceTree),
    interrupts: probeInterrupts(sysroot, functions, procInterrupts),
    acpi,
    deviceTree,
  }
}
