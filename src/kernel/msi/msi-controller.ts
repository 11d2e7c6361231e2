import type { DeviceTreeNode } from '../../machine/devicetree.js'
import type { Provenance } from '../../machine/fact.js'
import type { Answer, MsiControllerKind } from '../../machine/kinds.js'

/** Offsets of the doorbell registers from a controller's register base, in bytes (GITS_TRANSLATER, MSI_SETSPI_NS, GICD_SETSPI_NSR). */
export const DOORBELL = { its: 0x10040n, gicv2m: 0x40n, distributor: 0x40n } as const

/** An MSI controller that firmware describes, or that the architecture has. */
export interface MsiController {
  /** Unique within the machine. */
  readonly key: string
  readonly kind: MsiControllerKind
  /** Names the table that its DeviceIDs index, where another controller of the machine may index the same one. */
  readonly deviceTable?: string
  /** GIC ITS id (ACPI), node path (device tree), `none` where the architecture has just one. */
  readonly id: string
  /** Register base, as far as it can be told. */
  readonly address: bigint | undefined
  /** Physical address that a device writes an MSI to. */
  readonly doorbell: bigint | undefined
  readonly node: DeviceTreeNode | undefined
  /** Whether its domain carries the flag: the payload is looked up by the sender's id. */
  readonly payloadChecked: Answer
  /** Device-tree property of a pre-ITS, which lets the written address choose the DeviceID. */
  readonly preIts: Answer
  /** Whether this kernel has an MSI domain of it. */
  readonly registered: Answer
  /** A log line, domain or interrupt shows that the kernel brought it up. */
  readonly probed: Answer
  readonly from: readonly Provenance[]
}

/** What DeviceIDs are compared within: translate frames of one GICv5 ITS, and an ITS listed twice, share a table. */
export function deviceTableOf({ key, deviceTable }: MsiController): string {
  return deviceTable ?? key
}
