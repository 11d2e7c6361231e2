import type { Provenance } from '../../machine/fact.js'

/** DeviceIDs that one origin's devices may have at an ITS; both ends inclusive. */
export interface DeviceIdRange {
  /** Key of the MSI controller. */
  readonly its: string
  readonly first: number
  readonly last: number
  /** Root complex or device that they belong to: the same text for all of its ranges. */
  readonly owner: string
  /** `device`: a described device that is no PCI function, which is taken to be there. */
  readonly kind: 'root-complex' | 'device'
  readonly from: Provenance
}

export interface DeviceIdRanges {
  readonly ranges: readonly DeviceIdRange[]
  /** Places that may hold further ranges and cannot be read. */
  readonly unread: readonly Provenance[]
}
