import type { Provenance } from '../../machine/fact.js'

/** What keeps interrupt remapping off, each a condition of the kernel's own. */
export type RemappingObstacle =
  /** CONFIG_IRQ_REMAP is not set. */
  | 'not-built'
  /** The driver of the machine's IOMMU is not built. */
  | 'driver-not-built'
  | 'command-line'
  /** The chipset has the erratum of Intel 5500, 5520 and X58. */
  | 'chipset-erratum'
  /** Linux leaves the AMD IOMMU alone beside the graphics of Stoney Ridge. */
  | 'stoney-ridge'
  | 'no-table'
  /** The table has an error for which Linux refuses all of it. */
  | 'table-refused'
  /** A unit at which nothing answers. */
  | 'unit-silent'
  /** DMAR flag INTR_REMAP is 0. */
  | 'flag-clear'
  | 'io-apic-in-no-scope'
  /** More IO-APICs or HPETs in device scopes than Linux keeps. */
  | 'scope-without-room'
  | 'io-apic-not-in-ivrs'
  | 'southbridge-not-named'
  /** A unit without the capability. */
  | 'unit-cannot-remap'
  /** Xen drives no IOMMU, or does not remap with the one it drives. */
  | 'xen-io-virtualisation'
  | 'xen-remapping'
  /** The interrupts in use, or a line of the log that gives no reason. */
  | 'observed'

/** One witness for or against remapping. */
export type RemappingWitness =
  | { readonly says: 'on'; readonly from: Provenance }
  | { readonly says: 'off'; readonly obstacle: RemappingObstacle; readonly from: Provenance }

/** A witness against remapping. */
export function against(obstacle: RemappingObstacle, from: Provenance): RemappingWitness {
  return { says: 'off', obstacle, from }
}

/** The driver whose remapping the running kernel says is on, and where. */
export interface RemappingByLog {
  readonly kind: 'vt-d' | 'amd-vi'
  readonly from: Provenance
}
