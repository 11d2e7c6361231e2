import type { IortTable } from '../../machine/iort.js'
import { ancestorsAndSelf, hasProperty, type DeviceTreeNode } from '../../machine/devicetree.js'
import type { Fact } from '../../machine/fact.js'
import type { Answer, IommuKind } from '../../machine/kinds.js'
import { anyOf } from '../decision.js'
import { iortNodeAt } from '../iort/iort-walk.js'

/** Where an IOMMU is described: its IORT node, its device-tree node, or neither. */
export interface IommuDescription {
  readonly iort?: { readonly table: IortTable; readonly offset: number } | undefined
  readonly node?: DeviceTreeNode | undefined
  /** The host bridge above the function, for the device's own coherency. */
  readonly bridgeNode?: DeviceTreeNode | undefined
  /** The IORT root complex says the device is coherent (memory access properties, CCA). */
  readonly rootComplexCoherent?: Answer | undefined
}

function answerOf(fact: Fact<boolean>): Answer {
  return fact.state !== 'known' ? 'unknown' : fact.value ? 'yes' : 'no'
}

/** What a node says of itself, where `above` is what its ancestors say. `dma-coherent` is looked at first. */
function coherentBelow(above: Answer, node: DeviceTreeNode): Answer {
  const coherent = answerOf(hasProperty(node, 'dma-coherent'))
  if (coherent === 'yes') return 'yes'
  const noncoherent = answerOf(hasProperty(node, 'dma-noncoherent'))
  const otherwise = noncoherent === 'yes' ? 'no' : noncoherent === 'no' || above === 'no' ? above : 'unknown'
  return coherent === 'no' || otherwise === 'yes' ? otherwise : 'unknown'
}

/**
 * The nearest of `dma-coherent` and `dma-noncoherent` on the node and its ancestors; neither is not coherent. K:
 * drivers/of/address.c, of_dma_is_coherent (5.19 does not know the second yet); seen on 6.12.
 */
export function isDmaCoherent(node: DeviceTreeNode): Answer {
  return [...ancestorsAndSelf(node)].reduceRight<Answer>(coherentBelow, 'no')
}

/**
 * Whether the IOMMU's driver reports IOMMU_CAP_CACHE_COHERENCY for a function behind it; without it vfio-pci refuses
 * every device, -EINVAL, from 5.19 on (K: drivers/vfio/vfio_main.c; arm_smmu_capable of both SMMU drivers).
 */
export function reportsCacheCoherency(kind: IommuKind, description: IommuDescription): Answer {
  switch (kind) {
    case 'vt-d':
    case 'amd-vi':
    case 'virtio-iommu':
      return 'yes'
    case 'riscv':
      return 'no'
    case 'smmuv3': {
      // Firmware alone decides: the register IDR0.COHACC is only compared.
      const { iort, node } = description
      if (iort) {
        const smmu = iortNodeAt(iort.table, iort.offset)
        return smmu?.type === 'smmuv3' ? ((smmu.flags & 1) !== 0 ? 'yes' : 'no') : 'unknown'
      }
      return node ? isDmaCoherent(node) : 'unknown'
    }
    case 'smmuv2': {
      const { iort, node, bridgeNode } = description
      if (iort) {
        const smmu = iortNodeAt(iort.table, iort.offset)
        const walk: Answer = smmu?.type === 'smmu' ? ((smmu.flags & 2) !== 0 ? 'yes' : 'no') : 'unknown'
        return anyOf([walk, description.rootComplexCoherent ?? 'unknown'])
      }
      if (!node) return 'unknown'
      return anyOf([isDmaCoherent(node), bridgeNode ? isDmaCoherent(bridgeNode) : 'unknown'])
    }
    case 'other':
    case 'none':
    case 'unknown':
      return 'unknown'
  }
}
