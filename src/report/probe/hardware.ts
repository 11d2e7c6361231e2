import type { Fact } from '../../machine/fact.js'
import { requesterIdOf } from '../../machine/identifiers.js'
import type { ConfigurationSpace, PciFunction } from '../../machine/pci.js'
import { nameText } from '../name-text.js'
import type { HardwareReport, MsiCapabilityReport } from '../assignment-types.js'

const NOT_THERE: MsiCapabilityReport = { present: 'no', enabled: 'no', vectors: 0 }
const NOT_TOLD: MsiCapabilityReport = { present: 'unknown', enabled: 'unknown', vectors: 'unknown' }

/** A capability that may be missing, be there, or not be known. */
function capability<T extends { readonly enabled: boolean }>(
  configuration: Fact<ConfigurationSpace>,
  select: (space: ConfigurationSpace) => Fact<T>,
  vectors: (found: T) => number,
): MsiCapabilityReport {
  const fact = configuration.state === 'known' ? select(configuration.value) : configuration
  switch (fact.state) {
    case 'known':
      return { present: 'yes', enabled: fact.value.enabled ? 'yes' : 'no', vectors: vectors(fact.value) }
    case 'absent':
      return NOT_THERE
    case 'unreadable':
      return NOT_TOLD
  }
}

/**
 * The place of a VF among those of its PF, from 0, by the RequesterIDs that the PF's SR-IOV capability gives its VFs
 * (PCIe, First VF Offset and VF Stride).
 */
function virtualFunctionIndex(
  fn: PciFunction,
  functions: ReadonlyMap<string, PciFunction>,
): number | 'none' | 'unknown' {
  if (fn.physicalFunction.state !== 'known') return fn.physicalFunction.state === 'absent' ? 'none' : 'unknown'
  const physical = functions.get(fn.physicalFunction.value)
  const sriov = physical?.configuration.state === 'known' ? physical.configuration.value.sriov : undefined
  if (!physical || sriov?.state !== 'known') return 'unknown'
  const { firstVfOffset, vfStride } = sriov.value
  const beyond = requesterIdOf(fn.address) - requesterIdOf(physical.address) - firstVfOffset
  if (beyond === 0) return 0
  const index = beyond / vfStride
  return vfStride > 0 && Number.isInteger(index) && index > 0 ? index : 'unknown'
}

/** What a function has and is, apart from any verdict. */
export function hardwareReport(fn: PciFunction, functions: ReadonlyMap<string, PciFunction>): HardwareReport {
  const { configuration, msiVectors, numaNode } = fn
  return {
    msi: capability(
      configuration,
      ({ msi }) => msi,
      ({ maximumVectors }) => maximumVectors,
    ),
    msix: capability(
      configuration,
      ({ msix }) => msix,
      ({ tableSize }) => tableSize,
    ),
    vectorsInUse:
      msiVectors.state === 'known' ? msiVectors.value.length : msiVectors.state === 'absent' ? 0 : 'unknown',
    upstream: fn.upstream.state === 'known' ? fn.upstream.value : fn.upstream.state === 'absent' ? [] : 'unknown',
    physicalFunction: nameText(fn.physicalFunction),
    virtualFunctionIndex: virtualFunctionIndex(fn, functions),
    numaNode:
      numaNode.state === 'known'
        ? numaNode.value < 0
          ? 'none'
          : numaNode.value
        : numaNode.state === 'absent'
          ? 'none'
          : 'unknown',
    driverOverride: nameText(fn.driverOverride),
    vfioDevice: nameText(fn.vfioDevice),
  }
}
