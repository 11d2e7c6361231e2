import type { DeviceTreeNode } from '../../machine/devicetree.js'
import type { Provenance } from '../../machine/fact.js'
import type { IommuKind } from '../../machine/kinds.js'

/** The IOMMU that firmware puts in front of a function. */
export interface DescribedIommu {
  readonly kind: IommuKind
  /** Where it is described: an IORT node, a device-tree node, a VIOT node, a DRHD; or by the architecture itself. */
  readonly source: 'iort' | 'devicetree' | 'viot' | 'dmar' | 'ivrs' | 'architecture'
  readonly address?: bigint
  /** IORT node offset. */
  readonly iortOffset?: number
  readonly node?: DeviceTreeNode
  readonly nodePath?: string
  /** Device-tree node of the host bridge that the map was read from. */
  readonly bridgeNode?: DeviceTreeNode
  /** Address of the IOMMU's own PCI function, where it is one; of the function that it is for, where each has its own. */
  readonly ownFunction?: string
  /** Ids under which it knows the function's DMA. */
  readonly streamIds: readonly number[]
  readonly from: readonly Provenance[]
}
