import type {
  Answer,
  DeviceReport,
  EvidenceReport,
  FindingReport,
  GateErrno,
  GateOutcome,
  GateRule,
  GroupReport,
  IdList,
  IommuKind,
  MsiControllerKind,
  Report,
  Verdict,
} from '../types.js'

/** One witness of a link: described by firmware, probed by the kernel, or in use now. */
export interface WitnessReport {
  readonly answer: Answer
  readonly evidence: readonly EvidenceReport[]
}

interface Witnesses {
  readonly described: WitnessReport
  readonly probed: WitnessReport
  readonly inUse: WitnessReport
}

export interface RequesterIdReport {
  readonly requesterId: string
  /** The function that puts it on the bus: the device itself, or a bridge or sibling that speaks for it. */
  readonly emittedBy: string
}

export interface SharedWith {
  readonly address: string
  readonly iommuGroup: string
  /** Members of one group have one owner, so that sharing harms nobody. */
  readonly sameGroup: boolean
}

/** The way of the device's MSIs, link by link. */
export interface RouteReport {
  readonly function: {
    readonly requesterIds: readonly RequesterIdReport[] | 'unknown'
    readonly evidence: readonly EvidenceReport[]
  }
  readonly iommu: Witnesses & {
    readonly kind: IommuKind
    readonly name: string
    readonly streamIds: IdList
    readonly hostDomain: string
    /** Whether an IOMMU has taken the function, or will when vfio-pci binds to it. */
    readonly attachment: 'grouped' | 'later' | 'never' | 'not-awaited' | 'deferred' | 'never-or-deferred' | 'undecided'
  }
  readonly msiController: Witnesses & {
    readonly kind: MsiControllerKind
    readonly id: string
    readonly deviceIds: IdList
    readonly sharedWith: readonly SharedWith[] | 'unknown'
  }
  readonly doorbell: {
    readonly physical: string
    readonly window: DeviceReport['chain']['msiWindow']
    readonly evidence: readonly EvidenceReport[]
  }
}

export interface GateExplanation {
  readonly outcome: GateOutcome
  readonly errno: GateErrno
  /** The line in the kernel log that users will see; `none` where nothing is logged. */
  readonly logLine: string
}

/** What one release answers. */
export interface ReleaseAnswer {
  readonly release: string
  readonly gateRule: GateRule
  /** `release`, or the newest that is known where it is newer. */
  readonly gateRelease: string
  readonly isolatedMsi: Answer
  readonly vfioType1: GateExplanation
  readonly iommufd: GateExplanation
}

/** An answered question about the device. */
export interface QuestionReport {
  readonly id: string
  readonly question: string
  /** `yes`, `no`, `unknown`, or a few words where the question is not one of those. */
  readonly answer: string
  readonly because: string
  readonly evidence: readonly EvidenceReport[]
}

/** What is good to know and no fault. */
export interface NoteReport {
  readonly id: string
  readonly text: string
  readonly evidence: readonly EvidenceReport[]
}

/** A step that would change the verdict, by a rule that holds it down. */
export interface ChangeReport {
  readonly rule: string
  readonly actor: FindingReport['actor']
  readonly text: string
}

/** Everything about one device. Plain data; unknown is a string, never null. */
export interface DeviceExplanation {
  readonly schema: 'intremap/explanation'
  readonly schemaVersion: string
  readonly tool: Report['tool']
  readonly source: Report['source']
  readonly platform: Report['platform']
  readonly device: DeviceReport
  readonly group: GroupReport | 'none' | 'unknown'
  /** The weaker of the device's and its group's: what the exit code follows. */
  readonly effectiveVerdict: Verdict
  /** Members that make the group weaker than the device is by itself. */
  readonly weakerMembers: readonly string[]
  readonly route: RouteReport
  /** The answer of the release asked about. */
  readonly kernel: ReleaseAnswer
  /** The same question on releases of every era, oldest first, with the running one. */
  readonly releases: readonly ReleaseAnswer[]
  readonly questions: readonly QuestionReport[]
  readonly notes: readonly NoteReport[]
  /** Rules that did not pass for this device or for the machine as a whole. */
  readonly findings: readonly FindingReport[]
  readonly changes: readonly ChangeReport[]
  /** How many of the other rules passed, do not apply, or spoke of other devices only. */
  readonly otherRules: { readonly passed: number; readonly notApplicable: number; readonly otherDevices: number }
  readonly exitCode: 0 | 1 | 3
}
