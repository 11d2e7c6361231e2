import { msiParentsOf } from '../../kernel/devicetree/of-msi-parent.js'
import { msiProviderOf } from '../../machine/devicetree-bindings.js'
import { isEnabled, walkNodes, type DeviceTreeNode } from '../../machine/devicetree.js'
import { treeRule, propertyEvidence, treeNodeEvidence, type TreeBridge, type TreeCase } from './devicetree-judgement.js'
import { binding, linuxOf } from '../firmware-references.js'
import type { OutcomeItem } from '../rule.js'

function framesOf(at: TreeCase): readonly DeviceTreeNode[] {
  return [...walkNodes(at.tree.root)].filter((node) => {
    const provider = msiProviderOf(node)
    const enabled = isEnabled(node)
    if (provider.state !== 'known' || provider.value === 'none') return false
    return provider.value.kind === 'gicv2m' && !(enabled.state === 'known' && !enabled.value)
  })
}

/** Every node that a bridge names as its MSI controller, with the property that does. */
function namedBy(at: TreeCase, bridge: TreeBridge): readonly (readonly [DeviceTreeNode, string])[] {
  const { msiMap } = bridge
  const mapped = msiMap.state === 'known' ? msiMap.reading.entries.map(({ target }) => target) : []
  const parents = msiParentsOf(at.tree, bridge.node, at.release).parents.map(({ node }) => node)
  const named = [
    ...[...new Set(mapped)].map((target) => [target, 'msi-map'] as const),
    ...[...new Set(parents)].map((target) => [target, 'msi-parent'] as const),
  ]
  return named.flatMap(([target, property]) => (typeof target === 'string' ? [] : [[target, property] as const]))
}

function ofBridge(at: TreeCase, bridge: TreeBridge, frames: readonly DeviceTreeNode[]): OutcomeItem[] {
  const [first] = frames
  return namedBy(at, bridge).flatMap(([target, property]): OutcomeItem[] => {
    const ordered = at.tree.ordered === true
    if (!first || !frames.includes(target) || frames.length === 1 || (ordered && target === first)) return []
    return [
      {
        subject: bridge.node.path,
        devices: bridge.functions,
        message: ordered ? 'later-frame' : 'order-unknown',
        details: {
          bridge: bridge.node.path,
          property,
          target: target.path,
          first: first.path,
        },
        linux:
          'Linux makes one MSI domain of all frames and finds it by the first alone: by another one there are no MSIs.',
        evidence: [propertyEvidence(bridge.node, property), treeNodeEvidence(target)],
      },
    ]
  })
}

export const gicv2mNotFirstFrame = treeRule({
  id: 'IR308',
  slug: 'gicv2m-not-first-frame',
  title: 'A host bridge names a GICv2m frame that is not the first',
  severity: 'medium',
  effect: 'none',
  checks:
    'The GICv2m frames that msi-map and msi-parent of the enabled host bridges name, against the order of the frames in the tree.',
  why: 'Linux makes one MSI domain of all frames and finds it by the first frame alone. A host bridge that names another one has no MSIs.',
  remedy: [{ actor: 'firmware', text: 'Let every host bridge name the first frame in the tree.' }],
  limits:
    'Under a GICv3 whose ITS works Linux takes no frame at all. A directory without the boot blob beside it does not tell the order.',
  references: [
    binding('interrupt-controller/arm,gic.yaml: v2m@'),
    linuxOf('drivers/irqchip/irq-gic-v2m.c: gicv2m_allocate_domains'),
  ],
  messages: {
    'later-frame': '{property} of {bridge} names the GICv2m frame {target}, the first is {first}{affects}.',
    'order-unknown':
      '{property} of {bridge} names one of several GICv2m frames, and which of them is the first cannot be told.',
  },
  judge: (at) => {
    const frames = framesOf(at)
    const items = at.bridges.flatMap((bridge) => ofBridge(at, bridge, frames))
    const told = at.tree.ordered === true
    return { failed: told ? items : [], unknown: told ? [] : items, applicable: frames.length > 0 }
  },
})
