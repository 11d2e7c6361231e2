import type {
  IfConfirmedReport,
  AssignableReport,
  HardwareReport,
  InterfaceReport,
  ObstacleCode,
} from './assignment-types.js'
import type { GateSummary } from './gate/gate-report.js'
import type { GateErrno, GateOutcome, GateRule } from '../kernel/gate.js'
import type { EvidencePlace } from '../machine/evidence-areas.js'
import type { Answer, IommuKind, MsiControllerKind, Strength } from '../machine/kinds.js'
import type { Actor, Effect, Severity } from '../rules/rule.js'
import type { Reason, Verdict } from '../rules/verdict.js'

export type { GateErrno, GateOutcome, GateRule } from '../kernel/gate.js'
export type { Answer, IommuKind, MsiControllerKind, Strength } from '../machine/kinds.js'
export type { Actor, Effect, Severity } from '../rules/rule.js'
export type { Reason, Verdict } from '../rules/verdict.js'

/** The report: docs/ and `intremap schema` hold the contract. Plain data; unknown is a string, never null. */
export type Role = 'endpoint' | 'bridge' | 'iommu' | 'chipset'
/** Hardware ids as lower-case hex strings; `unknown` when they cannot be told. */
export type IdList = readonly string[] | 'unknown'

export interface GateReport {
  readonly outcome: GateOutcome
  readonly errno: GateErrno
}
export interface Obstacle {
  readonly code: ObstacleCode
  readonly interface: 'vfioType1' | 'iommufd' | 'both'
  readonly errno: GateErrno
}
export interface DeviceReport {
  readonly address: string
  /** What lspci calls it, vendor first; absent when unknown. */
  readonly name?: string | undefined
  readonly role: Role
  readonly vendorId: string
  readonly deviceId: string
  readonly classCode: string
  readonly driver: string
  readonly iommuGroup: string
  readonly verdict: Verdict
  /** The weaker of it and that of its group, as the group is once the function is handed out: what the exit code follows. */
  readonly effectiveVerdict: Verdict
  readonly strength: Strength
  readonly reason: Reason
  readonly chain: {
    readonly requesterIds: IdList
    readonly iommu: {
      readonly kind: IommuKind
      readonly name: string
      readonly streamIds: IdList
      readonly hostDomain: string
    }
    readonly msiController: {
      readonly kind: MsiControllerKind
      readonly id: string
      readonly doorbell: string
      readonly deviceIds: IdList
    }
    readonly msiWindow: {
      readonly kind: 'software' | 'hardware' | 'none' | 'unknown'
      readonly start: string
      readonly end: string
    }
  }
  readonly kernel: { readonly isolatedMsi: Answer; readonly vfioType1: GateReport; readonly iommufd: GateReport }
  readonly obstacles: readonly Obstacle[]
  readonly hardware: HardwareReport
  readonly assignable: AssignableReport
  /** Of a verdict that only rights are missing for: what it would be at best. `none` elsewhere. */
  readonly ifConfirmed: IfConfirmedReport | 'none'
  /** Why an IOMMU or a check of its interrupts is missing; `none` where nothing is, `unknown` where that is not known. */
  readonly cause: CauseReport | 'none' | 'unknown'
  readonly findings: readonly string[]
}
/** Why something is missing before a function, and what would bring it. */
export interface CauseReport {
  /** Stable, in kebab-case. */
  readonly id: string
  readonly summary: string
  readonly evidence: readonly EvidenceReport[]
  readonly actor: Actor
  readonly remedy: string
  /** True where nothing that can be set on this machine removes it. */
  readonly lasting: boolean
}
export interface GroupReport {
  readonly id: string
  readonly type: string
  readonly verdict: Verdict
  readonly isolatedMsi: Answer
  readonly viable: Answer
  /** Members whose driver keeps the group from user space. */
  readonly holders: readonly { readonly device: string; readonly driver: string }[]
  readonly devices: readonly string[]
  /** `unknown` where nobody listed the members: there may be others. */
  readonly membersComplete: 'yes' | 'unknown'
  readonly reservedRegions:
    | readonly { readonly start: string; readonly end: string; readonly type: string }[]
    | 'unknown'
}
/** A device that is no PCI function and that a group holds or an IOMMU serves; it gets no verdict. */
export interface PlatformDeviceReport {
  readonly name: string
  readonly driver: string
  readonly iommuGroup: string
  /** Instance in /sys/class/iommu that serves it. */
  readonly iommu: string
}
export interface IommuReport {
  readonly kind: IommuKind
  readonly name: string
  readonly address: string
  readonly described: Answer
  readonly probed: Answer
  readonly devices: readonly string[]
}
export interface MsiControllerReport {
  readonly kind: MsiControllerKind
  readonly id: string
  readonly address: string
  readonly described: Answer
  readonly probed: Answer
  readonly inUse: Answer
  readonly devices: readonly string[]
}
/** Bytes from the start of a file, with the node of the device tree that they are of. */
interface BytesReport {
  readonly offset: number
  readonly length: number
  readonly node?: string | undefined
}
/** A place in a file: bytes; a line, counted from 1; or a node of a device tree that has a file for each property. */
export type PlaceReport = BytesReport | { readonly line: number } | { readonly node: string }
export interface EvidenceReport {
  readonly source: string
  /** `at` in words. */
  readonly locator: string
  /** Absent where it is about the whole file. */
  readonly at?: PlaceReport
  readonly value: string
}
export interface FindingReport {
  readonly rule: string
  readonly severity: Severity
  /** `fail`, or `unknown` where the rule could not know. */
  readonly outcome: 'fail' | 'unknown'
  /** What it does to the verdict of those functions. */
  readonly effect: Effect
  readonly subject: string
  /** Functions whose verdict it touches. */
  readonly devices: readonly string[]
  readonly summary: string
  readonly evidence: readonly EvidenceReport[]
  readonly actor: Actor
  readonly remedy: string
  /** The cause that the remedy answers, for all of `devices` together. */
  readonly cause: { readonly id: string; readonly summary: string; readonly lasting: boolean } | 'none'
  readonly references: readonly string[]
}
/** A file that could not be read, or an area that was not collected, and why. */
export interface UnreadReport {
  readonly source: string
  /** What it is evidence of. Reports of versions before this field lack it. */
  readonly area: EvidencePlace
  readonly reason: 'permission' | 'io' | 'malformed' | 'too-large' | 'not-collected'
  /** How much of it could not be read: `whole`, or in words. */
  readonly extent: string
}
/** One thing that was recognised among the evidence. */
export interface InputReport {
  readonly file: string
  readonly kind: string
  /** Its size, and how much of it told something, both counted in `unit`. */
  readonly total: number
  readonly used: number
  readonly unit: 'lines' | 'functions' | 'groups' | 'tables' | 'machine'
}
/** A piece of evidence that is missing. */
export interface NextPiece {
  /** What it is: `kernel log`. */
  readonly what: string
  /** To run on the machine. */
  readonly command: string
  /** What it would tell. */
  readonly tells: string
}
/** A line of the log by which a device was not handed out, and what it means. */
export interface RefusalReport {
  readonly line: string
  readonly says: string
  /** File and function that print it. */
  readonly source: string
}
export interface Report {
  readonly schema: 'intremap/report'
  readonly schemaVersion: string
  readonly tool: { readonly name: 'intremap'; readonly version: string; readonly ruleset: string }
  readonly source: { readonly kind: 'live' | 'sysroot' | 'bundle' | 'emulated'; readonly name: string }
  /** What was recognised, where evidence was told by its content. */
  readonly inputs?: readonly InputReport[] | undefined
  /** The one further piece of evidence that would decide most, where texts tell only a part. */
  readonly nextPiece?: NextPiece | 'none' | undefined
  /** Refusals that the log among the evidence shows, each kind once. */
  readonly refusals?: readonly RefusalReport[] | undefined
  readonly platform: {
    readonly architecture: string
    readonly firmware: 'acpi' | 'devicetree' | 'acpi+devicetree' | 'none' | 'unknown'
    readonly kernelRelease: string
    readonly kernelReleaseObserved: string
    readonly gateRule: GateRule
    readonly gateRelease: string
    readonly virtualized: Answer
    /** Names are `redacted` where they could name an owner. */
    readonly machine: {
      readonly vendor: string
      readonly product: string
      readonly firmwareVersion: string
      readonly firmwareDate: string
      /** SHA-256 over the tables and the tree as far as verdicts depend on them. */
      readonly firmwareFingerprint: string
    }
    readonly interfaces: {
      readonly vfioType1: InterfaceReport
      readonly iommufd: InterfaceReport
      readonly vfioCdev: Answer
    }
  }
  readonly summary: {
    readonly verdict: Verdict
    readonly devices: Readonly<Record<Verdict, number>>
  }
  readonly devices: readonly DeviceReport[]
  readonly groups: readonly GroupReport[]
  readonly platformDevices: readonly PlatformDeviceReport[]
  readonly iommus: readonly IommuReport[]
  readonly msiControllers: readonly MsiControllerReport[]
  readonly findings: readonly FindingReport[]
  readonly unread: readonly UnreadReport[]
  /** What beside the verdicts decided the exit code; only where a policy or a baseline was given. */
  readonly gate?: GateSummary | undefined
  readonly exitCode: 0 | 1 | 3
}
