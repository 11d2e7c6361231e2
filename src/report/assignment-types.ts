import type { Answer, MsiControllerKind } from '../machine/kinds.js'

export type ObstacleCode =
  | 'no-group'
  | 'probe-deferred'
  | 'no-cache-coherency'
  | 'group-not-viable'
  | 'direct-region'
  | 'mixed-msi-regions'
  | 'bound-elsewhere'
  | 'denylisted'
  | 'driver-override'
  | 'no-reset'
  | 'noiommu-mode'

/** A capability by which a function raises interrupts; `vectors` is what it may have at most. */
export interface MsiCapabilityReport {
  readonly present: Answer
  readonly enabled: Answer
  readonly vectors: number | 'unknown'
}

/** What a function has and is, apart from any verdict. */
export interface HardwareReport {
  readonly msi: MsiCapabilityReport
  readonly msix: MsiCapabilityReport
  /** Interrupts that its driver holds now. */
  readonly vectorsInUse: number | 'unknown'
  /** Bridges above it, nearest last; empty on the root bus. */
  readonly upstream: readonly string[] | 'unknown'
  /** Of a virtual function. */
  readonly physicalFunction: string
  /** Place among the virtual functions of its physical function, from 0. */
  readonly virtualFunctionIndex: number | 'none' | 'unknown'
  readonly numaNode: number | 'none' | 'unknown'
  /** The only driver that may bind. */
  readonly driverOverride: string
  /** Name below /dev/vfio/devices. */
  readonly vfioDevice: string
}

/** What stops a function from being handed out. */
export type AssignableReason =
  | ObstacleCode
  | 'not-isolated'
  | 'isolation-unknown'
  | 'kernel-refuses'
  | 'kernel-unknown'
  | 'interface-absent'
  | 'viability-unknown'
  | 'no-endpoint'

/** Whether a function may be handed out now, all told. */
export interface AssignableReport {
  readonly answer: Answer
  /** Through which interfaces. */
  readonly interfaces: readonly ('vfioType1' | 'iommufd')[]
  readonly reasons: readonly AssignableReason[]
}

/** A condition, never a verdict: what follows if all that only root reads confirms what is in use. */
export interface IfConfirmedReport {
  readonly verdict: 'isolated' | 'isolated-with-caveats'
  /** The controller that checks the interrupts in use. */
  readonly checkedBy: MsiControllerKind
  /** What root would learn: ways past the IOMMU, the controller that firmware describes, shared ids, what other rules ask. */
  readonly open: readonly ('iommu' | 'msi-controller' | 'shared-device-id' | 'rules')[]
}

/** What the kernel offers to hand devices out with. */
export interface InterfaceReport {
  /** Its device node is there and the kernel has it. */
  readonly offered: Answer
  /** Its module has a directory in /sys/module. */
  readonly moduleLoaded: Answer
  /** `allow_unsafe_interrupts`, as it is or will be once the module is loaded. */
  readonly unsafeInterruptsAllowed: Answer
}
