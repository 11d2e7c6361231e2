import type { OfMapName } from '../../kernel/devicetree/of-map-cells.js'
import { msiParentsOf } from '../../kernel/devicetree/of-msi-parent.js'
import { ancestorsAndSelf, isAvailable, isEnabled, type DeviceTreeNode } from '../../machine/devicetree.js'
import { treeRule, propertyEvidence, type TreeBridge, type TreeCase } from './devicetree-judgement.js'
import { binding, linuxOf } from '../firmware-references.js'
import { functionsTo } from '../present-ids.js'
import type { OutcomeItem } from '../rule.js'

const LINUX = {
  'iommu-map':
    'Linux takes a disabled IOMMU for none: such a function works with its driver, reaches all of memory and never gets an IOMMU group.',
  'msi-map': 'Linux has no MSI domain of a disabled controller and takes the default of the bus.',
  'msi-parent': 'Linux has no MSI domain of a disabled controller: without another one there are no MSIs.',
} as const

/** The node that says so: the target itself or one above it. */
function disabledNode(target: DeviceTreeNode): DeviceTreeNode {
  for (const node of ancestorsAndSelf(target)) {
    const enabled = isEnabled(node)
    if (enabled.state === 'known' && !enabled.value) return node
  }
  return target
}

function item(
  bridge: TreeBridge,
  property: OfMapName | 'msi-parent',
  target: DeviceTreeNode,
  devices: readonly string[],
): OutcomeItem {
  const off = disabledNode(target)
  return {
    subject: bridge.node.path,
    devices,
    message: off === target ? 'disabled' : 'below-disabled',
    details: {
      bridge: bridge.node.path,
      property,
      target: target.path,
      disabled: off.path,
    },
    linux: LINUX[property],
    evidence: [propertyEvidence(bridge.node, property), propertyEvidence(off, 'status')],
  }
}

/** Every disabled target of a map once. */
function ofMaps(at: TreeCase, bridge: TreeBridge): OutcomeItem[] {
  return bridge.maps.flatMap(({ name, map }) => {
    const targets = new Set(
      map.reading.entries.flatMap(({ target }) => (typeof target === 'string' || isAvailable(target) ? [] : [target])),
    )
    const kind = name === 'iommu-map' ? 'StreamID' : 'DeviceID'
    return [...targets].map((target) => item(bridge, name, target, functionsTo(at, kind, target, bridge)))
  })
}

function ofParents(at: TreeCase, bridge: TreeBridge): OutcomeItem[] {
  if (bridge.msiMap.state !== 'absent') return []
  return msiParentsOf(at.tree, bridge.node, at.release).parents.flatMap(({ node }) =>
    isAvailable(node) ? [] : [item(bridge, 'msi-parent', node, bridge.functions)],
  )
}

export const mapTargetDisabled = treeRule({
  id: 'IR302',
  slug: 'map-target-disabled',
  title: 'A host bridge is mapped to a disabled controller',
  severity: 'medium',
  effect: 'none',
  checks:
    'The status of every node that iommu-map, msi-map and msi-parent of the enabled host bridges name, and of the nodes above it.',
  why: 'The description promises an IOMMU or an ITS that the kernel does not start. The device works all the same, without the protection.',
  remedy: [
    {
      actor: 'firmware',
      text: 'Enable the node, or remove the map where the controller is not for this operating system.',
    },
  ],
  limits: 'A boot loader or an overlay may still change the status of a blob before Linux sees it.',
  references: [
    binding('pci/pci-iommu.txt'),
    { kind: 'specification', title: 'Devicetree Specification 0.4', locator: 'section 2.3.4, status' },
    linuxOf('drivers/iommu/of_iommu.c: of_iommu_xlate'),
  ],
  messages: {
    disabled: '{property} of {bridge} leads to {target}, which is disabled{affects}.',
    'below-disabled': '{property} of {bridge} leads to {target} below {disabled}, which is disabled{affects}.',
  },
  judge: (at) => ({
    failed: at.bridges.flatMap((bridge) => [...ofMaps(at, bridge), ...ofParents(at, bridge)]),
    applicable: at.bridges.length > 0,
  }),
})
