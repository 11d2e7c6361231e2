import type { MsiInUse } from '../kernel/msi/chips-in-use.js'
import type { KernelContext } from '../kernel/context.js'
import type { Decision } from '../kernel/decision.js'
import type { Attachment } from '../kernel/iommu/iommu-attachment.js'
import type { DescribedIommu } from '../kernel/iommu/described-iommu.js'
import type { MsiWindow } from '../kernel/iommu/group-regions.js'
import type { GroupsByFunction } from '../kernel/iommu/iommu-group.js'
import type { IdMap } from '../kernel/ids/id-map.js'
import type { ControllerList } from '../kernel/msi/controller-list.js'
import type { MsiController } from '../kernel/msi/msi-controller.js'
import type { DescribedMsi } from '../kernel/msi/described-msi.js'
import type { Answer, IommuKind, MsiControllerKind, Strength } from '../machine/kinds.js'
import type { IommuGroup, IommuInstance } from '../machine/iommu.js'
import type { PciFunction } from '../machine/pci.js'

export type Role = 'endpoint' | 'bridge' | 'iommu' | 'chipset'

/** The IOMMU in front of a function, joined from what is described, probed and in use. */
export interface IommuLink {
  readonly kind: IommuKind
  /** Name in `/sys/class/iommu`, else the described node's. */
  readonly name: string
  readonly described: Decision<DescribedIommu | 'none'>
  readonly instance: IommuInstance | undefined
  /** Nobody collected the IOMMUs that are driven, and the log shows the described one at work. */
  readonly drivenByLog: boolean
  readonly attachment: Attachment
  readonly group: IommuGroup | undefined
  readonly streamIds: readonly number[] | 'unknown'
  /** Type of the group's default domain, `none` without a group. */
  readonly hostDomain: string
}

/** The MSI controller behind a function, joined likewise. */
export interface MsiLink {
  readonly kind: MsiControllerKind
  readonly controller: MsiController | undefined
  readonly described: Decision<DescribedMsi>
  readonly inUse: MsiInUse
  readonly deviceIds: readonly number[] | 'unknown'
  /** R_dev: whether the domain the device carries has payload isolation, as the kernel's predicate finds it. */
  readonly isolated: Answer
}

/** One function's way: RequesterIDs, StreamIDs and IOMMU, MSI controller and DeviceIDs, doorbell, MSI window. */
export interface Route {
  readonly fn: PciFunction
  readonly role: Role
  /** Own RequesterID first, then its DMA aliases. */
  readonly requesterIds: readonly number[] | 'unknown'
  readonly iommu: IommuLink
  readonly msi: MsiLink
  readonly window: MsiWindow
  readonly strength: Strength
}

/** Members of a group by whether their driver keeps it from user space. */
export interface GroupHolders {
  /** With the driver that holds each. */
  readonly holding: ReadonlyMap<string, string>
  readonly untold: ReadonlySet<string>
}

/** Every function's route on one machine under one kernel release. */
export interface RouteMap {
  readonly context: KernelContext
  /** In address order. */
  readonly routes: readonly Route[]
  readonly byName: ReadonlyMap<string, Route>
  /** Members by group id, in address order. */
  readonly byGroup: ReadonlyMap<string, readonly Route[]>
  /** Members whose drivers keep a group from user space, by group id. */
  readonly holders: ReadonlyMap<string, GroupHolders>
  /** The group that each function is in already. */
  readonly groupsByFunction: GroupsByFunction
  /** The functions behind each VMD, by its name. */
  readonly behind: ReadonlyMap<string, ReadonlySet<string>>
  readonly controllers: ControllerList
  /** Which ids firmware gives to whom, those of functions still to come included. */
  readonly ids: IdMap
}
