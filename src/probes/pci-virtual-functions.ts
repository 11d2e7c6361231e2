import { absentIn, type Fact } from '../machine/fact.js'
import type { Sysroot } from '../sysroot/sysroot.js'
import { damaged, readLinkedName, readMatching } from './attribute.js'
import type { PciFunctionReading } from './pci-function-reading.js'

/** SR-IOV counts of a PF, and the VFs that its `virtfnN` links name. */
export interface PhysicalFunctionReading {
  readonly numVfs: Fact<number>
  readonly totalVfs: Fact<number>
  readonly virtualFunctions: readonly string[]
  /** True when some link could not be read, so that a VF missing here proves nothing. */
  readonly incomplete: boolean
}

function mayHaveVirtualFunctions({ configuration, physicalFunction }: PciFunctionReading): boolean {
  if (physicalFunction.state === 'known') return false
  return configuration.state !== 'known' || configuration.value.sriov.state !== 'absent'
}

/**
 * Reads the counts and `virtfn0…`. `limit` bounds the links: each VF is a listed function. Undefined where all functions
 * together name more than machines have.
 */
export function readPhysicalFunction(
  sysroot: Sysroot,
  reading: PciFunctionReading,
  limit: number,
): PhysicalFunctionReading | undefined {
  const { directory, configuration } = reading
  if (!mayHaveVirtualFunctions(reading)) {
    const none = absentIn(directory, 'sriov_numvfs')
    return { numVfs: none, totalVfs: none, virtualFunctions: [], incomplete: false }
  }
  const numVfs = readMatching(sysroot, directory, 'sriov_numvfs', /^\d{1,5}$/, Number)
  const totalVfs = readMatching(sysroot, directory, 'sriov_totalvfs', /^\d{1,5}$/, Number)
  const sriov = configuration.state === 'known' ? configuration.value.sriov : undefined
  const inRegisters = sriov?.state === 'known' && sriov.value.vfEnabled ? sriov.value.numVfs : 0
  const count = Math.min(numVfs.state === 'known' ? numVfs.value : inRegisters, limit)
  if (!sysroot.budget.take('virtualFunctions', count)) return undefined
  const virtualFunctions: string[] = []
  let incomplete = false
  for (let index = 0; index < count; index += 1) {
    const link = readLinkedName(sysroot, directory, `virtfn${index}`, /^\.\.\/(?:.*\/)?[^/]+$/)
    if (link.state === 'known') virtualFunctions.push(link.value)
    else if (link.state === 'unreadable') incomplete = true
  }
  return { numVfs, totalVfs, virtualFunctions, incomplete }
}

/**
 * A function's PF: its `physfn` link joined with the PFs' `virtfnN`. A link that no PF confirms, or a PF's claim without
 * a link, is a contradiction; a VF never turns into an ordinary function because its link is gone.
 */
export function physicalFunctionOf(
  { name, physicalFunction }: PciFunctionReading,
  claims: ReadonlyMap<string, readonly string[]>,
  physicalFunctions: ReadonlyMap<string, PhysicalFunctionReading>,
): Fact<string> {
  const claimants = claims.get(name) ?? []
  switch (physicalFunction.state) {
    case 'unreadable':
      return physicalFunction
    case 'absent':
      return claimants.length === 0 ? physicalFunction : damaged(physicalFunction)
    case 'known': {
      const owner = physicalFunctions.get(physicalFunction.value)
      const confirmed = claimants.length === 1 && claimants[0] === physicalFunction.value
      const unheard = claimants.length === 0 && owner?.incomplete === true
      return owner && physicalFunction.value !== name && (confirmed || unheard)
        ? physicalFunction
        : damaged(physicalFunction)
    }
  }
}
