import type { Route, RouteMap } from '../../routes/route.js'
import type { Machine } from '../../machine/machine.js'
import type { PciFunction } from '../../machine/pci.js'
import type { SeenSoc } from './socs-with-smmu.js'
import type { TreeIommus } from './tree-iommus.js'
import type { Actor, Evidence, Reference } from '../rule.js'

/** What is missing; each has its own list of causes, in the order in which they are asked. */
export type CauseFamily =
  /** No IOMMU before the function, and none to come (rule IR105). */
  | 'missing-iommu'
  /** Firmware describes an IOMMU that no driver runs (rule IR106). */
  | 'undriven-iommu'
  /** Linux finds no MSI controller for the function (rule IR107). */
  | 'missing-msi-controller'
  /** The MSI controller takes any payload from anybody (rule IR108). */
  | 'unchecked-payload'
  /** x86 without interrupt remapping (rule IR108). */
  | 'missing-remapping'

/** What a cause found on a machine: the names that fill its templates, and the places that show it. */
export interface CauseDecision {
  readonly details?: Readonly<Record<string, string>>
  /** What decides it, the most telling first. */
  readonly evidence: readonly Evidence[]
}

/** What a cause may look at. */
export interface CauseSubject {
  readonly machine: Machine
  readonly routes: RouteMap
  /** The IOMMUs of the device tree; undefined without a tree. */
  readonly treeIommus: () => TreeIommus | undefined
  /** SMMUs of the IORT: 0 where it is not known. */
  readonly iortSmmus: () => number
  /** The processor that is known to have an SMMU before PCIe. */
  readonly socWithSmmu: () => SeenSoc | undefined
  /** By their segments, root ports of processors that are known to have no IOMMU before PCIe. */
  readonly portsWithoutIommu: () => ReadonlyMap<number, PciFunction>
  /** The GIC is one that cannot have an ITS. */
  readonly gicIsV2: () => boolean
}

interface CauseData {
  /** Stable, in kebab-case: scripts compare it. */
  readonly id: string
  readonly family: CauseFamily
  /** Who can take the remedy. */
  readonly actor: Actor
  readonly title: string
  /** Which evidence decides it, for the reference page. */
  readonly decidedBy: string
  /** A clause with {placeholders}, without full stop: it follows a colon. In lower case unless it begins with a name. */
  readonly summary: string
  /** An imperative sentence with {placeholders}: what would work here. `decide` holds where it is in force or cannot apply. */
  readonly remedy: string
  /** True where nothing that can be set removes it: steps for anything else the same functions lack do not help. */
  readonly lasting?: true
  /** Rules of tables and trees whose finding about the same functions says the same: they get this remedy. */
  readonly covers?: readonly `IR${number}`[]
  readonly references: readonly Reference[]
}

/** Decided once for the machine. */
export interface MachineCause extends CauseData {
  readonly scope: 'machine'
  decide(subject: CauseSubject): CauseDecision | undefined
}
/** Decided for each function that lacks something. */
export interface DeviceCause extends CauseData {
  readonly scope: 'device'
  decide(subject: CauseSubject, route: Route): CauseDecision | undefined
}

/**
 * Why something is missing: data with a decision from evidence. Undefined where it is not the cause here, or where that
 * cannot be told; and never a cause whose remedy is already in force.
 */
export type Cause = MachineCause | DeviceCause
